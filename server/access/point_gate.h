#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/access/gate.h"

namespace auscult::server {

// Judges the points that the messages of one stream name, which are mostly of one site. Used by one
// thread at a time.
class PointGate {
 public:
  explicit PointGate(Admitted admitted) : admitted_(std::move(admitted)) {}

  // As JudgeName. A name of another kind passes: what it is meant for refuses it.
  absl::Status Admit(std::string_view point, const std::string& field);

 private:
  const Admitted admitted_;
  std::string site_;  // of the last one that passed
};

}  // namespace auscult::server
