#include "server/rest/http_error.h"

#include "absl/status/status.h"
#include "server/rest/http_status.h"
#include "server/rest/media_type.h"
#include "server/rest/rest_error.h"

namespace auscult::rest {

HttpResponse ErrorResponse(int http_status, std::string_view message, std::string_view accept) {
  const absl::Status status(NearestCode(http_status), {message.data(), message.size()});
  return ErrorResponse(ToRestError(status, http_status), NamesMediaType(accept, kProblemJson));
}

}  // namespace auscult::rest
