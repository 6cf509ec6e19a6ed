// Whole servers with certificates: both ports, their renewal, who may connect and from where.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "db/postgres.h"
#include "server/server.h"
#include "tests/server/data_folder.h"
#include "tests/server/raw_call.h"
#include "tests/server/rest/raw_http.h"
#include "tests/support/made_certificates.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::server {
namespace {

using rest::RawHttp;
using support::MadeAuthority;
using support::MadeCertificate;
using support::WriteFile;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kGet[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 100; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

class TlsServer : public ::testing::Test {
 protected:
  TlsServer() {
    mkdir(folder_.path().c_str(), 0700);
    config_.listen = "127.0.0.1:0";
    config_.rest_listen = "127.0.0.1:0";
    config_.web_dir = "/nowhere";
    config_.database = database_.conninfo();
    config_.tls_cert = folder_.path() + "/cert.pem";
    config_.tls_key = folder_.path() + "/key.pem";
    Put(authority_.Issue("first.example"));
  }

  void Put(const MadeCertificate& made) {
    WriteFile(config_.tls_key, made.key);
    WriteFile(config_.tls_cert, made.cert);
  }
  void AskForClients(const char* whether) {
    config_.tls_client_ca = folder_.path() + "/clients.pem";
    config_.tls_client_certs = whether;
    WriteFile(config_.tls_client_ca, clients_.pem());
  }
  std::unique_ptr<Server> StartServer() {
    auto server = Server::Start(config_);
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }
  std::string Refusal() { return std::string(Server::Start(config_).status().message()); }

  // Health over gRPC, with a connection of its own.
  grpc::Status Grpc(const Server& server, const std::string& ca,
                    const MadeCertificate& own = {}) const {
    return Grpc(server, grpc::SslCredentials({ca, own.key, own.cert}));
  }
  static grpc::Status Grpc(const Server& server,
                           const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt("grpc.use_local_subchannel_pool", 1);
    return AskHealth(grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server.port()),
                                               credentials, arguments),
                     "")
        .status;
  }

  // Name of the certificate of HTTP; "" where there is no handshake.
  std::string HttpName(const Server& server) {
    const RawHttp client(server.rest_port(), Context({}).get());
    if (!client.connected()) return "";
    X509* const shown = SSL_get1_peer_certificate(client.ssl());
    char name[64] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, name, sizeof(name));
    X509_free(shown);
    return name;
  }
  // What HTTP answers; "" where it does not.
  std::string Http(const Server& server, const MadeCertificate& own = {}) {
    const auto context = Context(own);
    RawHttp client(server.rest_port(), context.get());
    return client.connected() && client.Send(kGet) ? client.ReadAll() : "";
  }
  static std::shared_ptr<SSL_CTX> Context(const MadeCertificate& own) {
    const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    if (own.cert.empty()) return context;
    const std::string both = own.cert + own.key;
    BIO* const bio = BIO_new_mem_buf(both.data(), static_cast<int>(both.size()));
    X509* const cert = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context.get(), cert);
    SSL_CTX_use_PrivateKey(context.get(), key);
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(bio);
    return context;
  }

  support::TestDatabase database_{support::TestDatabase::Empty{}};
  DataFolder folder_;
  MadeAuthority authority_, clients_{"clients"}, strangers_{"strangers"};
  Config config_;
};

