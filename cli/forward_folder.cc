#include "cli/forward_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "cli/durable_file.h"
#include "cli/natural_order.h"
#include "cli/plant_file.h"
#include "cli/read_recording.h"
#include "cli/sidecar.h"
#include "cli/waveform_file.h"

namespace auscult::cli {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kLook = absl::Milliseconds(200);

bool IsBeingWritten(const std::string& name) {
  return absl::EndsWith(name, ".tmp") || absl::EndsWith(name, ".part") ||
         absl::EndsWith(name, ".partial");
}

int64_t ChangedNs(const struct stat& status) {
  return int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

absl::Time ChangeTime(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return absl::Now();
  return absl::TimeFromTimespec(status.st_mtim);
}

std::string PointOf(const std::string& pattern, const std::string& folder,
                    const std::string& path) {
  const fs::path relative = fs::path(path).lexically_relative(folder);
  const std::string name = relative.filename().string();
  return ResourceName(absl::StrReplaceAll(pattern, {{"{folder}", relative.parent_path().string()},
                                                    {"{name}", name.substr(0, name.find('.'))}}));
}

// Gone meanwhile: somebody else took it.
bool IsGone(const std::string& path) {
  std::error_code error;
  return !fs::exists(path, error);
}

}  // namespace

std::string ForwardFolder::JournalKey(const std::string& path) const {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return "";
  return absl::StrCat(fs::path(path).lexically_relative(options_.folder).string(), "\t",
                      int64_t{status.st_size}, "\t", ChangedNs(status));
}

absl::Status ForwardFolder::ReadJournal() {
  if (options_.done != ForwardFolderOptions::Done::kKeep) return absl::OkStatus();
  std::ifstream file(options_.journal);
  std::string content;
  for (std::string line; std::getline(file, line);) {
    // What is there no more, or not as it was, is forgotten.
    if (JournalKey(absl::StrCat(options_.folder, "/", line.substr(0, line.find('\t')))) != line) {
      continue;
    }
    taken_.insert(line);
    absl::StrAppend(&content, line, "\n");
  }
  return ReplaceFile(options_.journal, content);
}

absl::StatusOr<std::vector<std::string>> ForwardFolder::Settled(bool& more) {
  const absl::Time now = absl::Now();
  std::map<std::string, Look> looks;
  std::vector<std::string> settled;
  std::error_code error;
  const auto end = fs::recursive_directory_iterator();
  for (auto entry = fs::recursive_directory_iterator(options_.folder, error);
       !error && entry != end; entry.increment(error)) {
    const std::string path = entry->path().string();
    const std::string name = entry->path().filename().string();
    std::error_code of_entry;
    if (entry->is_directory(of_entry)) {
      const auto& excluded = options_.excluded;
      if (name.starts_with(".") ||
          std::find(excluded.begin(), excluded.end(), fs::weakly_canonical(path, of_entry)) !=
              excluded.end()) {
        entry.disable_recursion_pending();
      }
      continue;
    }
    struct stat status = {};
    if (!LooksLikeRecordFile(name) || IsBeingWritten(name) || stat(path.c_str(), &status) != 0 ||
        !S_ISREG(status.st_mode)) {
      continue;
    }
    if (!taken_.empty() && taken_.contains(JournalKey(path))) continue;
    Look look{int64_t{status.st_size}, ChangedNs(status), now};
    const auto before = looks_.find(path);
    if (before != looks_.end() && before->second.size == look.size &&
        before->second.changed_ns == look.changed_ns) {
      look.since = std::min(before->second.since, now);
    }
    const bool is_settled = now - look.since >= absl::Seconds(options_.settle_s);
    if (is_settled) settled.push_back(path);
    more = more || !is_settled;
    looks.emplace(path, look);
  }
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("cannot read ", options_.folder, ": ", error.message()));
  }
  looks_ = std::move(looks);
  std::sort(settled.begin(), settled.end(), NaturallyBefore);
  return settled;
}

