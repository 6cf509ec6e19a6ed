#pragma once

#include <complex>
#include <span>
#include <vector>

#include "features/bearing_family.h"
#include "features/fft.h"
#include "features/gear_condition.h"
#include "features/high_frequency.h"
#include "features/highpass.h"
#include "features/impulsiveness.h"
#include "features/machine.h"
#include "features/quality.h"
#include "features/record_transform.h"
#include "features/shaft_speed.h"
#include "features/units.h"
#include "features/velocity.h"

namespace auscult::features {

// Fills the feature set of vibration from an analysed channel, orders and bearing features apart.
// Owns the plans and scratch memory of one record length and rate: one for each thread.
class VibrationFeatureFiller {
 public:
  VibrationFeatureFiller(int transform_length, double sample_rate_hz);

  // `values` is kVibrationCount long and all NaN; every position that the record supports is
  // written, orders and bearings apart. Of a constant record that is the time domain alone. Gives
  // the quality flags that came to light.
  QualityFlags Fill(const ChannelRecord& record, Quantity quantity, const Machine& machine,
                    ShaftSpeed speed, std::span<float> values);

  // Writes what belongs to the shaft: the speed itself, its lines and their phases, gears, blades
  // and belt. `record` is at uniform angle where the speed varies. Nothing of a constant record.
  void FillOrders(const ChannelRecord& record, Quantity quantity, const Machine& machine,
                  ShaftSpeed speed, std::span<float> values);

 private:
  void FillFiltered(const ChannelRecord& record, std::span<float> values);
  void FillGears(const ChannelRecord& record, Quantity quantity, const Machine& machine,
                 double shaft_hz, std::span<float> values);

  Highpass highpass_;
  Displacement displacement_;
  std::vector<BandImpulsiveness> impulsiveness_;
  HighFrequency high_frequency_;
  GearAnalysis gears_;
  FftVector<std::complex<float>> scratch_bins_;
  FftVector<std::complex<float>> analytic_;
  FftVector<float> scratch_;
};

// Writes the bearing features of a channel: those of the strongest bearing, NaN without one.
void FillBearing(const FamilyScores& scores, std::span<float> values);

}  // namespace auscult::features
