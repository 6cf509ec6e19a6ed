#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "auscult/v1/ingest_service.pb.h"

namespace auscult::cli {

// Records on their way to a server, in the order in which they are sent.
class RecordSource {
 public:
  virtual ~RecordSource() = default;
  // The next record; nothing at the end. After an error (a file that cannot be read) the next call
  // goes on behind it.
  virtual absl::StatusOr<std::optional<v1::Waveform>> Next() = 0;
  // Of all records, 0 while not known.
  virtual int64_t record_count() const = 0;
};

}  // namespace auscult::cli
