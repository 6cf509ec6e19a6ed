#pragma once

#include <complex>
#include <span>

namespace auscult::features {

// Phase of the line at `order` x shaft speed in a record that turns uniformly: the phase lag of API
// 670, in degrees of that order from 0 to below 360, from the beginning of the tachometer's pulse
// to the next positive peak of the signal; for a sine that peaks a quarter of its period after the
// pulse it is 90. `bins`: of a RealFft of `length` samples without their mean; `start_turns`: angle
// of the first sample from the pulse. NaN where the speed or the angle is, or where the line is
// less than three times as high as what is beside it.
float OrderPhaseDeg(std::span<const std::complex<float>> bins, int length, double sample_rate_hz,
                    double shaft_hz, int order, double start_turns);

}  // namespace auscult::features
