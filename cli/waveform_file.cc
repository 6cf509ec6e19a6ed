#include "cli/waveform_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace auscult::cli {
namespace {

constexpr char kFirstLine[] = "auscult waveforms 1\n";
constexpr uint32_t kMostBytes = 512u << 20;

// Of a record: size and checksum.
using Frame = std::array<unsigned char, 8>;

Frame FrameOf(const std::string& octets) {
  const auto size = static_cast<uint32_t>(octets.size());
  const auto crc = static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(octets.data()), static_cast<uInt>(octets.size())));
  Frame frame{};
  for (int i = 0; i < 4; ++i) {
    frame[static_cast<size_t>(i)] = static_cast<unsigned char>(size >> (8 * i));
    frame[static_cast<size_t>(i + 4)] = static_cast<unsigned char>(crc >> (8 * i));
  }
  return frame;
}

uint32_t SizeIn(const Frame& frame) {
  return frame[0] | frame[1] << 8 | frame[2] << 16 | static_cast<uint32_t>(frame[3]) << 24;
}

}  // namespace

absl::StatusOr<std::unique_ptr<WaveformFileWriter>> WaveformFileWriter::Create(
    const std::string& path) {
  std::unique_ptr<WaveformFileWriter> writer(new WaveformFileWriter(path));
  writer->file_.open(path, std::ios::binary | std::ios::trunc);
  writer->file_ << kFirstLine;
  if (absl::Status status = writer->Check(); !status.ok()) return status;
  return writer;
}

absl::Status WaveformFileWriter::Check() const {
  if (file_.good()) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(path_, ": cannot be written; is there room on the disk, and may you write?"));
}

absl::Status WaveformFileWriter::Write(const v1::Waveform& waveform) {
  const std::string octets = waveform.SerializeAsString();
  const Frame frame = FrameOf(octets);
  file_.write(reinterpret_cast<const char*>(frame.data()), frame.size());
  file_.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  return Check();
}

absl::Status WaveformFileWriter::Close() {
  file_.close();
  return Check();
}

std::string WaveformFileContent(const v1::Waveform& waveform) {
  const std::string octets = waveform.SerializeAsString();
  const Frame frame = FrameOf(octets);
  return absl::StrCat(kFirstLine, std::string(frame.begin(), frame.end()), octets);
}

bool HoldsWaveformFiles(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    return absl::EndsWith(path, kWaveformFileEnding);
  }
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    if (entry.path().extension() == kWaveformFileEnding) return true;
  }
  return false;
}

absl::StatusOr<std::unique_ptr<WaveformFiles>> WaveformFiles::Open(const std::string& path) {
  std::error_code error;
  std::vector<std::string> paths;
  if (std::filesystem::is_directory(path, error)) {
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      if (entry.path().extension() == kWaveformFileEnding) paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
  } else if (std::filesystem::exists(path, error)) {
    paths.push_back(path);
  }
  if (paths.empty()) {
    return absl::NotFoundError(absl::StrCat(path, ": there is no file *", kWaveformFileEnding,
                                            " as auscult export --samples writes it"));
  }
  return std::unique_ptr<WaveformFiles>(new WaveformFiles(std::move(paths)));
}

absl::Status WaveformFiles::GiveUp(const std::string& what) {
  file_.reset();
  return absl::DataLossError(absl::StrCat(path_, ": ", what, " after ", records_, " records"));
}

absl::Status WaveformFiles::Begin() {
  path_ = paths_[next_++];
  records_ = 0;
  file_ = std::make_unique<std::ifstream>(path_, std::ios::binary);
  std::string line;
  std::getline(*file_, line);
  if (*file_ && line + "\n" == kFirstLine) return absl::OkStatus();
  return GiveUp("is no file that auscult export --samples of this release has written");
}

absl::StatusOr<std::optional<v1::Waveform>> WaveformFiles::Next() {
  while (true) {
    if (file_ == nullptr) {
      if (next_ == paths_.size()) return std::nullopt;
      if (absl::Status status = Begin(); !status.ok()) return status;
    }
    Frame frame;
    file_->read(reinterpret_cast<char*>(frame.data()), frame.size());
    if (file_->gcount() == 0 && file_->eof()) {
      file_.reset();
      continue;
    }
    if (!*file_ || SizeIn(frame) > kMostBytes) return GiveUp("is cut off or damaged");
    std::string octets(SizeIn(frame), '\0');
    file_->read(octets.data(), static_cast<std::streamsize>(octets.size()));
    v1::Waveform waveform;
    if (!*file_ || FrameOf(octets) != frame || !waveform.ParseFromString(octets)) {
      return GiveUp("is cut off or damaged");
    }
    ++records_;
    return waveform;
  }
}

}  // namespace auscult::cli
