#include "cli/read_wav.h"

#include <sndfile.h>

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/file_bytes.h"

namespace auscult::cli {
namespace {

constexpr int kMaxChannels = 64;
constexpr sf_count_t kChunkFrames = 1 << 14;

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

absl::Status CheckHeader(const SF_INFO& info) {
  if (info.channels < 1 || info.channels > kMaxChannels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the header says ", info.channels, " channels; 1 to ", kMaxChannels, " can be read"));
  }
  const int64_t bytes_per_frame = info.channels * static_cast<int64_t>(sizeof(float));
  if (info.frames > kMaxFileBytes / bytes_per_frame) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the header says ", info.frames, " samples, more than can be read; cut the recording"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Recording> ReadWav(const std::string& path) {
  SF_INFO info = {};
  const std::unique_ptr<SNDFILE, Close> file(sf_open(path.c_str(), SFM_READ, &info));
  if (!file) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a sound file that can be read: ", sf_strerror(nullptr)));
  }
  if (absl::Status status = CheckHeader(info); !status.ok()) return status;
  const size_t channel_count = static_cast<size_t>(info.channels);
  Recording recording;
  recording.sample_rate_hz = info.samplerate;
  recording.channels.resize(channel_count);
  for (size_t c = 0; channel_count > 1 && c < channel_count; ++c) {
    recording.channels[c].name = absl::StrCat(c + 1);
  }
  std::vector<float> frames(static_cast<size_t>(kChunkFrames) * channel_count);
  sf_count_t total = 0;
  while (total < info.frames) {
    const sf_count_t count = sf_readf_float(file.get(), frames.data(), kChunkFrames);
    if (count <= 0) break;
    total += count;
    for (size_t c = 0; c < channel_count; ++c) {
      for (sf_count_t i = 0; i < count; ++i) {
        recording.channels[c].samples.push_back(frames[static_cast<size_t>(i) * channel_count + c]);
      }
    }
  }
  if (total < info.frames) {
    return absl::DataLossError(absl::StrCat("the header says ", info.frames,
                                            " samples, the file ends after ", total,
                                            "; copy it again from its source"));
  }
  return recording;
}

}  // namespace auscult::cli
