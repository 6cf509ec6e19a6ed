#pragma once

#include <string>
#include <string_view>

namespace auscult::rest {

// Whether an Accept-Encoding takes gzip (RFC 9110, 12.5.3). No header: no.
bool AcceptsGzip(std::string_view accept_encoding);

// Whether bytes of this media type get smaller: text and what is written as text.
bool IsCompressible(std::string_view content_type);

// RFC 1952. `level` from 1 (fast) to 9 (small).
std::string Gzip(std::string_view bytes, int level);

}  // namespace auscult::rest
