#include "cli/forward_intake.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace auscult::cli {
namespace {

constexpr absl::Duration kLook = absl::Milliseconds(100), kPause = absl::Seconds(5);

}  // namespace

absl::Status ForwardIntake::Take(const v1::Waveform& waveform) {
  const std::string octets = waveform.SerializeAsString();
  while (!state_.stopping()) {
    const absl::StatusOr<uint64_t> number = state_.spool().Append(waveform.point(), octets);
    if (number.ok()) {
      state_.SetFull(false);
      state_.queue().Add(*number, waveform.point());
      ++state_.counts().taken;
      return absl::OkStatus();
    }
    if (absl::IsInvalidArgument(number.status())) return number.status();
    if (!absl::IsResourceExhausted(number.status())) {
      Tell(number.status());
      absl::SleepFor(kPause);
      continue;
    }
    if (when_full_ == WhenFull::kDropOldest && state_.spool().RemoveOldest()) {
      if (state_.counts().dropped++ == 0) state_.Say("the spool is full: the oldest is dropped");
      continue;
    }
    state_.SetFull(true);
    absl::SleepFor(kLook);
  }
  return absl::CancelledError("the program ends");
}

void ForwardIntake::Tell(const absl::Status& status) const {
  state_.Say(absl::StrCat(std::string(status.message()), "; check the disk"));
}

absl::Status ForwardIntake::Sync() {
  absl::Status status = state_.spool().Sync();
  if (!status.ok()) Tell(status);
  return status;
}

}  // namespace auscult::cli
