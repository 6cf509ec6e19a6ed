#pragma once

#include <complex>
#include <span>

namespace auscult::features {

struct Band {
  double low_hz;
  double high_hz;
};

// One-sided Hann periodogram of a record whose mean was removed. The mean square of the record in
// bin k, in squared units of the signal, is relative[k] * reference; the sum over all bins is that
// of the windowed record. Bin k reaches from (k - 1/2) to (k + 1/2) times resolution_hz. DC and
// Nyquist are not doubled. Refers to the memory it was made in.
struct PowerSpectrum {
  std::span<const float> relative;
  double reference;
  double resolution_hz;

  int bin_count() const { return static_cast<int>(relative.size()); }
  double nyquist_hz() const { return resolution_hz * (bin_count() - 1); }
  // Density of bin k, in squared units per Hz.
  double Psd(int bin) const { return relative[bin] * reference / resolution_hz; }
  // Peak amplitude of a sine whose frequency is that of bin k.
  double Amplitude(int bin) const;
};

// The periodogram from the transform of a record of `length` samples: the Hann window is applied to
// the bins as the taps -1/4, 1/2, -1/4, so that one transform serves windowed and unwindowed use.
// `bins` is length/2+1 with bins[0] = 0. `reference` is the square of what the record was divided
// by. `memory` is as long as `bins`.
PowerSpectrum HannPower(std::span<const std::complex<float>> bins, int length,
                        double sample_rate_hz, double reference, std::span<float> memory);

// Mean square of the signal inside `band`; bins on its edges count by the fraction inside. What
// reaches past Nyquist is cut there; an empty band gives 0.
double BandPower(const PowerSpectrum& spectrum, Band band);

// Square root of BandPower: the RMS of that part of the signal, in its unit.
double BandRms(const PowerSpectrum& spectrum, Band band);

// Mean square inside `band` of the signal's derivative, taken `times` times: each bin is multiplied
// by (2 pi f)^(2 times). Negative times (-2..2) integrate. Starts at bin 1.
double DerivativeBandPower(const PowerSpectrum& spectrum, Band band, int times);

// 20 log10 of an amplitude, 10 log10 of a mean square; NaN for nothing at all, which has no level.
float AmplitudeDb(double amplitude);
float PowerDb(double mean_square);
// Of the mean square inside `band`; NaN where the band is narrower than a bin, which says nothing
// about it.
float BandDb(const PowerSpectrum& spectrum, Band band);

// Bin of the largest power inside `band`, -1 where it holds no bin.
int StrongestBin(const PowerSpectrum& spectrum, Band band);

// Frequency of the line at or beside `bin`, by the ratio of the two largest bins of a Hann line
// (Grandke 1983). Exact for one undisturbed sine.
double InterpolatedFrequency(const PowerSpectrum& spectrum, int bin);

}  // namespace auscult::features
