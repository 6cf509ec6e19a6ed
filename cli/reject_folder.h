#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "auscult/v1/ingest_service.pb.h"

namespace auscult::cli {

// Where that goes which will never be stored as it is: records that the server refused, files that
// cannot be read, lines that are no record. Beside each lies NAME.json with reason, message and
// remedy. Thread-safe.
class RejectFolder {
 public:
  // Made when it is first used.
  explicit RejectFolder(std::string folder) : folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }
  // "demo.pump-1.de.20260301T140509.000000Z.waveforms", a file that `auscult import` sends. Durable
  // when it returns. The same record put aside again replaces itself.
  absl::Status PutRecord(const v1::Waveform& waveform, const v1::Rejection& rejection) const;
  // Moves a file.
  absl::Status PutFile(const std::string& path, std::string_view message) const;
  // What came from elsewhere, named by the time.
  absl::Status PutOctets(std::string_view octets, std::string_view message) const;

 private:
  absl::Status Make() const;
  absl::Status Explain(const std::string& path, const v1::Rejection& rejection) const;
  const std::string folder_;
};

}  // namespace auscult::cli
