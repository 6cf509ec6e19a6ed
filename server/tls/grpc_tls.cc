#include "server/tls/grpc_tls.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <mutex>
#include <string>
#include <utility>

namespace auscult::server {
namespace {

grpc_ssl_client_certificate_request_type RequestType(const TlsFiles& files) {
  if (files.client_ca.empty()) return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
  return files.requires_client_cert ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                    : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
}

// The C++ interface of gRPC has no way to change certificates that keeps the old ones where the new
// ones are refused; that of C asks for them at each connection.
class WatchedCredentials : public grpc::ServerCredentials {
 public:
  explicit WatchedCredentials(std::shared_ptr<const TlsWatch> watch)
      : watch_(std::move(watch)),
        credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                RequestType(watch_->files()), &Fetch, this))) {}
  ~WatchedCredentials() override { grpc_server_credentials_release(credentials_); }
  WatchedCredentials(const WatchedCredentials&) = delete;
  WatchedCredentials& operator=(const WatchedCredentials&) = delete;

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<WatchedCredentials*>(self)->Fetch(config);
  }

  grpc_ssl_certificate_config_reload_status Fetch(grpc_ssl_server_certificate_config** config) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const TlsMaterial> current = watch_->current();
    if (current == taken_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair{current->key_pem.c_str(), current->cert_pem.c_str()};
    // gRPC asserts that there are authorities of clients, even where it asks no client for anything.
    const std::string& authorities =
        current->client_ca_pem.empty() ? current->cert_pem : current->client_ca_pem;
    *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
    taken_ = std::move(current);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const std::shared_ptr<const TlsWatch> watch_;
  std::mutex mutex_;
  std::shared_ptr<const TlsMaterial> taken_;
  grpc_server_credentials* const credentials_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> GrpcTlsCredentials(std::shared_ptr<const TlsWatch> watch) {
  return std::make_shared<WatchedCredentials>(std::move(watch));
}

}  // namespace auscult::server
