#include "models/point_replay.h"

#include <algorithm>
#include <utility>

#include "models/byte_codec.h"

namespace auscult::models {
namespace {

constexpr uint8_t kSavedVersion = 1;

void WriteBytes(std::string_view bytes, ByteWriter& writer) {
  writer.Write(static_cast<uint32_t>(bytes.size()));
  for (const char byte : bytes) writer.Write(byte);
}

std::string ReadBytes(ByteReader& reader) {
  const auto size = reader.Read<uint32_t>();
  if (!reader.Holds(size, 1)) return "";
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = reader.Read<char>();
  return bytes;
}

void WriteFeatures(const features::FeatureVector& features, ByteWriter& writer) {
  writer.Write(features.set_id);
  writer.Write(static_cast<int32_t>(features.channel_count));
  writer.Write(features.quality);
  writer.Write(features.speed_rpm);
  writer.Write(features.load_percent);
  writer.Write(static_cast<uint32_t>(features.values.size()));
  for (const float value : features.values) writer.Write(value);
}

features::FeatureVector ReadFeatures(ByteReader& reader) {
  features::FeatureVector features;
  features.set_id = reader.Read<int16_t>();
  features.channel_count = reader.Read<int32_t>();
  features.quality = reader.Read<features::QualityFlags>();
  features.speed_rpm = reader.Read<float>();
  features.load_percent = reader.Read<float>();
  const auto count = reader.Read<uint32_t>();
  if (!reader.Holds(count, sizeof(float))) return features;
  features.values.resize(count);
  for (float& value : features.values) value = reader.Read<float>();
  return features;
}

}  // namespace

PointReplay::PointReplay(const PointModel& model, const AlarmPolicy& policy, Learning learning)
    : model_(model), policy_(policy), learning_(learning) {
  if (model.baseline == nullptr) return;
  baseline_ = *model.baseline;
  state_ = BaselineLearnt(std::move(state_), true);
}

PointReplay::Step PointReplay::Next(const features::FeatureVector& features,
                                    int64_t measured_at_us) {
  model_.baseline = baseline();
  Step step;
  step.score = ScoreRecord(features, model_);
  const bool learns = learning_ == Learning::kAsItGoes;
  if (step.score.scorable && learns) Remember(features, measured_at_us);
  Advanced advanced =
      Advance(std::move(state_), step.score, features, measured_at_us, model_, policy_);
  state_ = std::move(advanced.state);
  step.health = std::move(advanced.health);
  step.condition_changed = advanced.condition_changed;
  if (advanced.learn_from_records > 0 && learns) {
    absl::StatusOr<Baseline> fitted =
        LearnBaseline(Latest(advanced.learn_from_records), baseline(), policy_, state_);
    step.learnt = fitted.ok();
    if (fitted.ok()) baseline_ = *std::move(fitted);
    // The record that completes the baseline ends the learning.
    step.condition_changed |= step.health.condition != state_.condition;
    step.health.condition = state_.condition;
  }
  return step;
}

std::string PointReplay::Save() const {
  ByteWriter writer;
  writer.Write(kSavedVersion);
  WriteBytes(state_.Serialize(), writer);
  // What was given is given again.
  const bool learnt = learning_ == Learning::kAsItGoes && baseline_.has_value();
  WriteBytes(learnt ? baseline_->Serialize() : "", writer);
  writer.Write(static_cast<uint32_t>(recent_.size()));
  for (const auto& [measured_at_us, features] : recent_) {
    writer.Write(measured_at_us);
    WriteFeatures(features, writer);
  }
  return std::move(writer).Finish();
}

absl::Status PointReplay::Restore(std::string_view bytes) {
  ByteReader reader(bytes);
  const bool known = reader.Read<uint8_t>() == kSavedVersion;
  absl::StatusOr<PointState> state = PointState::Parse(ReadBytes(reader));
  const std::string baseline = ReadBytes(reader);
  const auto count = reader.Read<uint32_t>();
  std::deque<std::pair<int64_t, features::FeatureVector>> recent;
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const auto measured_at_us = reader.Read<int64_t>();
    recent.emplace_back(measured_at_us, ReadFeatures(reader));
  }
  if (!known || !reader.AtEnd()) return absl::DataLossError("the saved replay cannot be read");
  if (!state.ok()) return state.status();
  if (!baseline.empty()) {
    absl::StatusOr<Baseline> learnt = Baseline::Parse(baseline);
    if (!learnt.ok()) return learnt.status();
    baseline_ = *std::move(learnt);
  }
  state_ = *std::move(state);
  recent_ = std::move(recent);
  return absl::OkStatus();
}

void PointReplay::Remember(const features::FeatureVector& features, int64_t measured_at_us) {
  // Another kind of record: what was kept cannot be learnt from together with it.
  if (!recent_.empty() && (recent_.back().second.set_id != features.set_id ||
                           recent_.back().second.values.size() != features.values.size())) {
    recent_.clear();
  }
  recent_.emplace_back(measured_at_us, features);
  if (static_cast<int>(recent_.size()) > MostLearntFrom(policy_.learning)) recent_.pop_front();
}

LearningWindow PointReplay::Latest(int count) const {
  LearningWindow window;
  const size_t kept = std::min(recent_.size(), static_cast<size_t>(count));
  for (auto record = recent_.end() - static_cast<std::ptrdiff_t>(kept); record != recent_.end();
       ++record) {
    window.measured_at_us.push_back(record->first);
    window.records.push_back(record->second);
  }
  return window;
}

}  // namespace auscult::models
