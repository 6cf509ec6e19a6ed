#include "server/tls/http_tls_context.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <string_view>

namespace auscult::server {
namespace {

// Forward secrecy and authenticated encryption only (RFC 9325, 4.2); those of TLS 1.3 all are.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr char kCurves[] = "X25519:P-256:P-384";
constexpr unsigned char kProtocols[] = "\x08http/1.1";
constexpr unsigned char kSessions[] = "auscultd";

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using MemoryBio = std::unique_ptr<BIO, decltype(&BIO_free)>;

MemoryBio Reader(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

// A client that names protocols and not this one speaks no HTTP/1.1 (RFC 7301, 3.2).
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(&found, size, kProtocols, sizeof(kProtocols) - 1,
                                           offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool UseOwn(SSL_CTX* context, const TlsMaterial& material) {
  const MemoryBio chain = Reader(material.cert_pem), secret = Reader(material.key_pem);
  const Certificate own(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr), &X509_free);
  const Key key(PEM_read_bio_PrivateKey(secret.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (SSL_CTX_use_certificate(context, own.get()) != 1) return false;
  while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
    const Certificate between(next, &X509_free);
    if (SSL_CTX_add1_chain_cert(context, between.get()) != 1) return false;
  }
  ERR_clear_error();  // the end of the file
  return SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

bool AskForClients(SSL_CTX* context, const TlsMaterial& material, bool required) {
  if (material.client_ca_pem.empty()) return true;
  const MemoryBio authorities = Reader(material.client_ca_pem);
  while (X509* next = PEM_read_bio_X509(authorities.get(), nullptr, nullptr, nullptr)) {
    const Certificate authority(next, &X509_free);
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context, authority.get()) != 1) {
      return false;
    }
  }
  ERR_clear_error();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  return true;
}

}  // namespace

std::shared_ptr<SSL_CTX> MakeHttpTlsContext(const TlsMaterial& material, bool requires_client_cert,
                                            std::string& why) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  SSL_CTX* const raw = context.get();
  const bool made = raw != nullptr && SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_cipher_list(raw, kCiphers) == 1 &&
                    SSL_CTX_set1_groups_list(raw, kCurves) == 1 &&
                    SSL_CTX_set_session_id_context(raw, kSessions, sizeof(kSessions) - 1) == 1 &&
                    UseOwn(raw, material) && AskForClients(raw, material, requires_client_cert);
  if (!made) {
    const unsigned long error = ERR_get_error();
    const char* reason = ERR_reason_error_string(error);
    why = reason == nullptr ? "OpenSSL does not say why" : reason;
    ERR_clear_error();
    return nullptr;
  }
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // Sessions are with the clients, in tickets, so that they take no memory here.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(raw, &ChooseProtocol, nullptr);
  return context;
}

}  // namespace auscult::server
