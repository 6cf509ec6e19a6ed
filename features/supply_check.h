#pragma once

#include <span>

#include "features/machine.h"
#include "features/quality.h"
#include "features/spectrum.h"

namespace auscult::features {

// What the supply line of a current or voltage shows of the clock of the record: no other signal is
// known so well beforehand. `line_hz` is the line as found, NaN for none: nothing is judged then.

// kRateSuspect: the line is more than 3 % (and a bin) beside the machine's line frequency, where
// nothing stands out, and the speed is not that of a motor which an inverter feeds at `line_hz`.
// `speed_hz` is one that was measured, NaN where none was.
QualityFlags CheckRate(const PowerSpectrum& spectrum, double line_hz, const Machine& machine,
                       double speed_hz);

// kLostSamples: the phase of the line jumps by more than 45 degrees within four cycles, and by more
// than what else is in the record explains. Needs 16 cycles, of four samples or more. A loss of
// whole cycles, to an eighth, is not seen.
QualityFlags CheckLinePhase(std::span<const float> samples, double sample_rate_hz,
                            const PowerSpectrum& spectrum, double line_hz);

}  // namespace auscult::features
