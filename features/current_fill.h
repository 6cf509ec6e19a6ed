#pragma once

#include <array>
#include <complex>
#include <span>

#include "features/machine.h"
#include "features/record_transform.h"
#include "features/waveform.h"

namespace auscult::features {

// Fills the feature set of currents channel by channel, and then what only three phases together
// show. Keeps the phasors of one record between Begin and Finish: one for each thread.
class CurrentFeatureFiller {
 public:
  // `values` holds channel_count x kCurrentCount numbers, all NaN, and outlives Finish.
  void Begin(const Waveform& waveform, std::span<float> values);
  void Fill(int channel, const ChannelRecord& record, const Machine& machine, float speed_rpm);
  // The balance of each group of exactly three channels of one quantity.
  void Finish();

 private:
  void FillBalance(Quantity quantity);

  std::span<float> values_;
  int channel_count_ = 0;
  std::array<Quantity, Waveform::kMaxChannels> quantities_{};
  std::array<std::complex<double>, Waveform::kMaxChannels> phasors_{};
  double line_hz_ = 0;  // the first one found: phases are compared at one frequency
};

}  // namespace auscult::features
