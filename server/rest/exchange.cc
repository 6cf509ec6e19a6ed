#include "server/rest/exchange.h"

#include "absl/strings/match.h"

namespace auscult::rest {

std::string_view HttpRequest::Header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (absl::EqualsIgnoreCase({field.data(), field.size()}, {name.data(), name.size()})) {
      return value;
    }
  }
  return {};
}

}  // namespace auscult::rest
