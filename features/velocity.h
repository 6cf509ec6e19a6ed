#pragma once

#include <complex>
#include <span>
#include <vector>

#include "features/fft.h"
#include "features/spectrum.h"
#include "features/units.h"

namespace auscult::features {

// Mean square, inside `band`, of the vibration as an acceleration in (m/s^2)^2, a velocity in
// (m/s)^2 or a displacement in m^2, from the spectrum of any of the three.
double AccelerationPower(const PowerSpectrum& spectrum, Quantity quantity, Band band);
double VelocityPower(const PowerSpectrum& spectrum, Quantity quantity, Band band);
double DisplacementPower(const PowerSpectrum& spectrum, Quantity quantity, Band band);

// The band in which ISO 20816-3 judges velocity: 10 Hz (2 Hz for slow shafts) to 1 kHz.
Band VelocityBand(float speed_rpm);

// Whether a record resolves that band: at least four bins below its lower edge, and Nyquist no
// lower than 800 Hz. Integration lifts what leaks from the mean into the lowest bins.
bool ResolvesVelocity(double resolution_hz, double nyquist_hz, Band band);

// Velocity RMS in that band, in mm/s; NaN where the record does not resolve it.
float VelocityRmsMmS(const PowerSpectrum& spectrum, Quantity quantity, float speed_rpm);

// How often a displacement must be differentiated to become the quantity; 0 for what is no
// vibration.
int DerivativesOfDisplacement(Quantity quantity);

// Displacement RMS in that band, in um, and acceleration RMS from its lower edge to 10 kHz or
// Nyquist, in m/s^2; NaN on the same condition.
float DisplacementRmsUm(const PowerSpectrum& spectrum, Quantity quantity, float speed_rpm);
float AccelerationRmsMS2(const PowerSpectrum& spectrum, Quantity quantity, float speed_rpm);

// Displacement inside the velocity band, integrated in the frequency domain. Owns its plan and
// scratch memory for one record length and rate; one for each thread.
class Displacement {
 public:
  Displacement(int length, double sample_rate_hz);

  // Peak-to-peak in um over the middle half of the record: it is integrated under a Hann window,
  // which is divided out again, since what leaks from unwindowed lines to the low end of the band
  // would be multiplied by (f / low_hz)^2. `bins` are those of the record divided by `scale`. NaN
  // where the record does not resolve the band.
  float PeakToPeakUm(std::span<const std::complex<float>> bins, double scale, Quantity quantity,
                     Band band);

 private:
  int length_;
  double resolution_hz_;
  double nyquist_hz_;
  int last_bin_;
  InverseRealFft inverse_;
  FftVector<std::complex<float>> bins_;
  FftVector<float> displacement_;
  std::vector<float> unwindow_;  // 1 / Hann over the middle half
};

}  // namespace auscult::features