TEST_F(TlsServer, SpeaksItOnBothPortsAndNothingElse) {
  const auto server = StartServer();
  ASSERT_NE(server, nullptr);
  EXPECT_TRUE(Grpc(*server, authority_.pem()).ok());
  EXPECT_EQ(Grpc(*server, strangers_.pem()).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Grpc(*server, grpc::InsecureChannelCredentials()).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(Http(*server),
              AllOf(StartsWith("HTTP/1.1 200 "),
                    HasSubstr("\r\nStrict-Transport-Security: max-age=31536000\r\n")));
  RawHttp monitor(server->rest_port(), Context({}).get());
  monitor.Send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(monitor.ReadAll(), HasSubstr("\nauscult_tls_certificate_expiry_timestamp_seconds "));
  RawHttp plain(server->rest_port());
  plain.Send(kGet);
  EXPECT_EQ(plain.ReadAll(), "");
  EXPECT_THAT(server->Description(),
              AllOf(HasSubstr("(gRPC; from this machine only, TLS, everybody may do everything)"),
                    HasSubstr("https://127.0.0.1:" + std::to_string(server->rest_port()) + "/")));
}

TEST_F(TlsServer, TakesNewCertificatesWithoutARestartAndKeepsTheOldOnesForBrokenFiles) {
  const auto server = StartServer();
  ASSERT_NE(server, nullptr);
  const auto kept = grpc::CreateChannel("127.0.0.1:" + std::to_string(server->port()),
                                        grpc::SslCredentials({authority_.pem(), "", ""}));
  EXPECT_TRUE(AskHealth(kept, "").status.ok());
  EXPECT_EQ(HttpName(*server), "first.example");

  WriteFile(config_.tls_cert, "-----BEGIN CERTIFICATE-----\nbroken\n");
  std::this_thread::sleep_for(std::chrono::seconds(3));  // longer than it takes to notice
  EXPECT_TRUE(Grpc(*server, authority_.pem()).ok());
  EXPECT_EQ(HttpName(*server), "first.example");

  const MadeAuthority next("next authority");
  Put(next.Issue("second.example"));
  EXPECT_TRUE(Eventually([&] { return HttpName(*server) == "second.example"; }));
  EXPECT_TRUE(Eventually([&] { return Grpc(*server, next.pem()).ok(); }));
  EXPECT_FALSE(Grpc(*server, authority_.pem()).ok());
  EXPECT_TRUE(AskHealth(kept, "").status.ok()) << "a connection from before lives on";
}

TEST_F(TlsServer, WantsCertificatesOfClientsWhereTheyAreRequired) {
  AskForClients("required");
  const auto server = StartServer();
  ASSERT_NE(server, nullptr);
  EXPECT_FALSE(Grpc(*server, authority_.pem()).ok());
  EXPECT_FALSE(Grpc(*server, authority_.pem(), strangers_.Issue("edge-7")).ok());
  EXPECT_FALSE(Grpc(*server, authority_.pem(), clients_.Issue("edge-7", -7200, -3600)).ok());
  EXPECT_TRUE(Grpc(*server, authority_.pem(), clients_.Issue("edge-7")).ok());
  EXPECT_EQ(Http(*server), "");
  EXPECT_EQ(Http(*server, strangers_.Issue("edge-7")), "");
  EXPECT_EQ(Http(*server, clients_.Issue("edge-7", -7200, -3600)), "");
  EXPECT_THAT(Http(*server, clients_.Issue("edge-7")), StartsWith("HTTP/1.1 200 "));
}

TEST_F(TlsServer, ChecksThoseThatAreShownWhereTheyAreOptional) {
  AskForClients("optional");
  const auto server = StartServer();
  ASSERT_NE(server, nullptr);
  EXPECT_TRUE(Grpc(*server, authority_.pem()).ok());
  EXPECT_TRUE(Grpc(*server, authority_.pem(), clients_.Issue("edge-7")).ok());
  EXPECT_FALSE(Grpc(*server, authority_.pem(), strangers_.Issue("edge-7")).ok());
  EXPECT_THAT(Http(*server), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Http(*server, clients_.Issue("edge-7")), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(Http(*server, strangers_.Issue("edge-7")), "");
}

TEST_F(TlsServer, SaysAtTheStartWhatIsWrongWithAFile) {
  WriteFile(config_.tls_key, authority_.Issue("other").key);
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("tls_key: "), HasSubstr("is not the key")));
}

TEST_F(TlsServer, ListensToOthersOnlyOnceCallersAreAskedWhoTheyAre) {
  config_.listen = "0.0.0.0:0";
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("listen: "), HasSubstr("nobody is asked who he is"),
                               HasSubstr("auscult keys create")));
  config_.listen = "127.0.0.1:0";
  config_.rest_listen = "0.0.0.0:0";
  EXPECT_THAT(Refusal(), HasSubstr("rest_listen: "));
  auto connection = db::Connection::Open(database_.conninfo());
  ASSERT_TRUE(connection.ok()) << connection.status();
  ASSERT_TRUE((*connection)
                  ->Execute("INSERT INTO access_key (slug, grants, certificate) "
                            "VALUES ('edge-7', '[{\"role\": 4, \"site\": \"sites/-\"}]', 'edge-7')")
                  .ok());
  config_.listen = "0.0.0.0:0";
  const auto server = StartServer();
  ASSERT_NE(server, nullptr);
  EXPECT_THAT(server->Description(), HasSubstr("(gRPC; from other machines too, TLS)"));
  EXPECT_TRUE(Grpc(*server, authority_.pem()).ok());
}

TEST_F(TlsServer, StandsBeforeAnotherServerByTls) {
  const auto behind = StartServer();
  ASSERT_NE(behind, nullptr);
  config_.roles = "rest";
  config_.rest_upstream = "127.0.0.1:" + std::to_string(behind->port());
  const auto ready = [&] {
    const auto server = StartServer();
    RawHttp client(server->rest_port(), Context({}).get());
    client.Send("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    return client.ReadAll();
  };
  EXPECT_THAT(ready(), StartsWith("HTTP/1.1 503 "));
  config_.rest_upstream_ca = folder_.path() + "/upstream.pem";
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("rest_upstream_ca: "), HasSubstr("cannot be read")));
  WriteFile(config_.rest_upstream_ca, strangers_.pem());
  EXPECT_THAT(ready(), StartsWith("HTTP/1.1 503 "));
  WriteFile(config_.rest_upstream_ca, authority_.pem());
  EXPECT_THAT(ready(), StartsWith("HTTP/1.1 200 "));
  // Open to others it would open the server behind it, which asks nobody who he is.
  config_.rest_listen = "0.0.0.0:0";
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("rest_listen: "), HasSubstr("nobody is asked")));
}

}  // namespace
}  // namespace auscult::server
