#include "features/shaft_speed.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "features/angle_resampling.h"
#include "features/feature_set.h"
#include "features/units.h"

namespace auscult::features {
namespace {

constexpr double kNameplateTolerance = 0.09;  // slip, belt slip, and nameplates that are wrong
constexpr float kLeastTolerance = 1e-4f;      // a speed that is known better is a measured one
// A nominal speed that may be so far off says nothing beyond where to look. Lines are searched for
// within 2 % anyway, since rolling elements slip.
constexpr double kUselessTolerance = 0.04;
// Where nothing is known: most machines, as far as the record resolves their lines.
constexpr double kLowestHz = 5;
constexpr double kHighestHz = 65;
// A speed that was found without any hint is used only from here on, and never more than half sure:
// the lines of a bearing or of a neighbour may be as plain as those of the shaft.
constexpr float kLeastConfidence = 0.35f;
constexpr float kMostConfidence = 0.5f;

// A measured speed is doubted where those of another speed, within kDoubted, lead its own
// harmonics, within kNear, by kPlainLead and these reach less than kFewLines of them; the search
// must then be sure.
constexpr double kNear = 0.012;
constexpr double kSame = 0.02;
constexpr double kDoubted = 0.2;
constexpr double kScanStep = 0.0005;
constexpr float kFewLines = 0.45f;
constexpr float kPlainLead = 7;
constexpr float kBestScore = 20;  // of HarmonicLevels::Score; few machines reach it
constexpr float kSure = 0.45f;

// A harmonic's line stands out from this level on; around it counts as far as its phase is
// followed, but no further than this share of the speed.
constexpr float kPlainLevel = 4;
constexpr double kNeighbourShare = 0.45;
// By how much a path must sharpen the lines over a constant speed, mean of ln of LineShares. Those
// of the harmonic that it was made from do not count, since it would sharpen noise as well.
constexpr float kLeastGain = 0.15f;

bool HasLines(Quantity quantity) {
  return quantity != Quantity::kTachometer && SignalOf(quantity) == Signal::kVibration;
}

int FirstWithLines(const Waveform& waveform) {
  for (int i = 0; i < waveform.channel_count(); ++i) {
    if (HasLines(waveform.channel(i).quantity)) return i;
  }
  return -1;
}

// A constant record has no lines.
bool IsLive(const ChannelRecord& record) { return record.range.Peak() > 0; }

double RateOf(const ChannelRecord& record) {
  return record.resolution_hz() * record.transform_length;
}

float Highest(const HarmonicLevels& levels, double bin_hz, double low_hz, double high_hz) {
  float highest = 0;
  double hz = low_hz;
  while (hz <= high_hz) {
    highest = std::max(highest, levels.Score(hz / bin_hz, 0.5 * kScanStep));
    hz *= 1 + kScanStep;
  }
  return highest;
}

// Mean gain of the lines that stand out, but for one harmonic (0 = all count).
template <typename LineShares>
float Gain(const LineShares& constant, const LineShares& path, int but) {
  float sum = 0;
  int count = 0;
  for (size_t k = 0; k < path.size(); ++k) {
    if (static_cast<int>(k) + 1 == but || !(path[k] > 0 && constant[k] > 0)) continue;
    sum += std::log(path[k] / constant[k]);
    ++count;
  }
  return count > 0 ? sum / static_cast<float>(count) : 0;
}

}  // namespace

ShaftSpeed ShaftTracking::Find(ChannelAnalysis& analysis, const Machine& machine,
                               QualityFlags& flags) {
  varies_ = false;
  path_.Clear();
  const Waveform& waveform = analysis.waveform();
  const Conditions& sent = waveform.conditions();
  ShaftSpeed speed;
  if (ReadTachometer(waveform, machine, speed, flags)) return speed;
  if (sent.speed_rpm > 0 && sent.speed_tolerance < kLeastTolerance) {
    return Check(analysis, static_cast<double>(sent.speed_rpm) / 60, flags);
  }
  const bool is_sent = sent.speed_rpm > 0;
  const float nominal_rpm = is_sent ? sent.speed_rpm : machine.rated_speed_rpm;
  if (nominal_rpm > 0 && nominal_rpm <= Waveform::kMaxSpeedRpm) {
    const double nominal_hz = static_cast<double>(nominal_rpm) / 60;
    const double tolerance =
        is_sent ? static_cast<double>(sent.speed_tolerance) : kNameplateTolerance;
    flags |= Bit(QualityFlag::kSpeedEstimated);
    if (nominal_hz < waveform.sample_rate_hz() / 2) {
      speed = Search(analysis, {nominal_hz * (1 - tolerance), nominal_hz * (1 + tolerance)});
    }
    if (std::isnan(speed.hz)) speed = {.hz = nominal_hz, .confidence = 0};
    // A narrow tolerance is knowledge too, whatever the record shows.
    const auto known = static_cast<float>(1 - tolerance / kUselessTolerance);
    speed.confidence = std::max(speed.confidence, known);
    return speed;
  }
  const double lowest_hz =
      std::max(kLowestHz, 1.01 * SpeedSearch::kMinTurns / waveform.duration_s());
  const double highest_hz = std::min(kHighestHz, waveform.sample_rate_hz() / 8);
  if (lowest_hz < highest_hz) speed = Search(analysis, {lowest_hz, highest_hz});
  if (speed.confidence >= kLeastConfidence) {
    speed.confidence = std::min(speed.confidence, kMostConfidence);
    flags |= Bit(QualityFlag::kSpeedEstimated);
    return speed;
  }
  varies_ = false;
  flags |= Bit(QualityFlag::kNoSpeed);
  return {};
}

bool ShaftTracking::ReadTachometer(const Waveform& waveform, const Machine& machine,
                                   ShaftSpeed& speed, QualityFlags& flags) {
  for (int i = 0; i < waveform.channel_count(); ++i) {
    if (waveform.channel(i).quantity != Quantity::kTachometer) continue;
    const int pulses = std::max(1, machine.tachometer_pulses);
    if (!tachometer_.Read(waveform.samples(i), waveform.sample_rate_hz(), pulses, angle_)) {
      flags |= Bit(QualityFlag::kTachometerUnusable);
      continue;
    }
    const double duration_s = (waveform.sample_count() - 1) / waveform.sample_rate_hz();
    ShaftAngle::Piece piece = 0;
    const double start = angle_.At(0, piece).turns;
    speed.hz = (angle_.At(duration_s, piece).turns - start) / duration_s;
    speed.confidence = 1;
    speed.exact = true;
    speed.variation_percent = angle_.VariationPercent(duration_s);
    if (pulses == 1) speed.start_turns = start;
    varies_ = speed.variation_percent > kMostVariationPercent;
    return true;
  }
  return false;
}

// A measured speed.
ShaftSpeed ShaftTracking::Check(ChannelAnalysis& analysis, double speed_hz, QualityFlags& flags) {
  ShaftSpeed speed{.hz = speed_hz, .confidence = 1};
  const int channel = FirstWithLines(analysis.waveform());
  if (channel < 0) return speed;
  const ChannelRecord& record = analysis.Channel(channel);
  if (!IsLive(record) || speed_hz > analysis.waveform().sample_rate_hz() / 2 ||
      speed_hz * (1 - kDoubted) < SpeedSearch::kMinTurns * record.resolution_hz()) {
    return speed;
  }
  if (Contradicts(record, speed_hz)) {
    const ShaftSpeed other =
        Search(analysis, {speed_hz * (1 - kDoubted), speed_hz * (1 + kDoubted)});
    if (other.confidence >= kSure && std::abs(other.hz / speed_hz - 1) > kSame) {
      flags |= Bit(QualityFlag::kSpeedContradicted) | Bit(QualityFlag::kSpeedEstimated);
      return other;
    }
  }
  varies_ = false;
  path_.Clear();
  Follow(analysis.Channel(channel), speed);
  if (varies_) std::swap(angle_, candidate_);
  return speed;
}

bool ShaftTracking::Contradicts(const ChannelRecord& record, double speed_hz) {
  const double bin_hz = record.resolution_hz();
  const double highest_hz = HarmonicLevels::kHighestOrder * speed_hz * (1 + kDoubted);
  levels_.Load(record.spectrum.relative, static_cast<int>(highest_hz / bin_hz) + 2,
               std::max(16, static_cast<int>(2 * speed_hz / bin_hz)));
  const float own = Highest(levels_, bin_hz, speed_hz * (1 - kNear), speed_hz * (1 + kNear));
  if (own >= kFewLines * kBestScore) return false;
  const float below = Highest(levels_, bin_hz, speed_hz * (1 - kDoubted), speed_hz * (1 - kSame));
  const float above = Highest(levels_, bin_hz, speed_hz * (1 + kSame), speed_hz * (1 + kDoubted));
  const float best = std::max(below, above);
  return best - own >= kPlainLead && own < kFewLines * best;
}

// The channel that shows the speed best tells it.
ShaftSpeed ShaftTracking::Search(ChannelAnalysis& analysis, Range range) {
  const Waveform& waveform = analysis.waveform();
  ShaftSpeed best;
  bool varies = false;
  for (int i = 0; i < waveform.channel_count(); ++i) {
    if (!HasLines(waveform.channel(i).quantity)) continue;
    const ChannelRecord& record = analysis.Channel(i);
    if (!IsLive(record)) continue;
    const ShaftSpeed found = SearchChannel(record, range);
    if (!(found.confidence > best.confidence) && !std::isnan(best.confidence)) continue;
    best = found;
    varies = varies_;
    std::swap(angle_, candidate_);
  }
  varies_ = varies;
  return best;
}

ShaftSpeed ShaftTracking::SearchChannel(const ChannelRecord& record, Range range) {
  varies_ = false;
  const double bin_hz = record.resolution_hz();
  const double highest_hz = HarmonicLevels::kHighestOrder * range.high_hz;
  DemodulationBands(record.transform_length, 1, true, bands_);
  envelope_.Demodulate(record.bins, bands_[0], static_cast<int>(highest_hz / bin_hz) + 2);
  const SpeedView view = {
      low_orders_.Below(record.bins, record.transform_length, RateOf(record), highest_hz),
      record.spectrum.relative, envelope_.SquaredPower(), bin_hz};
  const std::optional<FoundSpeed> found = search_.Find(view, range.low_hz, range.high_hz, path_);
  if (!found) return {};
  const double sharpened =
      refinement_.Refine(view.raw_power, view.envelope_power, bin_hz, found->speed_hz);
  ShaftSpeed speed{.hz = sharpened, .confidence = found->confidence};
  Follow(record, speed);
  return speed;
}

// Whether the speed varies, and along which angle: that of the path of the search, or of the phase
// of a harmonic that makes the lines stand out better at uniform angle.
void ShaftTracking::Follow(const ChannelRecord& record, ShaftSpeed& speed) {
  const double rate_hz = RateOf(record);
  const LowRecord low = low_orders_.Below(record.bins, record.transform_length, rate_hz,
                                          1.1 * HarmonicLevels::kHighestOrder * speed.hz);
  const double duration_s = record.transform_length / rate_hz;
  // Here, and not when it is needed: the next record of this length must find the memory.
  const LineShares constant = SharesOf(low.samples, low.rate_hz, speed.hz);
  resampled_.reserve(low.samples.size());
  float most = kLeastGain;
  const auto consider = [&](const ShaftAngle& angle, int harmonic) {
    const float variation = angle.VariationPercent(duration_s);
    if (!(variation > kMostVariationPercent)) {
      if (!varies_) speed.variation_percent = std::fmin(speed.variation_percent, variation);
      return;
    }
    const UniformAngle uniform =
        ResampleToUniformAngle(low.samples, low.rate_hz, angle, resampled_);
    const LineShares shares = SharesOf(resampled_, low.rate_hz, uniform.speed_hz);
    const float gain = Gain(constant, shares, 0);
    if (harmonic > 0) {
      if (std::abs(uniform.speed_hz / speed.hz - 1) > kNear) return;  // another line
      if (gain <= most || Gain(constant, shares, harmonic) < kLeastGain) return;
    }
    most = std::max(most, gain);
    candidate_ = angle;
    varies_ = true;
    speed.exact = true;
    speed.variation_percent = variation;
  };
  if (!path_.empty()) consider(path_, 0);
  for (int harmonic = 1; harmonic <= kHarmonics; ++harmonic) {
    if (phase_.Follow(record.bins, record.transform_length, rate_hz, speed.hz, harmonic,
                      phase_angle_)) {
      consider(phase_angle_, harmonic);
    }
  }
  candidate_.Reserve(phase_angle_.capacity());
  angle_.Reserve(phase_angle_.capacity());
  if (!varies_) return;
  ShaftAngle::Piece piece = 0;
  const double start = candidate_.At(0, piece).turns;
  speed.hz = (candidate_.At(duration_s, piece).turns - start) / duration_s;
}

ShaftTracking::LineShares ShaftTracking::SharesOf(std::span<const float> samples, double rate_hz,
                                                  double speed_hz) {
  const int length = static_cast<int>(samples.size());
  const RealFft& fft = plans_.For(length);
  bins_.resize(fft.bin_count());
  fft.Forward(samples, bins_);
  bins_[0] = 0;
  power_.assign(bins_.size(), 0.0f);
  for (size_t i = 1; i + 1 < bins_.size(); ++i) {
    power_[i] = std::norm(0.5f * bins_[i] - 0.25f * (bins_[i - 1] + bins_[i + 1]));
  }
  const double bins_per_order = speed_hz * length / rate_hz;
  levels_.Load(power_, static_cast<int>(HarmonicLevels::kHighestOrder * bins_per_order) + 2,
               std::max(16, static_cast<int>(2 * bins_per_order)));
  LineShares shares{};
  for (int k = 1; k <= kHarmonics; ++k) {
    const double centre = k * bins_per_order;
    const double half = std::min(HarmonicPhase::kReach * k, kNeighbourShare) * bins_per_order;
    const auto begin = power_.begin() + static_cast<std::ptrdiff_t>(centre - half);
    const auto end = power_.begin() + static_cast<std::ptrdiff_t>(centre + half) + 1;
    if (half < 2 || end > power_.end() - 2) break;
    const auto peak = std::max_element(begin, end);
    if (levels_.At(static_cast<size_t>(peak - power_.begin())) < kPlainLevel) continue;
    const float around = std::accumulate(begin, end, 0.0f);
    shares[k - 1] = (peak[-1] + peak[0] + peak[1]) / around;
  }
  return shares;
}

std::span<const float> ShaftTracking::AtUniformAngle(std::span<const float> samples,
                                                     double sample_rate_hz) {
  assert(varies_ && !angle_.empty());
  ResampleToUniformAngle(samples, sample_rate_hz, angle_, resampled_);
  return resampled_;
}

}  // namespace auscult::features
