#include "cli/command.h"

#include "absl/strings/cord.h"

namespace auscult::cli {
namespace {

constexpr char kWrongUse[] = "auscult.dev/wrong-use";

}  // namespace

absl::Status WrongUse(const std::string& message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kWrongUse, absl::Cord());
  return status;
}

bool IsWrongUse(const absl::Status& status) { return status.GetPayload(kWrongUse).has_value(); }

}  // namespace auscult::cli
