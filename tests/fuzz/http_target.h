#pragma once

#include <string_view>

namespace auscult::fuzz {

// Bytes as a connection brings them, to requests. Aborts where the end of a head depends on how the
// bytes were cut, where the two readings of a head disagree about its framing, or a body passes its
// limit.
void TryHttp(std::string_view bytes);

}  // namespace auscult::fuzz
