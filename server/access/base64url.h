#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace auscult::server {

// The bytes of base64url without padding (RFC 4648 section 5, as RFC 7515 takes it); none for
// anything else, bits that are left over included: every byte string has one text.
std::optional<std::string> DecodeBase64Url(std::string_view text);
std::string EncodeBase64Url(std::string_view bytes);

}  // namespace auscult::server
