#include "features/vibration.h"

#include <algorithm>
#include <cmath>

#include "features/gear_mesh.h"
#include "features/order_phase.h"
#include "features/orders.h"
#include "features/quality_check.h"
#include "features/vibration_set.h"

namespace auscult::features {
namespace {

float& At(std::span<float> values, Vibration feature, int offset = 0) {
  return values[static_cast<size_t>(static_cast<int>(feature) + offset)];
}

void FillTimeDomain(const ChannelRecord& record, std::span<float> values) {
  const TimeDomain time = TimeDomainOf(record.range, record.moments);
  At(values, Vibration::kMean) = time.mean;
  At(values, Vibration::kRms) = time.rms;
  At(values, Vibration::kPeak) = time.peak;
  At(values, Vibration::kPeakToPeak) = time.peak_to_peak;
  At(values, Vibration::kCrestFactor) = time.crest_factor;
  At(values, Vibration::kSkewness) = time.skewness;
  At(values, Vibration::kKurtosis) = time.kurtosis;
  At(values, Vibration::kShapeFactor) = time.shape_factor;
  At(values, Vibration::kImpulseFactor) = time.impulse_factor;
  At(values, Vibration::kLevelDb) = AmplitudeDb(record.Rms());
  At(values, Vibration::kPeakDb) = AmplitudeDb(record.range.Peak());
}

void FillBands(const PowerSpectrum& spectrum, std::span<float> values) {
  const double nyquist_hz = spectrum.nyquist_hz();
  for (size_t i = 0; i < kBandEdgesHz.size(); ++i) {
    const double low_hz = kBandEdgesHz[i];
    const double next_hz = i + 1 < kBandEdgesHz.size() ? kBandEdgesHz[i + 1] : nyquist_hz;
    const double high_hz = std::min(next_hz, nyquist_hz);
    At(values, Vibration::kFirstBandDb, static_cast<int>(i)) = BandDb(spectrum, {low_hz, high_hz});
  }
}

}  // namespace

VibrationFeatureFiller::VibrationFeatureFiller(int transform_length, double sample_rate_hz)
    : highpass_(transform_length, sample_rate_hz),
      displacement_(transform_length, sample_rate_hz),
      high_frequency_(transform_length, sample_rate_hz),
      scratch_(static_cast<size_t>(transform_length)) {
  int longest = transform_length / 2 + 1;
  int longest_envelope = high_frequency_.scratch_length();
  for (const Band& band : kImpulsivenessBands) {
    impulsiveness_.emplace_back(band, transform_length, sample_rate_hz);
    longest_envelope = std::max(longest_envelope, impulsiveness_.back().scratch_length());
  }
  scratch_bins_.resize(static_cast<size_t>(std::max(longest, longest_envelope)));
  analytic_.resize(static_cast<size_t>(longest_envelope));
}

QualityFlags VibrationFeatureFiller::Fill(const ChannelRecord& record, Quantity quantity,
                                          const Machine& machine, ShaftSpeed speed,
                                          std::span<float> values) {
  FillTimeDomain(record, values);
  // A dead sensor has no vibration to report: a velocity of 0 would be a zone A.
  if (!(record.range.Peak() > 0)) return 0;
  FillBands(record.spectrum, values);
  FillFiltered(record, values);
  At(values, Vibration::kLine2xMmS) =
      TwiceLineFrequencyMmS(record.spectrum, quantity, machine.line_frequency_hz);

  const auto speed_rpm = static_cast<float>(60.0 * speed.hz);
  const Band band = VelocityBand(speed_rpm);
  At(values, Vibration::kVelocityRmsMmS) = VelocityRmsMmS(record.spectrum, quantity, speed_rpm);
  At(values, Vibration::kAccelerationRmsMS2) =
      AccelerationRmsMS2(record.spectrum, quantity, speed_rpm);
  At(values, Vibration::kDisplacementRmsUm) =
      DisplacementRmsUm(record.spectrum, quantity, speed_rpm);
  At(values, Vibration::kDisplacementPpUm) =
      displacement_.PeakToPeakUm(record.bins, record.range.Peak(), quantity, band);

  QualityFlags flags = CheckSpectrum(record.spectrum, quantity, speed.hz, machine);
  if (!ResolvesVelocity(record.resolution_hz(), record.spectrum.nyquist_hz(), band)) {
    flags |= Bit(QualityFlag::kTooShortForVelocity);
  }
  if (speed.hz < kTurnsForLines * record.resolution_hz()) {
    flags |= Bit(QualityFlag::kTooShortForLines);
  }
  return flags;
}

void VibrationFeatureFiller::FillFiltered(const ChannelRecord& record, std::span<float> values) {
  const HighpassStatistics highpass = highpass_.Statistics(
      record.bins, std::span(scratch_bins_).first(record.bins.size()), scratch_);
  const auto peak = static_cast<float>(record.range.Peak());
  At(values, Vibration::kHighpassRms) = highpass.rms * peak;
  At(values, Vibration::kHighpassPeak) = highpass.peak * peak;
  At(values, Vibration::kHighpassCrestFactor) = highpass.crest_factor;
  At(values, Vibration::kHighpassKurtosis) = highpass.kurtosis;
  for (size_t i = 0; i < impulsiveness_.size(); ++i) {
    At(values, Vibration::kFirstImpulsivenessDb, static_cast<int>(i)) =
        impulsiveness_[i].Db(record.bins, scratch_bins_, analytic_);
  }
  const HighFrequencyLevel high = high_frequency_.Level(record.bins, scratch_bins_, analytic_);
  At(values, Vibration::kHighFrequencyRms) = high.rms * peak;
  At(values, Vibration::kHighFrequencyPeak) = high.peak * peak;
}

void VibrationFeatureFiller::FillGears(const ChannelRecord& record, Quantity quantity,
                                       const Machine& machine, double shaft_hz,
                                       std::span<float> values) {
  for (size_t i = 0; i < machine.gears.size(); ++i) {
    const Gear& gear = machine.gears[i];
    const double gear_hz = GearShaftHz(record.spectrum, quantity, gear, shaft_hz);
    const GearCondition found = gears_.Analyse(record.bins, record.transform_length,
                                               gear_hz / record.resolution_hz(), gear.teeth);
    const float most = At(values, Vibration::kGearFm4);
    if (std::isnan(found.fm0) || !(std::isnan(most) || found.fm4 > most)) continue;
    At(values, Vibration::kGearIndex) = static_cast<float>(i);
    At(values, Vibration::kGearFm0) = found.fm0;
    At(values, Vibration::kGearFm4) = found.fm4;
    At(values, Vibration::kGearNa4) = found.na4;
    At(values, Vibration::kGearResidualRms) =
        found.residual_rms * static_cast<float>(record.range.Peak());
    At(values, Vibration::kGearSidebandEnergyRatio) = found.sideband_energy_ratio;
  }
}

void VibrationFeatureFiller::FillOrders(const ChannelRecord& record, Quantity quantity,
                                        const Machine& machine, ShaftSpeed speed,
                                        std::span<float> values) {
  if (!(record.range.Peak() > 0)) return;
  const PowerSpectrum& spectrum = record.spectrum;
  const ShaftOrders orders = ShaftOrdersOf(spectrum, quantity, speed.hz);
  At(values, Vibration::kOrderHalf) = orders.half_mm_s[0];
  for (int i = 1; i < kHalfOrderCount; ++i) {
    At(values, Vibration::kOrder1Half, i - 1) = orders.half_mm_s[i];
  }
  for (int i = 0; i < kShaftOrderCount; ++i) {
    At(values, Vibration::kOrder1, i) = orders.order_mm_s[i];
  }
  const GearLines gear = GearLinesOf(spectrum, quantity, machine, speed.hz);
  At(values, Vibration::kGearMeshMS2) = gear.mesh_m_s2;
  At(values, Vibration::kGearSidebandRatio) = gear.sideband_ratio;
  At(values, Vibration::kBladePassMmS) = BladePassMmS(spectrum, quantity, machine.blades, speed.hz);
  At(values, Vibration::kBeltMmS) = BeltMmS(spectrum, quantity, machine.belt_order, speed.hz);
  FillGears(record, quantity, machine, speed.hz, values);
  At(values, Vibration::kSpeedConfidence) = speed.confidence;
  At(values, Vibration::kSpeedVariationPercent) = speed.variation_percent;
  for (int order = 1; order <= 2; ++order) {
    At(values, Vibration::kOrder1PhaseDeg, order - 1) = OrderPhaseDeg(
        record.bins, record.transform_length, record.resolution_hz() * record.transform_length,
        speed.hz, order, speed.start_turns);
  }
}

void FillBearing(const FamilyScores& scores, std::span<float> values) {
  if (scores.strongest_bearing < 0) return;
  const BearingScore& bearing = scores.bearings[static_cast<size_t>(scores.strongest_bearing)];
  At(values, Vibration::kBearingIndex) = static_cast<float>(scores.strongest_bearing);
  At(values, Vibration::kKurtogramKurtosis) = scores.kurtogram_kurtosis;
  At(values, Vibration::kKurtogramBandLowHz) = scores.kurtogram_band_low_hz;
  At(values, Vibration::kKurtogramBandHighHz) = scores.kurtogram_band_high_hz;
  Family strongest = Family::kOuter;
  for (int i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    At(values, Vibration::kFirstExistence, i) = bearing[family].existence;
    At(values, Vibration::kFirstDepth, i) = bearing[family].depth;
    At(values, Vibration::kFirstBandDepth, i) = bearing[family].band_depth;
    if (family == Family::kCage) continue;  // cage orders are too low to be located well
    At(values, Vibration::kFirstFamilyOrder, i) = bearing[family].order;
    if (Accusation(bearing, family) > Accusation(bearing, strongest)) strongest = family;
  }
  At(values, Vibration::kBearingBandLowHz) = bearing[strongest].best_band_low_hz;
  At(values, Vibration::kBearingBandHighHz) = bearing[strongest].best_band_high_hz;
}

}  // namespace auscult::features
