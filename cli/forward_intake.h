#pragma once

#include "absl/status/status.h"
#include "auscult/v1/ingest_service.pb.h"
#include "cli/forward_state.h"

namespace auscult::cli {

// Takes records into the spool, from one thread.
class ForwardIntake {
 public:
  // What a full spool does: let the input wait, or forget its oldest record.
  enum class WhenFull { kStop, kDropOldest };

  ForwardIntake(ForwardState& state, WhenFull when_full) : state_(state), when_full_(when_full) {}

  // Waits while there is no room, or the disk has trouble. CANCELLED where the program is to end
  // meanwhile; INVALID_ARGUMENT for a record that never fits.
  absl::Status Take(const v1::Waveform& waveform);
  // Makes durable what was taken: before, nobody may throw away where it came from. A
  // failure is told.
  absl::Status Sync();

  ForwardState& state() { return state_; }

 private:
  void Tell(const absl::Status& status) const;
  ForwardState& state_;
  const WhenFull when_full_;
};

// Where records come from. Runs until there are no more (never, for a folder that is watched) or
// the program is to end.
class ForwardInput {
 public:
  virtual ~ForwardInput() = default;
  virtual absl::Status Run(ForwardIntake& intake) = 0;
};

}  // namespace auscult::cli
