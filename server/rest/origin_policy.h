#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/rest/exchange.h"

namespace auscult::rest {

// Who may call, told from what browsers say. The API has no credentials of its own yet: that a page
// of another site cannot use it through the browser of somebody who can, is held here. Immutable.
class OriginPolicy {
 public:
  // `origins`: whose pages may call besides the own, "https://plant.example:8443". `hosts`: names
  // that the server is called by besides addresses and localhost.
  OriginPolicy(std::vector<std::string> origins, std::vector<std::string> hosts)
      : origins_(std::move(origins)), hosts_(std::move(hosts)) {}

  // Of a Host field, "[::1]:7080". A name that is not one of ours reached us by an address that its
  // owner gave it (DNS rebinding). A missing one (HTTP/1.0) comes from no browser.
  bool KnowsHost(std::string_view host) const;

  enum class Origin { kOwn, kAllowed, kForeign };
  // No Origin field is the own: other programs send none.
  Origin OriginOf(const HttpRequest& request) const;

  // Answers an OPTIONS request: a CORS preflight, or the question what is served.
  HttpResponse AnswerOptions(const HttpRequest& request) const;
  // Puts on an answer what lets a page of an allowed origin read it.
  void Allow(const HttpRequest& request, HeaderFields& headers) const;

 private:
  const std::vector<std::string> origins_, hosts_;
};

// Parts a list at its commas. INVALID_ARGUMENT, with `setting`, where one is no origin:
// scheme, host and port alone, as browsers send it.
absl::Status ParseOrigins(std::string_view setting, std::string_view text,
                          std::vector<std::string>& origins);
// The same of host names without port.
absl::Status ParseHosts(std::string_view setting, std::string_view text,
                        std::vector<std::string>& hosts);

}  // namespace auscult::rest
