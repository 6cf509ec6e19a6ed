#pragma once

#include <memory>
#include <string>

#include "server/tls/tls_files.h"

namespace auscult::server {

// Of `material`'s three texts. Null with `why` where OpenSSL refuses them, a key that is too short
// for instance.
std::shared_ptr<SSL_CTX> MakeHttpTlsContext(const TlsMaterial& material, bool requires_client_cert,
                                            std::string& why);

}  // namespace auscult::server
