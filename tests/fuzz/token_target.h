#pragma once

#include <string_view>

namespace auscult::fuzz {

// The first line as a bearer token, the rest as its claims and as the keys of an issuer. Aborts
// where a refusal does not say why, where claims make nobody a caller, or where a key takes the
// token's signature for that of another text.
void TryToken(std::string_view bytes);

}  // namespace auscult::fuzz
