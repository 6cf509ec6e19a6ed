#include "features/extract.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "features/bearing_family.h"
#include "features/current_fill.h"
#include "features/current_set.h"
#include "features/quality_check.h"
#include "features/record_transform.h"
#include "features/shaft_speed.h"
#include "features/supply_check.h"
#include "features/vibration.h"
#include "features/vibration_set.h"

namespace auscult::features {
namespace {

constexpr float kStoppedShare = 0.05f;  // of the rated speed
constexpr size_t kMostWorkspaces = 8;
constexpr int kMostCachedSamples = 1 << 20;  // over all workspaces, some 40 bytes each

// Plans and memory for the records of one length and rate.
struct Workspace {
  Workspace(int count, double rate_hz)
      : sample_count(count), sample_rate_hz(rate_hz), transform(count, rate_hz) {}

  VibrationFeatureFiller& Vibration() {
    if (!vibration) vibration.emplace(transform.transform_length(), sample_rate_hz);
    return *vibration;
  }

  int sample_count;
  double sample_rate_hz;
  uint64_t last_use = 0;
  RecordTransform transform;
  std::optional<VibrationFeatureFiller> vibration;
};

bool IsTachometer(const Waveform& waveform, int channel) {
  return waveform.channel(channel).quantity == Quantity::kTachometer;
}

// Displacement sensors do not reach the frequencies that impacts excite.
bool ShowsBearings(Quantity quantity) {
  return quantity == Quantity::kAcceleration || quantity == Quantity::kVelocity;
}

// Channel 0 where there is none.
int FirstWithBearings(const Waveform& waveform) {
  for (int i = 0; i < waveform.channel_count(); ++i) {
    if (ShowsBearings(waveform.channel(i).quantity)) return i;
  }
  return 0;
}

// The channel that says which features the waveform has.
absl::StatusOr<int> FirstMeasuring(const Waveform& waveform) {
  for (int i = 0; i < waveform.channel_count(); ++i) {
    if (!IsTachometer(waveform, i)) return i;
  }
  return absl::FailedPreconditionError(
      "every channel is a tachometer; send one beside the vibration or current it belongs to");
}

absl::StatusOr<int16_t> CommonFeatureSet(const Waveform& waveform) {
  const absl::StatusOr<int> first = FirstMeasuring(waveform);
  if (!first.ok()) return first.status();
  const Quantity measured = waveform.channel(*first).quantity;
  for (int i = *first + 1; i < waveform.channel_count(); ++i) {
    const Quantity quantity = waveform.channel(i).quantity;
    if (IsTachometer(waveform, i) || FeatureSetFor(quantity) == FeatureSetFor(measured)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("channel ", *first, " measures ", std::string(QuantityName(measured)),
                     " and channel ", i, " ", std::string(QuantityName(quantity)),
                     "; a point measures vibration or current, not both: make two points of it"));
  }
  return FeatureSetFor(measured);
}

bool IsStopped(const Waveform& waveform, const Machine& machine) {
  const float speed_rpm = waveform.conditions().speed_rpm;
  return speed_rpm == 0 || speed_rpm < kStoppedShare * machine.rated_speed_rpm;
}

// A nominal speed says nothing of what feeds the motor now.
QualityFlags CheckSupply(const ChannelRecord& record, const Waveform& waveform,
                         const Machine& machine, double line_hz) {
  const Conditions& sent = waveform.conditions();
  const float speed_rpm = sent.speed_tolerance > 0 ? kNotKnown : sent.speed_rpm;
  return CheckRate(record.spectrum, line_hz, machine, static_cast<double>(speed_rpm) / 60) |
         CheckLinePhase(record.samples, waveform.sample_rate_hz(), record.spectrum, line_hz);
}

}  // namespace

struct Extractor::Scratch {
  Workspace& WorkspaceFor(const Waveform& waveform);
  void Evict();
  void ScoreFamilies(const ChannelRecord& record, const Machine& machine, double rate_hz,
                     double speed_hz);
  void FillShaft(const ChannelRecord& record, Quantity quantity, const Machine& machine,
                 Workspace& workspace, ShaftSpeed& speed, std::span<float> values);
  void ExtractVibration(const Waveform& waveform, const Machine& machine, Workspace& workspace,
                        FeatureVector& out);
  void ExtractCurrent(const Waveform& waveform, const Machine& machine, Workspace& workspace,
                      FeatureVector& out);

