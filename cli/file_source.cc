#include "cli/file_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/natural_order.h"
#include "cli/read_recording.h"
#include "cli/sidecar.h"

namespace auscult::cli {
namespace {

constexpr double kDefaultIntervalS = 3600;

// A file that holds one recording needs no look inside to be counted.
int64_t CountRecords(const std::string& path, const std::string& sidecar) {
  if (sidecar.empty() && FindSidecar(path).empty()) return 1;
  const absl::StatusOr<std::unique_ptr<RecordFile>> file = OpenRecordFile(path, sidecar);
  return file.ok() ? (*file)->record_count() : 1;
}

absl::Time ChangeTime(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return absl::UnixEpoch();
  return absl::TimeFromTimespec(status.st_mtim);
}

}  // namespace

FileSource::FileSource(std::vector<ReplayFile> files, std::string sidecar, ReplayClock clock)
    : files_(std::move(files)), sidecar_(std::move(sidecar)), clock_(clock) {
  for (const ReplayFile& file : files_) {
    const int64_t count = CountRecords(file.path, sidecar_);
    record_count_ += count;
    records_of_point_[file.send.point] += count;
  }
}

absl::Status FileSource::OpenNext() {
  const ReplayFile& file = files_[next_file_++];
  absl::StatusOr<std::unique_ptr<RecordFile>> opened = OpenRecordFile(file.path, sidecar_);
  next_record_ = 0;
  if (!opened.ok()) return opened.status();
  open_ = *std::move(opened);
  return absl::OkStatus();
}

absl::Time FileSource::TimeOfNext(const ReplayFile& file, const Recording& recording) {
  const double interval_s = clock_.interval_s > 0            ? clock_.interval_s
                            : open_->record_interval_s() > 0 ? open_->record_interval_s()
                                                             : kDefaultIntervalS;
  const int64_t index = sent_of_point_[file.send.point]++;
  const int64_t last = records_of_point_[file.send.point] - 1;
  if (clock_.start) return *clock_.start + absl::Seconds(interval_s * static_cast<double>(index));
  if (clock_.file_times) {
    return ChangeTime(file.path) + absl::Seconds(interval_s * static_cast<double>(next_record_));
  }
  if (file.measured_at) {
    return *file.measured_at + absl::Seconds(interval_s * static_cast<double>(next_record_));
  }
  if (recording.measured_at) return *recording.measured_at;
  return now_ - absl::Seconds(interval_s * static_cast<double>(last - index));
}

absl::StatusOr<std::optional<v1::Waveform>> FileSource::Next() {
  while (!open_ || next_record_ >= open_->record_count()) {
    open_.reset();
    if (next_file_ == files_.size()) return std::optional<v1::Waveform>();
    if (absl::Status status = OpenNext(); !status.ok()) return status;
  }
  const ReplayFile& file = files_[next_file_ - 1];
  absl::StatusOr<Recording> recording = open_->Read(next_record_);
  if (!recording.ok()) {
    ++next_record_;
    return recording.status();
  }
  const absl::Time measured_at = TimeOfNext(file, *recording);
  ++next_record_;
  absl::StatusOr<v1::Waveform> waveform = WaveformOf(*recording, file.send, measured_at);
  if (!waveform.ok()) return waveform.status();
  return std::optional<v1::Waveform>(*std::move(waveform));
}

absl::StatusOr<std::vector<ReplayFile>> FilesOfFolder(const std::string& folder,
                                                      const SendOptions& send) {
  std::vector<ReplayFile> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (!entry.is_regular_file(error)) continue;
    if (!LooksLikeRecordFile(entry.path().filename().string())) continue;
    files.push_back({entry.path().string(), send, std::nullopt});
  }
  if (error)
    return absl::NotFoundError(absl::StrCat("cannot read ", folder, ": ", error.message()));
  if (files.empty()) return absl::NotFoundError(absl::StrCat(folder, " holds no recordings"));
  std::sort(files.begin(), files.end(), [](const ReplayFile& a, const ReplayFile& b) {
    return NaturallyBefore(a.path, b.path);
  });
  return files;
}

}  // namespace auscult::cli
