#include <cmath>

#include "absl/status/status.h"
#include "features/waveform.h"
#include "models/baseline.h"
#include "models/byte_codec.h"

namespace auscult::models {
namespace {

// 1 had neither a law of healthy records nor usual levels.
constexpr uint8_t kVersion = 2;

bool IsRange(float low, float reference, float high) {
  if (std::isnan(low) && std::isnan(reference) && std::isnan(high)) return true;
  return std::isfinite(low) && std::isfinite(high) && low <= reference && reference <= high;
}

absl::Status Unreadable(std::string_view why) {
  return absl::DataLossError(std::string("stored baseline cannot be used: ")
                                 .append(why)
                                 .append("; restart learning of its point"));
}

}  // namespace

std::string Baseline::Serialize() const {
  ByteWriter writer;
  writer.Write(kVersion);
  writer.Write(set_id_);
  writer.Write(static_cast<uint8_t>(channel_count_));
  for (const float value : {speed_low_rpm_, reference_speed_rpm_, speed_high_rpm_,
                            load_low_percent_, reference_load_percent_, load_high_percent_}) {
    writer.Write(value);
  }
  writer.Write(static_cast<uint16_t>(record_count_));
  writer.Write(null_.location);
  writer.Write(null_.scale);
  writer.Write(static_cast<uint8_t>(null_.thinning));
  writer.Write(static_cast<uint16_t>(learnt_.size()));
  for (size_t i = 0; i < learnt_.size(); ++i) {
    writer.Write(static_cast<uint16_t>(learnt_[i]));
    writer.Write(location_[i]);
    writer.Write(scatter_[i]);
    writer.Write(speed_slope_[i]);
    writer.Write(load_slope_[i]);
  }
  usual_.Write(writer);
  return std::move(writer).Finish();
}

absl::StatusOr<Baseline> Baseline::Parse(std::string_view bytes) {
  ByteReader reader(bytes);
  if (!reader.ok()) return Unreadable("its checksum is wrong");
  const auto version = reader.Read<uint8_t>();
  if (version < 1 || version > kVersion) return Unreadable("it is of another version");
  Baseline baseline;
  if (absl::Status status = baseline.ParseConditions(reader); !status.ok()) return status;
  const int16_t learnt_set = baseline.set_id_;
  if (version > 1) {
    if (absl::Status status = baseline.ParseNull(reader); !status.ok()) return status;
  }
  if (absl::Status status = baseline.ParseFeatures(reader); !status.ok()) return status;
  if (version > 1 && !baseline.usual_.Read(reader, learnt_set, baseline.channel_count_)) {
    return Unreadable("what is usual on the machine is impossible");
  }
  if (!reader.AtEnd()) return Unreadable("something stands behind its end");
  baseline.FindLevels();
  return baseline;
}

absl::Status Baseline::ParseConditions(ByteReader& reader) {
  set_id_ = reader.Read<int16_t>();
  channel_count_ = reader.Read<uint8_t>();
  for (float* value : {&speed_low_rpm_, &reference_speed_rpm_, &speed_high_rpm_, &load_low_percent_,
                       &reference_load_percent_, &load_high_percent_}) {
    *value = reader.Read<float>();
  }
  if (features::FindFeatureSet(set_id_) == nullptr) return Unreadable("its feature set is unknown");
  if (channel_count_ < 1 || channel_count_ > features::Waveform::kMaxChannels) {
    return Unreadable("its number of channels is impossible");
  }
  if (!IsRange(speed_low_rpm_, reference_speed_rpm_, speed_high_rpm_) || speed_low_rpm_ <= 0 ||
      !IsRange(load_low_percent_, reference_load_percent_, load_high_percent_)) {
    return Unreadable("its range of speed or load is impossible");
  }
  return absl::OkStatus();
}

absl::Status Baseline::ParseNull(ByteReader& reader) {
  record_count_ = reader.Read<uint16_t>();
  null_.location = reader.Read<float>();
  null_.scale = reader.Read<float>();
  null_.thinning = reader.Read<uint8_t>();
  constexpr float kMost = 1e6f;
  if (record_count_ < 1 || !(std::abs(null_.location) <= kMost) || !(null_.scale > 1e-3f) ||
      !(null_.scale <= kMost) || null_.thinning < 1 || null_.thinning > NoveltyNull::kMaxThinning) {
    return Unreadable("its law of healthy records is impossible");
  }
  return absl::OkStatus();
}

absl::Status Baseline::ParseFeatures(ByteReader& reader) {
  const features::FeatureSet& set = *features::FindFeatureSet(set_id_);
  const auto per_channel = static_cast<int>(set.features.size());
  const auto count = reader.Read<uint16_t>();
  if (count == 0 || !reader.Holds(count, sizeof(uint16_t) + 4 * sizeof(float))) {
    return Unreadable("its number of features is impossible");
  }
  // One that was learnt from an older set goes on in the places of the newest.
  const features::FeatureSet& newest = features::NewestFeatureSet(set.signal);
  const auto newest_per_channel = static_cast<int>(newest.features.size());
  int previous = -1;
  for (int i = 0; i < count; ++i) {
    const int index = reader.Read<uint16_t>();
    const bool learnable = index < per_channel * channel_count_ &&
                           set.features[index % per_channel].scale == features::Scale::kLevelDb;
    if (!learnable || index <= previous) {
      return Unreadable("it names features that are not learnt");
    }
    previous = index;
    learnt_.push_back(index / per_channel * newest_per_channel + index % per_channel);
    location_.push_back(reader.Read<float>());
    scatter_.push_back(reader.Read<float>());
    speed_slope_.push_back(reader.Read<float>());
    load_slope_.push_back(reader.Read<float>());
    if (!std::isfinite(location_[i]) || !std::isfinite(scatter_[i]) || !(scatter_[i] > 0) ||
        !std::isfinite(speed_slope_[i]) || !std::isfinite(load_slope_[i])) {
      return Unreadable("its numbers are impossible");
    }
  }
  set_id_ = newest.id;
  return absl::OkStatus();
}

}  // namespace auscult::models
