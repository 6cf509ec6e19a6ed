#include "cli/read_recording.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/file_bytes.h"
#include "cli/read_csv.h"
#include "cli/read_mat.h"
#include "cli/read_raw.h"
#include "cli/read_wav.h"
#include "cli/sidecar.h"

namespace auscult::cli {
namespace {

// A file with a single recording, read already.
class SingleRecording : public RecordFile {
 public:
  explicit SingleRecording(Recording recording) : recording_(std::move(recording)) {}
  int64_t record_count() const override { return 1; }
  absl::StatusOr<Recording> Read(int64_t /*index*/) override { return recording_; }

 private:
  const Recording recording_;
};

std::string FirstBytes(const std::string& path) {
  std::string bytes(1024, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

bool IsSound(const std::string& start) {
  return absl::StartsWith(start, "RIFF") || absl::StartsWith(start, "RF64") ||
         absl::StartsWith(start, "FORM") || absl::StartsWith(start, "fLaC");
}

bool IsMat(const std::string& path, const std::string& start) {
  // MATLAB puts 512 bytes of its own before the HDF5 signature.
  constexpr char kHdf5[] = "\x89HDF\r\n\x1a\n";
  return absl::StartsWith(start, "MATLAB ") || absl::StartsWith(start, kHdf5) ||
         absl::StartsWith(std::string_view(start).size() > 512 ? start.substr(512) : "", kHdf5) ||
         absl::EndsWithIgnoreCase(path, ".mat");
}

absl::Status InFile(const std::string& path, const absl::Status& status) {
  if (absl::StrContains(status.message(), path)) return status;
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

absl::StatusOr<Recording> ReadByContent(const std::string& path, const std::string& start) {
  if (IsSound(start) || absl::EndsWithIgnoreCase(path, ".wav")) return ReadWav(path);
  if (IsMat(path, start)) return ReadMat(path);
  absl::StatusOr<std::string> text = ReadFileBytes(path);
  if (!text.ok()) return text.status();
  return ReadCsv(*text, std::filesystem::path(path).filename().string());
}

}  // namespace

absl::StatusOr<std::unique_ptr<RecordFile>> OpenRecordFile(const std::string& path,
                                                           const std::string& sidecar) {
  if (absl::Status status = CheckIsFile(path); !status.ok()) return status;
  const std::string start = FirstBytes(path);
  const bool describes_itself = IsSound(start) || IsMat(path, start);
  const std::string beside = !sidecar.empty() ? sidecar : describes_itself ? "" : FindSidecar(path);
  if (!beside.empty()) {
    absl::StatusOr<Sidecar> layout = ReadSidecar(beside);
    if (!layout.ok()) return layout.status();
    return OpenRaw(path, *std::move(layout));
  }
  absl::StatusOr<Recording> recording = ReadByContent(path, start);
  if (!recording.ok()) return InFile(path, recording.status());
  recording->source = path;
  return std::make_unique<SingleRecording>(*std::move(recording));
}

bool IsRaw(const std::string& path) {
  const std::string start = ReadFirstBytes(path, 1024);
  if (start.empty() || IsSound(start) || IsMat(path, start)) return false;
  return std::any_of(start.begin(), start.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && !absl::ascii_isspace(byte);
  });
}

bool LooksLikeRecordFile(const std::string& file_name) {
  const std::string name = absl::AsciiStrToLower(file_name);
  for (const char* ending : {".json", ".yaml", ".yml", ".md", ".pdf", ".zip"}) {
    if (absl::EndsWith(name, ending)) return false;
  }
  return !name.empty() && name[0] != '.' && name != "manifest.csv";
}

}  // namespace auscult::cli
