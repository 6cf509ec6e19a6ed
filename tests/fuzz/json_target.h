#pragma once

#include <string_view>

namespace auscult::fuzz {

// A request as HTTP brings it to a message: its first line is method and target ("POST
// /v1/sites/a:rescore?x=y"), the rest its body. Aborts where a refusal does not say why, or where
// an accepted message is not the same when written as JSON and read again.
void TryJson(std::string_view bytes);

}  // namespace auscult::fuzz
