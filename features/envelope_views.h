#pragma once

#include <array>
#include <complex>
#include <span>
#include <vector>

#include "features/band_envelope.h"
#include "features/family_existence.h"
#include "features/fft.h"
#include "features/line_level.h"

namespace auscult::features {

// The band of a record that holds the sparsest impacts.
struct KurtogramBand {
  BinRange band;
  float kurtosis = 0;  // BandEnvelope::Kurtosis of it
};

// Line levels of the envelope of every demodulation band of one record, in two kinds: the logarithm
// of the squared envelope, with lines of slipping bearings smoothed, and the squared envelope
// itself, with peaks held. Scratch memory: one for each thread.
class EnvelopeViews {
 public:
  // `whitened`: transform of the record with all bins of magnitude 1. Spectra of `bin_count` bins
  // are looked at, of which `bins_per_order` make one shaft order; `other_shafts` as LineLevels
  // takes them. `bands` holds at least one and must outlive the use of this.
  void Compute(std::span<const std::complex<float>> whitened, std::span<const BinRange> bands,
               int bin_count, double bins_per_order, std::span<const float> other_shafts);

  static constexpr int kKinds = 2;
  std::array<BandLevels, kKinds> Kinds() const;

  // The band whose levels are highest at the harmonics of `order`, over both kinds.
  BinRange BestBand(double order) const;
  // By how surely the kurtosis of the band lies above that of noise, so that narrow bands do not
  // win by chance (fast kurtogram, Antoni 2007, over these bands).
  const KurtogramBand& kurtogram() const { return kurtogram_; }

 private:
  struct Kind {
    LineLevels::Joining joining;
    FftVector<float> levels;     // band after band
    FftVector<float> z_mean;     // mean over the bands of the power over its floor
    FftVector<float> mean_band;  // levels of that
  };

  std::span<float> Band(Kind& kind, size_t band);
  void NoteKurtosis(BinRange band, float kurtosis);
  void AverageBands(Kind& kind);

  int bin_count_ = 0;
  double bins_per_order_ = 1;
  std::span<const BinRange> bands_;
  std::vector<int> bins_present_;
  BandEnvelope envelope_;
  LineLevels line_levels_;
  Kind log_;
  Kind squared_;
  KurtogramBand kurtogram_;
  float surest_ = 0;
};

}  // namespace auscult::features
