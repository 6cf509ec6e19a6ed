#pragma once

#include <array>
#include <complex>
#include <span>

#include "features/current_faults.h"
#include "features/current_lines.h"
#include "features/current_park.h"
#include "features/current_slip.h"
#include "features/machine.h"
#include "features/record_transform.h"
#include "features/waveform.h"

namespace auscult::features {

// The shaft speed that a record was analysed at.
struct AnalysedSpeed {
  float rpm;       // NaN where neither sent nor found
  bool estimated;  // found in the record
};

// Fills the feature set of currents channel by channel, and then what only the whole record shows:
// three phases together, and the lines of faults, which stand where all phases say that the slip
// is. Memory is kept between records: one for each thread.
class CurrentFeatureFiller {
 public:
  // `values` holds channel_count x kCurrentCount numbers, all NaN; it and `machine`
  // outlive Finish. `sent` is what is known of the speed. A machine that stands still has no lines.
  void Begin(const Waveform& waveform, const Machine& machine, const Conditions& sent, bool stopped,
             std::span<float> values);
  // Not every channel need be filled.
  void Fill(int channel, const ChannelRecord& record);
  // `transform` is that of the records' length.
  AnalysedSpeed Finish(RecordTransform& transform);

 private:
  struct Channel {
    Quantity quantity = Quantity::kCurrent;
    Phase phase;
    std::complex<double> phasor;
    LineSpectrum lines;
    bool filled = false;
  };

  std::span<float> ValuesOf(int channel) const;
  void FillBalance(Quantity quantity, RecordTransform& transform);
  RotorMotion FindRotor();
  std::span<const float> MeanLevels();
  void FillRecord(const RotorMotion& rotor);
  double HighestShaftHz() const;

  const Machine* machine_ = nullptr;
  Conditions sent_;
  bool stopped_ = false;
  std::span<float> values_;
  int channel_count_ = 0;
  std::array<Channel, Waveform::kMaxChannels> channels_;
  double resolution_hz_ = 0;
  double line_hz_ = 0;  // the first one found: phases are compared at one frequency
  ParkModulus park_;    // of the three currents
  RotorSlipSearch slip_search_;
  FftVector<float> mean_levels_;
};

}  // namespace auscult::features