  std::vector<std::unique_ptr<Workspace>> workspaces;
  uint64_t uses = 0;
  ShaftTracking tracking;
  BearingFamilies families;
  FamilyScores scores;              // of the channel at hand
  std::vector<float> other_shafts;  // speeds over that of the shaft
  CurrentFeatureFiller current;
};

Workspace& Extractor::Scratch::WorkspaceFor(const Waveform& waveform) {
  const auto found = std::find_if(workspaces.begin(), workspaces.end(), [&](const auto& workspace) {
    return workspace->sample_count == waveform.sample_count() &&
           workspace->sample_rate_hz == waveform.sample_rate_hz();
  });
  Workspace& workspace = found != workspaces.end()
                             ? **found
                             : *workspaces.emplace_back(std::make_unique<Workspace>(
                                   waveform.sample_count(), waveform.sample_rate_hz()));
  workspace.last_use = ++uses;
  return workspace;
}

// Senders of many different lengths must not fill the memory: the longest unused go.
void Extractor::Scratch::Evict() {
  const auto cached_samples = [this] {
    int64_t sum = 0;
    for (const auto& workspace : workspaces) sum += workspace->sample_count;
    return sum;
  };
  while (workspaces.size() > kMostWorkspaces || cached_samples() > kMostCachedSamples) {
    workspaces.erase(
        std::min_element(workspaces.begin(), workspaces.end(),
                         [](const auto& a, const auto& b) { return a->last_use < b->last_use; }));
  }
}

// `record` is at uniform angle. Its own transform serves, but of long records only the middle is
// looked at.
void Extractor::Scratch::ScoreFamilies(const ChannelRecord& record, const Machine& machine,
                                       double rate_hz, double speed_hz) {
  other_shafts.clear();
  for (const Gear& gear : machine.gears) other_shafts.push_back(gear.shaft_ratio);
  const size_t used = BearingFamilies::SamplesUsed(record.samples.size(), rate_hz, speed_hz);
  if (used < record.samples.size()) {
    families.Score(record.samples, rate_hz, speed_hz, machine.bearings, scores, other_shafts);
  } else {
    families.Score(record.bins, record.transform_length, rate_hz, speed_hz, machine.bearings,
                   scores, other_shafts);
  }
}

// Everything that belongs to the shaft, from the record at uniform angle. The first channel whose
// bearings are scored sharpens the speed for all that follow.
void Extractor::Scratch::FillShaft(const ChannelRecord& record, Quantity quantity,
                                   const Machine& machine, Workspace& workspace, ShaftSpeed& speed,
                                   std::span<float> values) {
  if (ShowsBearings(quantity) && !machine.bearings.empty() && speed.hz > 0 &&
      record.range.Peak() > 0) {
    ScoreFamilies(record, machine, workspace.sample_rate_hz, speed.hz);
    FillBearing(scores, values);
    if (!speed.exact && scores.speed_hz > 0) speed.hz = static_cast<double>(scores.speed_hz);
    speed.exact = true;
  }
  workspace.Vibration().FillOrders(record, quantity, machine, speed, values);
}

void Extractor::Scratch::ExtractVibration(const Waveform& waveform, const Machine& machine,
                                          Workspace& workspace, FeatureVector& out) {
  ChannelAnalysis analysis(waveform, workspace.transform);
  const bool stopped = Has(out.quality, QualityFlag::kStopped);
  ShaftSpeed speed;
  if (!stopped) speed = tracking.Find(analysis, machine, out.quality);
  const bool varies = !stopped && tracking.varies();
  const int count = waveform.channel_count();
  const int first = FirstWithBearings(waveform);
  for (int turn = 0; turn < count; ++turn) {
    const int i = (first + turn) % count;  // begins with the one that sharpens the speed
    if (IsTachometer(waveform, i)) continue;
    const Quantity quantity = waveform.channel(i).quantity;
    const std::span<float> values =
        std::span(out.values).subspan(static_cast<size_t>(i) * kVibrationCount, kVibrationCount);
    if (varies) {
      FillShaft(workspace.transform.Analyse(
                    tracking.AtUniformAngle(waveform.samples(i), waveform.sample_rate_hz())),
                quantity, machine, workspace, speed, values);
      analysis.Forget();
    } else {
      FillShaft(analysis.Channel(i), quantity, machine, workspace, speed, values);
    }
    const ChannelRecord& record = analysis.Channel(i);
    out.quality |= CheckSamples(record.samples, record.range, record.Rms());
    out.quality |= workspace.Vibration().Fill(record, quantity, machine, speed, values);
  }
  if (!stopped) out.speed_rpm = static_cast<float>(60.0 * speed.hz);
}

void Extractor::Scratch::ExtractCurrent(const Waveform& waveform, const Machine& machine,
                                        Workspace& workspace, FeatureVector& out) {
  Conditions sent = waveform.conditions();
  ShaftSpeed turning;
  if (tracking.ReadTachometer(waveform, machine, turning, out.quality)) {
    sent.speed_rpm = static_cast<float>(60.0 * turning.hz);
    sent.speed_tolerance = 0;
  }
  current.Begin(waveform, machine, sent, Has(out.quality, QualityFlag::kStopped), out.values);
  for (int i = 0; i < waveform.channel_count(); ++i) {
    if (IsTachometer(waveform, i)) continue;
    const ChannelRecord record = workspace.transform.Analyse(waveform.samples(i));
    out.quality |= CheckSamples(record.samples, record.range, record.Rms());
    current.Fill(i, record);
    const size_t line =
        static_cast<size_t>(i) * kCurrentCount + static_cast<size_t>(Current::kLineFrequencyHz);
    out.quality |= CheckSupply(record, waveform, machine, static_cast<double>(out.values[line]));
  }
  const AnalysedSpeed speed = current.Finish(workspace.transform);
  out.speed_rpm = speed.rpm;
  if (speed.estimated) out.quality |= Bit(QualityFlag::kSpeedEstimated);
  if (std::isnan(speed.rpm)) out.quality |= Bit(QualityFlag::kNoSpeed);
}

Extractor::Extractor() : scratch_(std::make_unique<Scratch>()) {}
Extractor::~Extractor() = default;

absl::Status Extractor::Extract(const Waveform& waveform, const Machine& machine,
                                FeatureVector& out) {
  const absl::StatusOr<int16_t> set = CommonFeatureSet(waveform);
  if (!set.ok()) return set.status();
  out.set_id = *set;
  out.channel_count = waveform.channel_count();
  const size_t set_size = FindFeatureSet(out.set_id)->features.size();
  out.values.assign(static_cast<size_t>(out.channel_count) * set_size, kNotKnown);
  out.speed_rpm = waveform.conditions().speed_rpm;
  out.load_percent = waveform.conditions().load_percent;
  out.quality = IsStopped(waveform, machine) ? Bit(QualityFlag::kStopped) : 0;
  Workspace& workspace = scratch_->WorkspaceFor(waveform);
  if (out.set_id == kVibrationSet) {
    scratch_->ExtractVibration(waveform, machine, workspace, out);
  } else {
    scratch_->ExtractCurrent(waveform, machine, workspace, out);
  }
  scratch_->Evict();
  return absl::OkStatus();
}

}  // namespace auscult::features
