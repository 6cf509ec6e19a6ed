#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace auscult::cli {

// One channel as a file holds it, in the unit of the file.
struct RecordedChannel {
  std::string name;  // "" where the file names none
  std::string unit;  // a symbol of features::ParseUnit, "" where the file does not say
  std::vector<float> samples;
};

// What a file says of one recording. Reading proves that the file is well formed, nothing more:
// whether the samples can be judged is for features::Waveform::Create.
struct Recording {
  std::string source;                     // the file, and inside of it the record, for messages
  std::vector<RecordedChannel> channels;  // at least one, all of one length
  double sample_rate_hz = 0;              // 0 = the file does not say
  float speed_rpm = std::numeric_limits<float>::quiet_NaN();  // NaN = the file does not say
  bool speed_is_nominal = false;  // that of the test plan, not of the record
  float load_percent = std::numeric_limits<float>::quiet_NaN();
  std::optional<absl::Time> measured_at;
  // Why the clock of the recording cannot be trusted, "" where it can: such a recording is shown
  // but not judged.
  std::string clock_problem;

  size_t sample_count() const { return channels.empty() ? 0 : channels[0].samples.size(); }
};

}  // namespace auscult::cli
