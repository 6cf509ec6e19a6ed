#pragma once

#include <span>

#include "features/machine.h"
#include "features/quality.h"
#include "features/spectrum.h"
#include "features/time_domain.h"
#include "features/units.h"

namespace auscult::features {

// What the samples themselves show: kClipped, kConstant, kDropout, kOffsetJump, kRepeatedBlock.
// Steps of the converter are allowed for: a value that repeats because the signal moves slower than
// the converter resolves is neither clipping nor a dropout. `range` is RangeOf(samples), `rms` that
// of the record without its mean.
QualityFlags CheckSamples(std::span<const float> samples, const Range& range, double rms);

// What the spectrum shows, of vibration only: kSkiSlope, kMainsPickup. `shaft_hz` is NaN where not
// known; mains pick-up is then not judged, since a two-pole machine turns at mains frequency.
QualityFlags CheckSpectrum(const PowerSpectrum& spectrum, Quantity quantity, double shaft_hz,
                           const Machine& machine);

}  // namespace auscult::features
