#include "cli/reject_folder.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "cli/durable_file.h"
#include "cli/health_text.h"
#include "cli/waveform_file.h"

namespace auscult::cli {
namespace {

constexpr char kTimeFormat[] = "%Y%m%dT%H%M%E6SZ";

std::string StampOf(absl::Time time) {
  return absl::FormatTime(kTimeFormat, time, absl::UTCTimeZone());
}

// A point may be any text that somebody sent.
std::string FileNameOf(const std::string& point) {
  std::string name = absl::StrReplaceAll(ShortName(point), {{"/", "."}});
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '-' && c != '_' && c != '.') c = '_';
  }
  return name.substr(0, 150);
}

v1::Rejection Unreadable(std::string_view message) {
  v1::Rejection rejection;
  rejection.set_reason("UNREADABLE");
  rejection.set_message(std::string(message));
  return rejection;
}

}  // namespace

absl::Status RejectFolder::Make() const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot make the folder ", folder_));
}

absl::Status RejectFolder::Explain(const std::string& path, const v1::Rejection& rejection) const {
  const nlohmann::ordered_json json = {{"reason", rejection.reason()},
                                       {"message", rejection.message()},
                                       {"remedy", rejection.remedy()},
                                       {"field", rejection.field()},
                                       {"code", rejection.code()}};
  return ReplaceFile(path + ".json",
                     json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

absl::Status RejectFolder::PutRecord(const v1::Waveform& waveform,
                                     const v1::Rejection& rejection) const {
  if (absl::Status status = Make(); !status.ok()) return status;
  const std::string path = absl::StrCat(folder_, "/", FileNameOf(waveform.point()), ".",
                                        StampOf(TimeOf(waveform.measured_at())));
  if (absl::Status status = Explain(path, rejection); !status.ok()) return status;
  return ReplaceFile(path + kWaveformFileEnding, WaveformFileContent(waveform));
}

absl::Status RejectFolder::PutFile(const std::string& path, std::string_view message) const {
  if (absl::Status status = Make(); !status.ok()) return status;
  const std::string name = std::filesystem::path(path).filename().string();
  if (absl::Status status = Explain(absl::StrCat(folder_, "/", name), Unreadable(message));
      !status.ok()) {
    return status;
  }
  return MoveInto(path, folder_);
}

absl::Status RejectFolder::PutOctets(std::string_view octets, std::string_view message) const {
  if (absl::Status status = Make(); !status.ok()) return status;
  const std::string path = absl::StrCat(folder_, "/input.", StampOf(absl::Now()));
  if (absl::Status status = Explain(path, Unreadable(message)); !status.ok()) return status;
  return ReplaceFile(path, octets);
}

}  // namespace auscult::cli
