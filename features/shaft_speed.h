#pragma once

#include <array>
#include <complex>
#include <limits>
#include <span>
#include <vector>

#include "features/angle_resampling.h"
#include "features/band_envelope.h"
#include "features/harmonic_phase.h"
#include "features/low_orders.h"
#include "features/machine.h"
#include "features/quality.h"
#include "features/record_transform.h"
#include "features/speed_search.h"
#include "features/tachometer.h"
#include "features/waveform.h"

namespace auscult::features {

// The shaft speed that features in orders are taken at. NaN = not known.
struct ShaftSpeed {
  double hz = std::numeric_limits<double>::quiet_NaN();  // mean over the record
  // 0..1: 1 where it was measured, else how clearly the record shows it.
  float confidence = kNotKnown;
  float variation_percent = kNotKnown;  // as ShaftAngle::VariationPercent
  bool exact = false;                   // told by a tachometer or a phase: not to be sharpened
  // Angle of the first sample in turns from the pulse of a tachometer that gives one in a turn.
  double start_turns = std::numeric_limits<double>::quiet_NaN();
};

// Determines once for all channels of a waveform how its shaft turned: by the pulses of a
// tachometer; else at the speed that was sent, unless the record's lines plainly contradict; else
// by the record's own lines around the nominal speed, or anywhere where there is none. Keeps plans
// and scratch memory: one for each thread.
class ShaftTracking {
 public:
  // From this variation of the speed on, lines smear and orders need uniform angle.
  static constexpr float kMostVariationPercent = 0.3f;

  // Channels are analysed as needed: all of them where the speed is searched, one where it is only
  // checked, none where a tachometer tells it. Adds kSpeedEstimated, kSpeedContradicted, kNoSpeed
  // and kTachometerUnusable to `flags`.
  ShaftSpeed Find(ChannelAnalysis& analysis, const Machine& machine, QualityFlags& flags);

  // The same by the first usable tachometer alone; false, and `speed` is left, without one.
  bool ReadTachometer(const Waveform& waveform, const Machine& machine, ShaftSpeed& speed,
                      QualityFlags& flags);

  // Of the waveform seen last: whether its channels must be brought to uniform angle for anything
  // in orders.
  bool varies() const { return varies_; }
  // A channel at uniform angle, where varies(): at the sampling rate and the mean speed it turns
  // steadily. Valid until the next call.
  std::span<const float> AtUniformAngle(std::span<const float> samples, double sample_rate_hz);

 private:
  struct Range {
    double low_hz;
    double high_hz;
  };
  // How much of what lies around a harmonic stands in its line: 1 for a steady shaft, less where
  // the line is smeared. 0 for a harmonic that does not stand out.
  static constexpr int kHarmonics = 6;
  using LineShares = std::array<float, kHarmonics>;

  ShaftSpeed Check(ChannelAnalysis& analysis, double speed_hz, QualityFlags& flags);
  ShaftSpeed Search(ChannelAnalysis& analysis, Range range);
  ShaftSpeed SearchChannel(const ChannelRecord& record, Range range);
  bool Contradicts(const ChannelRecord& record, double speed_hz);
  void Follow(const ChannelRecord& record, ShaftSpeed& speed);
  LineShares SharesOf(std::span<const float> samples, double rate_hz, double speed_hz);

  Tachometer tachometer_;
  LowOrders low_orders_;
  BandEnvelope envelope_;
  std::vector<BinRange> bands_;
  SpeedSearch search_;
  SpeedRefinement refinement_;
  HarmonicPhase phase_;
  HarmonicLevels levels_;
  PlanCache<RealFft> plans_;
  FftVector<std::complex<float>> bins_;
  FftVector<float> power_;
  FftVector<float> resampled_;
  ShaftAngle angle_;      // of the channel that shows it best
  ShaftAngle candidate_;  // of the channel at hand
  ShaftAngle path_;       // of the search
  ShaftAngle phase_angle_;
  bool varies_ = false;
};

}  // namespace auscult::features
