#pragma once

#include <array>
#include <complex>
#include <memory>
#include <span>
#include <vector>

#include "features/machine.h"

namespace auscult::features {

// The defect line families of a rolling bearing. Each is looked for at harmonics 1..6 of its order
// in envelope spectra, the inner race with sidebands at the shaft order, the ball with sidebands at
// the cage order.
enum class Family : unsigned char {
  kOuter = 0,  // BPFO
  kInner = 1,  // BPFI
  kBall = 2,   // 2 x BSF: a ball defect strikes both races
  kCage = 3,   // FTF
};
inline constexpr int kFamilyCount = 4;

// What one record says of one family of one bearing. NaN where the record is too short to say.
struct FamilyScore {
  // Is there such a family of lines at all: robust standard deviations above orders that mean
  // nothing on this machine, -2..12. Healthy machines may reach 11: it does not say damage.
  float existence = kNotKnown;
  // How deep the family modulates the power of the signal: sqrt of the summed squared modulation
  // indices of its harmonics in the raw full-band squared envelope, less what noise gives. 0 = not
  // at all; impacts that stand clear of everything else reach 1 and more.
  float depth = kNotKnown;
  float band_depth = kNotKnown;        // the same in the kurtogram band of the record
  float order = kNotKnown;             // where it was found, slip included, in orders of the shaft
  float best_band_low_hz = kNotKnown;  // the demodulation band that shows the family best
  float best_band_high_hz = kNotKnown;
};

struct BearingScore {
  std::array<FamilyScore, kFamilyCount> families;  // by Family
  const FamilyScore& operator[](Family family) const {
    return families[static_cast<size_t>(family)];
  }
};

struct FamilyScores {
  float speed_hz = kNotKnown;  // the one given, sharpened by the record
  // The band with the sparsest impacts, as EnvelopeViews::kurtogram finds it.
  float kurtogram_kurtosis = kNotKnown;
  float kurtogram_band_low_hz = kNotKnown;
  float kurtogram_band_high_hz = kNotKnown;
  std::vector<BearingScore> bearings;  // one for each bearing, in the order given
  // The bearing whose outer, inner or ball family accuses most, by Accusation(bearing, family);
  // -1 without any.
  int strongest_bearing = -1;
};

// The order in which families are believed when one must be named: existence, weighed by how much
// of the signal the family modulates. Families with equal lines differ in depth. NaN counts as the
// least.
float Accusation(const FamilyScore& family);

// The same of an outer, inner or ball family in the light of the others. Cage lines that are nearly
// as plain and as deep as those of the leading race say that the rolling elements differ, which
// modulates the races too: then the ball leads.
float Accusation(const BearingScore& bearing, Family family);

// Scores the defect families of bearings in one record, with no training and no baseline: cepstrum
// pre-whitened, log- and plain squared envelope spectra of the full band and of 25 sub-bands,
// compared with surrogate orders of the same record. Invariant to scale and polarity of the
// samples. Owns plans and scratch memory, so that nothing is allocated once a record length has
// been seen; hence one for each thread. The result depends on the arguments alone.
class BearingFamilies {
 public:
  // Fewer shaft turns in a record give NaN scores: the families cannot be told apart.
  static constexpr double kMinTurns = 4;
  // Longer records are judged by their middle, which bounds the cost: this many samples, or more
  // up to kMostSamples where the shaft would make fewer than kEnoughTurns in them.
  static constexpr int kUsualSamples = 1 << 18;
  static constexpr int kMostSamples = 1 << 20;
  static constexpr double kEnoughTurns = 200;

  BearingFamilies();
  ~BearingFamilies();
  BearingFamilies(const BearingFamilies&) = delete;
  BearingFamilies& operator=(const BearingFamilies&) = delete;

  // Fills `out`, reusing its memory. `other_shafts`: speeds of further shafts of the machine over
  // that of the shaft, as those of gears; their harmonics count for no family. `sample_rate_hz` and
  // `speed_hz`, that of the shaft, are positive and the orders finite; samples are finite. A
  // constant record gives NaN scores.
  void Score(std::span<const float> samples, double sample_rate_hz, double speed_hz,
             std::span<const MountedBearing> bearings, FamilyScores& out,
             std::span<const float> other_shafts = {});
  // The same of the whole of a record that is transformed already: `bins` are those of a RealFft of
  // `length` samples without their mean, of any scale, not all 0.
  void Score(std::span<const std::complex<float>> bins, int length, double sample_rate_hz,
             double speed_hz, std::span<const MountedBearing> bearings, FamilyScores& out,
             std::span<const float> other_shafts = {});

  // How many of `sample_count` samples the first of these looks at.
  static size_t SamplesUsed(size_t sample_count, double sample_rate_hz, double speed_hz);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace auscult::features
