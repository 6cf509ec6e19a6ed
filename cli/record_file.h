#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "cli/recording.h"

namespace auscult::cli {

// A file that holds one recording or many of one place, in their order of time.
class RecordFile {
 public:
  virtual ~RecordFile() = default;
  virtual int64_t record_count() const = 0;
  // 0 <= index < record_count().
  virtual absl::StatusOr<Recording> Read(int64_t index) = 0;
  // Seconds between the starts of two records, 0 where the file does not say.
  virtual double record_interval_s() const { return 0; }
};

}  // namespace auscult::cli
