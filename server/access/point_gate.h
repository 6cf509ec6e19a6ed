#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/access/gate.h"

namespace auscult::server {

// Judges the points that the messages of one stream name, which are mostly of one site. Used by one
// thread at a time.
class PointGate {
 public:
  // `still_holds` as Gate::StillHolds gives it.
  PointGate(Admitted admitted, std::function<absl::Status()> still_holds)
      : admitted_(std::move(admitted)), still_holds_(std::move(still_holds)) {}

  // Whether the caller still is who he was, looked at every second: where he is not, the stream has
  // to end.
  absl::Status CheckStillHolds();

  // As JudgeName. A name of another kind passes: what it is meant for refuses it.
  absl::Status Admit(std::string_view point, const std::string& field);

 private:
  Admitted admitted_;
  std::function<absl::Status()> still_holds_;
  std::chrono::steady_clock::time_point checked_ = std::chrono::steady_clock::now();
  std::string site_;  // of the last one that passed
};

}  // namespace auscult::server
