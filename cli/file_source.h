#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/record_file.h"
#include "cli/record_source.h"
#include "cli/waveform_message.h"

namespace auscult::cli {

// A file to be replayed, and where its records go.
struct ReplayFile {
  std::string path;
  SendOptions send;
  std::optional<absl::Time> measured_at;  // of its first record, where known before it is read
};

// Which time the records get that carry none of their own.
struct ReplayClock {
  std::optional<absl::Time> start;  // of the first record of each point; without it the last is now
  double interval_s = 0;            // 0 = as the file says, else an hour
  bool file_times = false;          // take the time of last change of each file
};

// Records of files, one file after the other.
class FileSource : public RecordSource {
 public:
  FileSource(std::vector<ReplayFile> files, std::string sidecar, ReplayClock clock);

  absl::StatusOr<std::optional<v1::Waveform>> Next() override;
  int64_t record_count() const override { return record_count_; }

 private:
  absl::Status OpenNext();
  absl::Time TimeOfNext(const ReplayFile& file, const Recording& recording);

  const std::vector<ReplayFile> files_;
  const std::string sidecar_;
  const ReplayClock clock_;
  const absl::Time now_ = absl::Now();
  int64_t record_count_ = 0;
  std::map<std::string, int64_t> records_of_point_;
  std::map<std::string, int64_t> sent_of_point_;
  size_t next_file_ = 0;
  std::unique_ptr<RecordFile> open_;
  int64_t next_record_ = 0;
};

// Files of a folder by name, without descriptions and manifests. NOT_FOUND where there are none.
absl::StatusOr<std::vector<ReplayFile>> FilesOfFolder(const std::string& folder,
                                                      const SendOptions& send);

}  // namespace auscult::cli
