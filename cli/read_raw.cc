#include "cli/read_raw.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/file_bytes.h"

namespace auscult::cli {
namespace {

int64_t BytesPerSample(features::Encoding encoding) {
  return encoding == features::Encoding::kInt16Le ? 2 : 4;
}

class RawFile : public RecordFile {
 public:
  RawFile(std::string path, Sidecar sidecar, std::string bytes, int64_t record_bytes)
      : path_(std::move(path)),
        sidecar_(std::move(sidecar)),
        bytes_(std::move(bytes)),
        record_bytes_(record_bytes) {}

  int64_t record_count() const override {
    return static_cast<int64_t>(bytes_.size()) / record_bytes_;
  }
  double record_interval_s() const override { return sidecar_.record_interval_s; }

  absl::StatusOr<Recording> Read(int64_t index) override {
    const std::string_view record = std::string_view(bytes_).substr(
        static_cast<size_t>(index * record_bytes_), static_cast<size_t>(record_bytes_));
    std::vector<float> samples;
    if (absl::Status status =
            features::DecodeSamples(record, sidecar_.encoding, sidecar_.calibration, 1.0, samples);
        !status.ok()) {
      return status;
    }
    Recording recording;
    recording.source = record_count() == 1 ? path_ : absl::StrCat(path_, ", record ", index);
    recording.sample_rate_hz = sidecar_.rate_hz;
    recording.speed_rpm = sidecar_.speed_rpm;
    recording.load_percent = sidecar_.load_percent;
    if (sidecar_.start) {
      recording.measured_at =
          *sidecar_.start + absl::Seconds(sidecar_.record_interval_s * static_cast<double>(index));
    }
    const size_t channel_count = sidecar_.channels.size();
    recording.channels.resize(channel_count);
    for (size_t c = 0; c < channel_count; ++c) {
      RecordedChannel& channel = recording.channels[c];
      channel.name = sidecar_.channels[c];
      channel.unit = sidecar_.unit;
      channel.samples.reserve(samples.size() / channel_count);
      for (size_t i = c; i < samples.size(); i += channel_count) {
        channel.samples.push_back(samples[i]);
      }
    }
    return recording;
  }

 private:
  const std::string path_;
  const Sidecar sidecar_;
  const std::string bytes_;
  const int64_t record_bytes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RecordFile>> OpenRaw(const std::string& path, Sidecar sidecar) {
  absl::StatusOr<std::string> bytes = ReadFileBytes(path);
  if (!bytes.ok()) return bytes.status();
  const int64_t size = static_cast<int64_t>(bytes->size());
  const int64_t frame_bytes =
      BytesPerSample(sidecar.encoding) * static_cast<int64_t>(sidecar.channels.size());
  int64_t record_bytes = size;
  if (sidecar.record_samples > size) {
    record_bytes = size + 1;
  } else if (sidecar.record_samples > 0) {
    record_bytes = sidecar.record_samples * frame_bytes;
  } else if (sidecar.records > 0) {
    record_bytes = size % sidecar.records == 0 ? size / sidecar.records : size + 1;
  }
  if (size == 0) return absl::InvalidArgumentError(absl::StrCat(path, ": the file is empty"));
  if (size % record_bytes != 0 || record_bytes % frame_bytes != 0) {
    return absl::DataLossError(absl::StrCat(
        path, ": ", size, " bytes do not divide into ",
        sidecar.records > 0 && sidecar.record_samples == 0
            ? absl::StrCat(sidecar.records, " records")
        : sidecar.record_samples > 0
            ? absl::StrCat("records of ", sidecar.record_samples, " samples")
            : std::string("samples"),
        " of ", sidecar.channels.size(), " channel(s) and ", BytesPerSample(sidecar.encoding),
        " bytes; the file is cut off, or its description is of another one"));
  }
  return std::make_unique<RawFile>(path, std::move(sidecar), *std::move(bytes), record_bytes);
}

}  // namespace auscult::cli
