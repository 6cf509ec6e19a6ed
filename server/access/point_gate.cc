#include "server/access/point_gate.h"

#include "server/access/request_sites.h"

namespace auscult::server {

absl::Status PointGate::Admit(std::string_view point, const std::string& field) {
  const std::string_view site = SiteOf(point);
  if (site.empty() || site == site_) return absl::OkStatus();
  absl::Status status = JudgeName(*admitted_.caller, *admitted_.rule, point, field);
  if (status.ok()) site_ = site;
  return status;
}

}  // namespace auscult::server
