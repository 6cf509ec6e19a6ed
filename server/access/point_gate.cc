#include "server/access/point_gate.h"

#include "server/access/request_sites.h"

namespace auscult::server {

absl::Status PointGate::CheckStillHolds() {
  constexpr std::chrono::seconds kPause{1};
  const auto now = std::chrono::steady_clock::now();
  if (now - checked_ < kPause) return absl::OkStatus();
  checked_ = now;
  return still_holds_();
}

absl::Status PointGate::Admit(std::string_view point, const std::string& field) {
  const std::string_view site = SiteOf(point);
  if (site.empty() || site == site_) return absl::OkStatus();
  absl::Status status = JudgeName(*admitted_.caller, *admitted_.rule, point, field);
  if (status.ok()) site_ = site;
  return status;
}

}  // namespace auscult::server
