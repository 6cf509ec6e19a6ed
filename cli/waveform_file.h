#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/ingest_service.pb.h"
#include "cli/record_source.h"

namespace auscult::cli {

// Files of waveforms as they were sent, one after the other: the line "auscult waveforms 1", then
// for each its size (32 bits, little-endian), the CRC-32 of its octets, and its octets, an
// auscult.v1.Waveform.

inline constexpr char kWaveformFileEnding[] = ".waveforms";

class WaveformFileWriter {
 public:
  // Replaces a file of that name.
  static absl::StatusOr<std::unique_ptr<WaveformFileWriter>> Create(const std::string& path);
  absl::Status Write(const v1::Waveform& waveform);
  // Whether everything reached the file.
  absl::Status Close();
  const std::string& path() const { return path_; }

 private:
  explicit WaveformFileWriter(std::string path) : path_(std::move(path)) {}
  absl::Status Check() const;
  const std::string path_;
  std::ofstream file_;
};

// A whole file with one record.
std::string WaveformFileContent(const v1::Waveform& waveform);

// True for a file of that name, and for a folder that holds one.
bool HoldsWaveformFiles(const std::string& path);

// Reads them in the order of their names. A file that is damaged is given up from there on:
// DATA_LOSS says where, and the next call begins with the next file.
class WaveformFiles final : public RecordSource {
 public:
  // A file, or a folder of them. NOT_FOUND where there is none.
  static absl::StatusOr<std::unique_ptr<WaveformFiles>> Open(const std::string& path);

  absl::StatusOr<std::optional<v1::Waveform>> Next() override;
  int64_t record_count() const override { return 0; }

 private:
  explicit WaveformFiles(std::vector<std::string> paths) : paths_(std::move(paths)) {}
  absl::Status Begin();
  absl::Status GiveUp(const std::string& what);

  const std::vector<std::string> paths_;
  size_t next_ = 0;
  std::string path_;  // of the open file
  std::unique_ptr<std::ifstream> file_;
  int64_t records_ = 0;  // read of it
};

}  // namespace auscult::cli
