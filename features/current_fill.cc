#include "features/current_fill.h"

#include <cmath>

#include "features/current.h"
#include "features/current_set.h"

namespace auscult::features {
namespace {

float& At(std::span<float> values, Current feature) { return values[static_cast<size_t>(feature)]; }

float AmplitudeDb(double amplitude) {
  return amplitude > 0 ? static_cast<float>(20.0 * std::log10(amplitude)) : kNotKnown;
}

float BandDb(const PowerSpectrum& spectrum, Band band) {
  if (!(band.high_hz - band.low_hz >= spectrum.resolution_hz)) return kNotKnown;
  const double power = BandPower(spectrum, band);
  return power > 0 ? static_cast<float>(10.0 * std::log10(power)) : kNotKnown;
}

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

}  // namespace

void CurrentFeatureFiller::Begin(const Waveform& waveform, std::span<float> values) {
  values_ = values;
  channel_count_ = waveform.channel_count();
  line_hz_ = 0;
  for (int i = 0; i < channel_count_; ++i) quantities_[i] = waveform.channel(i).quantity;
}

void CurrentFeatureFiller::Fill(int channel, const ChannelRecord& record, const Machine& machine,
                                float speed_rpm) {
  const std::span<float> values =
      values_.subspan(static_cast<size_t>(channel) * kCurrentCount, kCurrentCount);
  FillTimeDomain(record, values);
  const SupplyLine line = SupplyLineOf(record.spectrum);
  if (line.frequency_hz > 0) {
    FillLine(record, line, values);
    if (line_hz_ == 0) line_hz_ = static_cast<double>(line.frequency_hz);
    const RotorSidebands rotor = RotorSidebandsOf(record.bins, record.resolution_hz(), machine,
                                                  static_cast<double>(speed_rpm) / 60,
                                                  static_cast<double>(line.frequency_hz));
    At(values, Current::kSlip) = rotor.slip;
    At(values, Current::kSidebandLowDb) = rotor.low_db;
    At(values, Current::kSidebandHighDb) = rotor.high_db;
  }
  phasors_[channel] =
      line_hz_ > 0 ? record.range.Peak() * LinePhasor(record.bins, record.resolution_hz(), line_hz_)
                   : 0;
}

void CurrentFeatureFiller::Finish() {
  FillBalance(Quantity::kCurrent);
  FillBalance(Quantity::kVoltage);
}

void CurrentFeatureFiller::FillBalance(Quantity quantity) {
  std::array<int, 3> channels{};
  int count = 0;
  for (int i = 0; i < channel_count_; ++i) {
    if (quantities_[i] != quantity) continue;
    if (count < 3) channels[count] = i;
    ++count;
  }
  if (count != 3) return;
  const PhaseBalance balance =
      PhaseBalanceOf({phasors_[channels[0]], phasors_[channels[1]], phasors_[channels[2]]});
  for (const int channel : channels) {
    const std::span<float> values =
        values_.subspan(static_cast<size_t>(channel) * kCurrentCount, kCurrentCount);
    At(values, Current::kUnbalancePercent) = balance.unbalance_percent;
    At(values, Current::kNegativeSequencePercent) = balance.negative_sequence_percent;
  }
}

}  // namespace auscult::features
