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
#include "features/supply_check.h"
#include "features/vibration.h"
#include "features/vibration_set.h"

namespace auscult::features {
namespace {

constexpr float kStoppedShare = 0.05f;        // of the rated speed
constexpr double kNameplateTolerance = 0.09;  // slip, belt slip, and nameplates that are wrong
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

absl::Status CheckQuantities(const Waveform& waveform) {
  const int16_t set = FeatureSetFor(waveform.channel(0).quantity);
  for (int i = 1; i < waveform.channel_count(); ++i) {
    if (FeatureSetFor(waveform.channel(i).quantity) == set) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "channel 0 measures ", std::string(QuantityName(waveform.channel(0).quantity)),
        " and channel ", i, " ", std::string(QuantityName(waveform.channel(i).quantity)),
        "; a point measures vibration or current, not both: make two points of it"));
  }
  return absl::OkStatus();
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

// What is known of the shaft speed before the record is looked at: sent, or on the nameplate.
std::optional<SpeedPrior> PriorOf(const Waveform& waveform, const Machine& machine) {
  const Conditions& sent = waveform.conditions();
  if (sent.speed_rpm > 0) {
    return SpeedPrior{static_cast<double>(sent.speed_rpm) / 60,
                      static_cast<double>(sent.speed_tolerance)};
  }
  if (machine.rated_speed_rpm > 0) {
    return SpeedPrior{static_cast<double>(machine.rated_speed_rpm) / 60, kNameplateTolerance};
  }
  return std::nullopt;
}

}  // namespace

struct Extractor::Scratch {
  Workspace& WorkspaceFor(const Waveform& waveform);
  void Evict();
  ShaftSpeed ScoreFamilies(const Waveform& waveform, const Machine& machine, SpeedPrior prior);
  void ExtractVibration(const Waveform& waveform, const Machine& machine, Workspace& workspace,
                        FeatureVector& out);
  void ExtractCurrent(const Waveform& waveform, const Machine& machine, Workspace& workspace,
                      FeatureVector& out);

  std::vector<std::unique_ptr<Workspace>> workspaces;
  uint64_t uses = 0;
  BearingFamilies families;
  std::vector<FamilyScores> scores;  // by channel
  std::vector<float> other_shafts;   // speeds over that of the shaft
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

// Scores every channel, and takes the speed from the one that shows it best.
ShaftSpeed Extractor::Scratch::ScoreFamilies(const Waveform& waveform, const Machine& machine,
                                             SpeedPrior prior) {
  ShaftSpeed speed{prior.nominal_hz, kNotKnown};
  other_shafts.clear();
  for (const Gear& gear : machine.gears) other_shafts.push_back(gear.shaft_ratio);
  scores.resize(std::max(scores.size(), static_cast<size_t>(waveform.channel_count())));
  // A speed that was sent needs no search, so that without bearings there is nothing to do.
  if (machine.bearings.empty() && prior.tolerance == 0) return speed;
  for (int i = 0; i < waveform.channel_count(); ++i) {
    if (waveform.channel(i).quantity == Quantity::kDisplacement) continue;
    FamilyScores& found = scores[i];
    families.Score(waveform.samples(i), waveform.sample_rate_hz(), prior, machine.bearings, found,
                   other_shafts);
    if (found.speed_hz > 0 && !(found.speed_confidence <= speed.confidence)) {
      speed = {static_cast<double>(found.speed_hz), found.speed_confidence};
    }
  }
  return speed;
}

void Extractor::Scratch::ExtractVibration(const Waveform& waveform, const Machine& machine,
                                          Workspace& workspace, FeatureVector& out) {
  const std::optional<SpeedPrior> prior =
      Has(out.quality, QualityFlag::kStopped) ? std::nullopt : PriorOf(waveform, machine);
  ShaftSpeed speed;
  for (FamilyScores& score : scores) score.strongest_bearing = -1;
  if (prior) {
    speed = ScoreFamilies(waveform, machine, *prior);
    out.speed_rpm = static_cast<float>(60.0 * speed.hz);
    if (prior->tolerance > 0) out.quality |= Bit(QualityFlag::kSpeedEstimated);
  } else if (!Has(out.quality, QualityFlag::kStopped)) {
    out.quality |= Bit(QualityFlag::kNoSpeed);
  }
  VibrationFeatureFiller& filler = workspace.Vibration();
  for (int i = 0; i < waveform.channel_count(); ++i) {
    const std::span<float> values =
        std::span(out.values).subspan(static_cast<size_t>(i) * kVibrationCount, kVibrationCount);
    const ChannelRecord record = workspace.transform.Analyse(waveform.samples(i));
    out.quality |= CheckSamples(record.samples, record.range, record.Rms());
    out.quality |= filler.Fill(record, waveform.channel(i).quantity, machine, speed, values);
    if (prior) FillBearing(scores[i], values);
  }
}

void Extractor::Scratch::ExtractCurrent(const Waveform& waveform, const Machine& machine,
                                        Workspace& workspace, FeatureVector& out) {
  const float speed_rpm = waveform.conditions().speed_rpm;
  current.Begin(waveform, out.values);
  for (int i = 0; i < waveform.channel_count(); ++i) {
    const ChannelRecord record = workspace.transform.Analyse(waveform.samples(i));
    out.quality |= CheckSamples(record.samples, record.range, record.Rms());
    current.Fill(i, record, machine, speed_rpm);
    const size_t line =
        static_cast<size_t>(i) * kCurrentCount + static_cast<size_t>(Current::kLineFrequencyHz);
    out.quality |= CheckSupply(record, waveform, machine, static_cast<double>(out.values[line]));
  }
  current.Finish();
  if (std::isnan(speed_rpm)) out.quality |= Bit(QualityFlag::kNoSpeed);
}

Extractor::Extractor() : scratch_(std::make_unique<Scratch>()) {}
Extractor::~Extractor() = default;

absl::Status Extractor::Extract(const Waveform& waveform, const Machine& machine,
                                FeatureVector& out) {
  if (absl::Status status = CheckQuantities(waveform); !status.ok()) return status;
  out.set_id = FeatureSetFor(waveform.channel(0).quantity);
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
