#include "features/current_fill.h"

#include <cmath>
#include <numbers>

#include "features/current.h"
#include "features/current_set.h"

namespace auscult::features {
namespace {

float& At(std::span<float> values, Current feature) { return values[static_cast<size_t>(feature)]; }

void FillTimeDomain(const ChannelRecord& record, std::span<float> values) {
  const TimeDomain time = TimeDomainOf(record.range, record.moments);
  At(values, Current::kMean) = time.mean;
  At(values, Current::kRms) = time.rms;
  At(values, Current::kPeak) = time.peak;
  At(values, Current::kPeakToPeak) = time.peak_to_peak;
  At(values, Current::kCrestFactor) = time.crest_factor;
  At(values, Current::kKurtosis) = time.kurtosis;
  At(values, Current::kLevelDb) = AmplitudeDb(record.Rms());
}

void FillLine(const ChannelRecord& record, const SupplyLine& line, std::span<float> values) {
  constexpr double kHighBandOrder = 20;
  At(values, Current::kLineFrequencyHz) = line.frequency_hz;
  At(values, Current::kThdPercent) = line.thd_percent;
  At(values, Current::kLineDb) = AmplitudeDb(static_cast<double>(line.rms));
  At(values, Current::kHarmonic3Db) = AmplitudeDb(static_cast<double>(line.harmonic_rms[0]));
  At(values, Current::kHarmonic5Db) = AmplitudeDb(static_cast<double>(line.harmonic_rms[1]));
  At(values, Current::kHarmonic7Db) = AmplitudeDb(static_cast<double>(line.harmonic_rms[2]));
  const double f = static_cast<double>(line.frequency_hz);
  const double nyquist_hz = record.spectrum.nyquist_hz();
  At(values, Current::kBelowLineDb) = BandDb(record.spectrum, {0.1 * f, 0.9 * f});
  At(values, Current::kAboveLineDb) = BandDb(record.spectrum, {1.1 * f, 1.9 * f});
  At(values, Current::kHighBandDb) = BandDb(record.spectrum, {kHighBandOrder * f, nyquist_hz});
}

void FillFaultLines(const LineSpectrum& lines, const RotorMotion& rotor, const Machine& machine,
                    std::span<float> values) {
  const RotorBarLines bars = RotorBarLinesOf(lines, rotor);
  At(values, Current::kSidebandLowDb) = bars.low_db;
  At(values, Current::kSidebandHighDb) = bars.high_db;
  At(values, Current::kSidebandLow2Db) = bars.low_2_db;
  At(values, Current::kSidebandHigh2Db) = bars.high_2_db;
  At(values, Current::kSidebandLowExcessDb) = bars.low_excess_db;
  At(values, Current::kThirdSidebandDb) = bars.third_db;
  At(values, Current::kThirdSidebandExcessDb) = bars.third_excess_db;
  const EccentricityLines eccentricity = EccentricityLinesOf(lines, rotor, machine);
  At(values, Current::kEccentricityLowDb) = eccentricity.low_db;
  At(values, Current::kEccentricityHighDb) = eccentricity.high_db;
  At(values, Current::kEccentricityExcessDb) = eccentricity.excess_db;
  At(values, Current::kSlotDb) = eccentricity.slot_db;
  At(values, Current::kSlotDynamicDb) = eccentricity.slot_dynamic_db;
  const BearingCurrentLines bearing = BearingCurrentLinesOf(lines, rotor, machine);
  if (bearing.bearing < 0) return;
  At(values, Current::kBearingIndex) = static_cast<float>(bearing.bearing);
  At(values, Current::kBearingOuterDb) = bearing.below_db[0];
  At(values, Current::kBearingInnerDb) = bearing.below_db[1];
  At(values, Current::kBearingBallDb) = bearing.below_db[2];
  At(values, Current::kBearingOuterExcessDb) = bearing.excess_db[0];
  At(values, Current::kBearingInnerExcessDb) = bearing.excess_db[1];
  At(values, Current::kBearingBallExcessDb) = bearing.excess_db[2];
}

}  // namespace

void CurrentFeatureFiller::Begin(const Waveform& waveform, const Machine& machine,
                                 const Conditions& sent, bool stopped, std::span<float> values) {
  machine_ = &machine;
  sent_ = sent;
  stopped_ = stopped;
  values_ = values;
  channel_count_ = waveform.channel_count();
  line_hz_ = 0;
  park_.Clear();
  for (int i = 0; i < channel_count_; ++i) {
    channels_[i].quantity = waveform.channel(i).quantity;
    channels_[i].filled = false;
    channels_[i].phasor = 0;
    channels_[i].lines.Clear();
  }
}

std::span<float> CurrentFeatureFiller::ValuesOf(int channel) const {
  return values_.subspan(static_cast<size_t>(channel) * kCurrentCount, kCurrentCount);
}

double CurrentFeatureFiller::HighestShaftHz() const {
  if (PolePairs(*machine_) > 0) return line_hz_ / PolePairs(*machine_);
  return static_cast<double>(sent_.speed_rpm * (1 + sent_.speed_tolerance)) / 60;
}

void CurrentFeatureFiller::Fill(int channel, const ChannelRecord& record) {
  const std::span<float> values = ValuesOf(channel);
  Channel& analysed = channels_[channel];
  analysed.phase = {record.samples, record.range.mean, record.range.Peak()};
  analysed.filled = true;
  FillTimeDomain(record, values);
  const SupplyLine line = SupplyLineOf(record.spectrum);
  const double resolution_hz = record.resolution_hz();
  if (line.frequency_hz > 0) {
    FillLine(record, line, values);
    if (line_hz_ == 0) line_hz_ = static_cast<double>(line.frequency_hz);
    At(values, Current::kAmplitudeVariationPercent) =
        AmplitudeVariationPercent(record.bins, resolution_hz, line_hz_);
    analysed.lines.Compute(record.bins, resolution_hz, line_hz_,
                           HighestCurrentLineHz(*machine_, line_hz_, HighestShaftHz()));
  }
  if (line_hz_ > 0) {
    analysed.phasor = record.range.Peak() *
                      LinePhasor(record.bins, record.transform_length, resolution_hz, line_hz_);
  }
}

AnalysedSpeed CurrentFeatureFiller::Finish(RecordTransform& transform) {
  FillBalance(Quantity::kVoltage, transform);
  park_.Clear();  // the rotor shows in the currents
  FillBalance(Quantity::kCurrent, transform);
  resolution_hz_ = transform.resolution_hz();
  if (!(line_hz_ > 0) || stopped_) return {sent_.speed_rpm, false};
  const RotorMotion rotor = FindRotor();
  FillRecord(rotor);
  for (int i = 0; i < channel_count_; ++i) {
    FillFaultLines(channels_[i].lines, rotor, *machine_, ValuesOf(i));
  }
  const bool measured = !std::isnan(sent_.speed_rpm) && sent_.speed_tolerance == 0;
  if (measured || std::isnan(rotor.shaft_hz)) return {sent_.speed_rpm, false};
  return {static_cast<float>(60 * rotor.shaft_hz), true};
}

void CurrentFeatureFiller::FillBalance(Quantity quantity, RecordTransform& transform) {
  std::array<int, 3> found{};
  int count = 0;
  for (int i = 0; i < channel_count_; ++i) {
    if (channels_[i].quantity != quantity) continue;
    if (count < 3) found[count] = i;
    ++count;
  }
  if (count != 3) return;
  const Channel& a = channels_[found[0]];
  const Channel& b = channels_[found[1]];
  const Channel& c = channels_[found[2]];
  const PhaseBalance balance = PhaseBalanceOf({a.phasor, b.phasor, c.phasor});
  float park_2f_percent = kNotKnown;
  if (line_hz_ > 0) {
    park_.Compute({a.phase, b.phase, c.phase}, line_hz_, transform);
    park_2f_percent = park_.TwiceSupplyPercent();
  }
  for (const int channel : found) {
    const std::span<float> values = ValuesOf(channel);
    At(values, Current::kUnbalancePercent) = balance.unbalance_percent;
    At(values, Current::kNegativeSequencePercent) = balance.negative_sequence_percent;
    At(values, Current::kZeroSequencePercent) = balance.zero_sequence_percent;
    At(values, Current::kPositiveSequenceRms) =
        balance.positive_sequence / std::numbers::sqrt2_v<float>;
    At(values, Current::kPark2fPercent) = park_2f_percent;
  }
}

// Of the phases that carry a current: what only one of them shows counts a third.
std::span<const float> CurrentFeatureFiller::MeanLevels() {
  mean_levels_.clear();
  float count = 0;
  for (int i = 0; i < channel_count_; ++i) {
    if (channels_[i].quantity != Quantity::kCurrent || channels_[i].lines.empty()) continue;
    const std::span<const float> levels = channels_[i].lines.levels();
    mean_levels_.resize(levels.size());
    for (size_t k = 0; k < levels.size(); ++k) mean_levels_[k] += levels[k];
    ++count;
  }
  for (float& level : mean_levels_) level /= count;
  return mean_levels_;
}

RotorMotion CurrentFeatureFiller::FindRotor() {
  const SlipPrior prior = SlipPriorOf(*machine_, sent_, line_hz_);
  const std::span<const float> levels = MeanLevels();
  const std::span<const float> park_levels =
      park_.empty() ? std::span<const float>() : park_.spectrum().levels();
  const RotorSlip found =
      slip_search_.Find({levels, park_levels, resolution_hz_, line_hz_}, *machine_, prior);
  double shaft_hz = line_hz_ * (1 - found.slip) / PolePairs(*machine_);
  if (std::isnan(found.slip)) {
    shaft_hz = sent_.speed_tolerance == 0 ? static_cast<double>(sent_.speed_rpm) / 60
                                          : static_cast<double>(kNotKnown);
  }
  return {found.slip, shaft_hz, found.confidence};
}

// What is one for the whole record stands with each of its channels.
void CurrentFeatureFiller::FillRecord(const RotorMotion& rotor) {
  const double distance_hz = 2 * rotor.slip * line_hz_;
  const auto half_hz = [&](double hz, double share) { return rotor.is_sure() ? 0 : share * hz; };
  const float park_2sf_percent =
      park_.LinePercent(distance_hz, half_hz(distance_hz, kSidebandSearchShare));
  const float park_shaft_percent =
      park_.LinePercent(rotor.shaft_hz, half_hz(rotor.shaft_hz, kShaftSearchShare));
  const float record_s = RotorRecordSeconds(
      std::isnan(rotor.slip) ? LeastGradedSlip(*machine_, line_hz_) : rotor.slip, line_hz_);
  for (int i = 0; i < channel_count_; ++i) {
    if (!channels_[i].filled) continue;
    const std::span<float> values = ValuesOf(i);
    At(values, Current::kSlip) = static_cast<float>(rotor.slip);
    At(values, Current::kSlipConfidence) = rotor.confidence;
    At(values, Current::kShaftSpeedRpm) = static_cast<float>(60 * rotor.shaft_hz);
    At(values, Current::kRotorRecordS) = record_s;
    if (channels_[i].quantity != Quantity::kCurrent) continue;
    At(values, Current::kPark2sfPercent) = park_2sf_percent;
    At(values, Current::kParkShaftPercent) = park_shaft_percent;
  }
}

}  // namespace auscult::features
