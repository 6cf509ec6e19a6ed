#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>

namespace auscult::support {

// A certificate and its private key, in PEM.
struct MadeCertificate {
  std::string cert, key;
};

inline void WriteFile(const std::string& path, const std::string& text, mode_t mode = 0600) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  chmod(path.c_str(), mode);
}

// Signs certificates for tests, by keys on P-256 that are made when it is.
class MadeAuthority {
 public:
  static constexpr long kDay = 86400;

  explicit MadeAuthority(const std::string& name = "made authority") : key_(NewKey()) {
    cert_ = Make(name, key_.get(), nullptr, -kDay, 30 * kDay, "critical,CA:TRUE", "");
    pem_ = PemOf(cert_.get());
  }

  const std::string& pem() const { return pem_; }

  // For localhost and 127.0.0.1, valid from and to so many seconds from now.
  MadeCertificate Issue(const std::string& name, long from_s = -kDay, long to_s = 30 * kDay) const {
    const Key key = NewKey();
    const Certificate cert = Make(name, key.get(), cert_.get(), from_s, to_s, "CA:FALSE",
                                  "DNS:localhost,IP:127.0.0.1,DNS:" + name);
    return {PemOf(cert.get()), PemOf(key.get())};
  }

  // The same key as a file that asks for a passphrase.
  static std::string Locked(const std::string& key_pem) {
    const Bio in(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())), &BIO_free);
    const Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    const Bio out(BIO_new(BIO_s_mem()), &BIO_free);
    const unsigned char phrase[] = "secret";
    PEM_write_bio_PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), phrase, 6, nullptr, nullptr);
    return TextOf(out.get());
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
  using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

  static Key NewKey() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }
  static std::string TextOf(BIO* bio) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    return {text, static_cast<size_t>(size)};
  }
  static std::string PemOf(X509* cert) {
    const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(bio.get(), cert);
    return TextOf(bio.get());
  }
  static std::string PemOf(EVP_PKEY* key) {
    const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return TextOf(bio.get());
  }
  static void Extend(X509* cert, X509* issuer, int kind, const std::string& value) {
    if (value.empty()) return;
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
    X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    X509_add_ext(cert, made, -1);
    X509_EXTENSION_free(made);
  }

  // Of itself where `issuer` is null.
  Certificate Make(const std::string& name, EVP_PKEY* key, X509* issuer, long from_s, long to_s,
                   const std::string& constraints, const std::string& names) const {
    static long serial = 0;
    Certificate cert(X509_new(), &X509_free);
    X509_set_version(cert.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), from_s);
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), to_s);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509* const by = issuer == nullptr ? cert.get() : issuer;
    X509_set_issuer_name(cert.get(), X509_get_subject_name(by));
    X509_set_pubkey(cert.get(), key);
    Extend(cert.get(), by, NID_basic_constraints, constraints);
    Extend(cert.get(), by, NID_subject_alt_name, names);
    X509_sign(cert.get(), key_.get(), EVP_sha256());
    return cert;
  }

  const Key key_;
  Certificate cert_{nullptr, &X509_free};
  std::string pem_;
};

}  // namespace auscult::support