absl::Status ForwardFolder::TakeRecords(const std::string& path, ForwardIntake& intake) {
  if (absl::EndsWith(path, kWaveformFileEnding)) {
    absl::StatusOr<std::unique_ptr<WaveformFiles>> file = WaveformFiles::Open(path);
    if (!file.ok()) return file.status();
    while (true) {
      absl::StatusOr<std::optional<v1::Waveform>> waveform = (*file)->Next();
      if (!waveform.ok()) return waveform.status();
      if (!waveform->has_value()) return absl::OkStatus();
      if (absl::Status status = intake.Take(**waveform); !status.ok()) return status;
    }
  }
  absl::StatusOr<std::unique_ptr<RecordFile>> file = OpenRecordFile(path, options_.sidecar);
  if (!file.ok()) return file.status();
  SendOptions send = options_.send;
  send.point = PointOf(send.point, options_.folder, path);
  const absl::Time changed = ChangeTime(path);
  for (int64_t i = 0; i < (*file)->record_count(); ++i) {
    absl::StatusOr<Recording> recording = (*file)->Read(i);
    if (!recording.ok()) return recording.status();
    const absl::Time fallback =
        changed + static_cast<double>(i) * absl::Seconds((*file)->record_interval_s());
    absl::StatusOr<v1::Waveform> waveform =
        WaveformOf(*recording, send, recording->measured_at.value_or(fallback));
    if (!waveform.ok()) return waveform.status();
    if (absl::Status status = intake.Take(*waveform); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ForwardFolder::Dispose(const std::string& path) {
  using Done = ForwardFolderOptions::Done;
  if (options_.done == Done::kKeep) {
    std::ofstream(options_.journal, std::ios::app) << JournalKey(path) << "\n";
    return absl::OkStatus();
  }
  const std::string beside = options_.sidecar.empty() ? FindSidecar(path) : "";
  if (options_.done == Done::kMove) {
    if (absl::Status status = MoveInto(path, options_.done_folder); !status.ok()) return status;
    return beside.empty() ? absl::OkStatus() : MoveInto(beside, options_.done_folder);
  }
  std::error_code error;
  fs::remove(path, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot remove ", path));
  }
  if (!beside.empty()) fs::remove(beside, error);
  return absl::OkStatus();
}

absl::Status ForwardFolder::PutAside(const std::string& path, const absl::Status& why,
                                     ForwardIntake& intake) {
  ForwardState& state = intake.state();
  const std::string message(why.message());
  if (options_.done == ForwardFolderOptions::Done::kKeep) {
    state.Say(absl::StrCat("passed over: ", message));
    ++state.counts().unreadable;
    return Dispose(path);
  }
  if (absl::Status status = state.rejects().PutFile(path, message); !status.ok()) return status;
  state.Say(absl::StrCat("put into ", state.rejects().folder(), ": ", message));
  ++state.counts().unreadable;
  return absl::OkStatus();
}

absl::Status ForwardFolder::TakeFile(const std::string& path, ForwardIntake& intake) {
  const absl::Status taken = TakeRecords(path, intake);
  if (absl::IsCancelled(taken) || IsGone(path)) return absl::OkStatus();
  if (absl::Status status = intake.Sync(); !status.ok()) return status;
  // One that cannot be moved or removed stays, and is not taken again and again.
  const std::string key = JournalKey(path);
  taken_.insert(key);
  const absl::Status status = taken.ok() ? Dispose(path) : PutAside(path, taken, intake);
  if (status.ok() && options_.done != ForwardFolderOptions::Done::kKeep) taken_.erase(key);
  return status;
}

absl::Status ForwardFolder::Run(ForwardIntake& intake) {
  if (absl::Status status = ReadJournal(); !status.ok()) return status;
  std::string told;
  while (!intake.state().stopping()) {
    bool more = false;
    const absl::StatusOr<std::vector<std::string>> settled = Settled(more);
    // A folder on the network that is away comes back.
    absl::Status status = settled.status();
    for (size_t i = 0; status.ok() && i < settled->size() && !intake.state().stopping(); ++i) {
      status = TakeFile((*settled)[i], intake);
    }
    if (!status.ok() && told != status.message()) {
      told = std::string(status.message());
      intake.state().Say(told);
    }
    if (options_.once && status.ok() && !more) return absl::OkStatus();
    absl::SleepFor(kLook);
  }
  return absl::OkStatus();
}

}  // namespace auscult::cli
