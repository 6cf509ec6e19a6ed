#include "server/tls/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/tls/http_tls_context.h"

namespace auscult::server {
namespace {

constexpr size_t kLargestFile = 1 << 20;

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using MemoryBio = std::unique_ptr<BIO, decltype(&BIO_free)>;

absl::Status Broken(const char* setting, const std::string& path, const std::string& what) {
  return absl::FailedPreconditionError(absl::StrCat(setting, ": ", path, " ", what));
}

MemoryBio Reader(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

absl::StatusOr<std::string> ReadFile(const char* setting, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  struct stat found {};
  if (stat(path.c_str(), &found) != 0 || !file) {
    return Broken(setting, path,
                  absl::StrCat("cannot be read: ", std::strerror(errno),
                               "; name a file that the user of auscultd may read"));
  }
  if (!S_ISREG(found.st_mode) || static_cast<size_t>(found.st_size) > kLargestFile) {
    return Broken(setting, path, "is no file of certificates or keys (PEM)");
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// As libpq has it: 0600, or 0640 where root owns the file and a group lets services read it.
absl::Status CheckKeyPermissions(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return absl::OkStatus();  // ReadFile says so
  const mode_t refused = found.st_uid == 0 ? S_IRWXO | S_IWGRP | S_IXGRP : S_IRWXO | S_IRWXG;
  if ((found.st_mode & refused) == 0) return absl::OkStatus();
  return Broken("tls_key", path, absl::StrCat("can be read by others; chmod 600 ", path));
}

std::vector<Certificate> ParseCertificates(const std::string& pem) {
  std::vector<Certificate> found;
  const MemoryBio bio = Reader(pem);
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    found.emplace_back(next, &X509_free);
  }
  const bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!whole) found.clear();
  return found;
}

std::string TextOf(const ASN1_TIME* time) {
  tm parts{};
  char text[32] = "";
  if (ASN1_TIME_to_tm(time, &parts) == 1) {
    std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &parts);
  }
  return text;
}

std::string SubjectOf(const X509* certificate) {
  const MemoryBio bio(BIO_new(BIO_s_mem()), &BIO_free);
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0,
                     XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

absl::Status CheckDates(const char* setting, const std::string& path, const X509* certificate) {
  const ASN1_TIME* from = X509_get0_notBefore(certificate);
  const ASN1_TIME* to = X509_get0_notAfter(certificate);
  if (X509_cmp_current_time(to) < 0) {
    return Broken(setting, path,
                  absl::StrCat("holds a certificate that expired on ", TextOf(to), " (",
                               SubjectOf(certificate), "); put a new one there"));
  }
  if (X509_cmp_current_time(from) > 0) {
    return Broken(setting, path,
                  absl::StrCat("holds a certificate that is not valid before ", TextOf(from), " (",
                               SubjectOf(certificate), "); see that the clock is right"));
  }
  return absl::OkStatus();
}

// PEM that asks for a passphrase gets none.
int NoPassphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

absl::StatusOr<Key> ParseKey(const std::string& path, const std::string& pem) {
  bool is_encrypted = false;
  const MemoryBio bio = Reader(pem);
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, &is_encrypted),
          &EVP_PKEY_free);
  ERR_clear_error();
  if (is_encrypted) {
    return Broken("tls_key", path,
                  "is locked by a passphrase, and nobody is there to type it; store it without one "
                  "(openssl pkey -in KEY -out NEW_KEY)");
  }
  if (key == nullptr) {
    return Broken("tls_key", path, "holds no private key (PEM, -----BEGIN PRIVATE KEY-----)");
  }
  return key;
}

absl::Status CheckClientCa(const std::string& path, const std::string& pem) {
  const std::vector<Certificate> authorities = ParseCertificates(pem);
  if (authorities.empty()) {
    return Broken("tls_client_ca", path, "holds no certificate (PEM, -----BEGIN CERTIFICATE-----)");
  }
  for (const Certificate& authority : authorities) {
    if (X509_check_ca(authority.get()) == 0) {
      return Broken("tls_client_ca", path,
                    absl::StrCat("holds a certificate that may not sign others (",
                                 SubjectOf(authority.get()), "); put the one of its CA there"));
    }
    const absl::Status dates = CheckDates("tls_client_ca", path, authority.get());
    if (!dates.ok()) return dates;
  }
  return absl::OkStatus();
}

absl::Status CheckPair(const TlsFiles& files, TlsMaterial& material) {
  const std::vector<Certificate> chain = ParseCertificates(material.cert_pem);
  if (chain.empty()) {
    return Broken("tls_cert", files.cert,
                  "holds no certificate (PEM, -----BEGIN CERTIFICATE-----)");
  }
  for (const Certificate& certificate : chain) {
    const absl::Status dates = CheckDates("tls_cert", files.cert, certificate.get());
    if (!dates.ok()) return dates;
  }
  const absl::StatusOr<Key> key = ParseKey(files.key, material.key_pem);
  if (!key.ok()) return key.status();
  const X509* own = chain.front().get();
  if (X509_check_private_key(own, key->get()) != 1) {
    ERR_clear_error();
    return Broken("tls_key", files.key,
                  absl::StrCat("is not the key of the first certificate in ", files.cert, " (",
                               SubjectOf(own), "); replace both together"));
  }
  material.subject = SubjectOf(own);
  tm parts{};
  ASN1_TIME_to_tm(X509_get0_notAfter(own), &parts);
  material.expires = std::chrono::system_clock::from_time_t(timegm(&parts));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsMaterial> ReadTlsFiles(const TlsFiles& files) {
  TlsMaterial material;
  struct File {
    const char* setting;
    const std::string& path;
    std::string& pem;
  };
  if (absl::Status status = CheckKeyPermissions(files.key); !status.ok()) return status;
  for (const File& file : {File{"tls_cert", files.cert, material.cert_pem},
                           File{"tls_key", files.key, material.key_pem},
                           File{"tls_client_ca", files.client_ca, material.client_ca_pem}}) {
    if (file.path.empty()) continue;
    absl::StatusOr<std::string> text = ReadFile(file.setting, file.path);
    if (!text.ok()) return text.status();
    file.pem = *std::move(text);
  }
  absl::Status status = CheckPair(files, material);
  if (status.ok() && !files.client_ca.empty()) {
    status = CheckClientCa(files.client_ca, material.client_ca_pem);
  }
  if (!status.ok()) return status;
  std::string why;
  material.http_context = MakeHttpTlsContext(material, files.requires_client_cert, why);
  if (material.http_context == nullptr) {
    return Broken("tls_cert", files.cert, absl::StrCat("cannot be used: ", why));
  }
  return material;
}

absl::Status CheckTlsSettings(const TlsFiles& files) {
  if (files.cert.empty() != files.key.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        files.cert.empty() ? "tls_key is set without tls_cert" : "tls_cert is set without tls_key",
        "; TLS needs the certificate and its private key"));
  }
  if (!files.enabled() && !files.client_ca.empty()) {
    return absl::InvalidArgumentError(
        "tls_client_ca is set without tls_cert; client certificates are asked for within TLS only");
  }
  return absl::OkStatus();
}

}  // namespace auscult::server
