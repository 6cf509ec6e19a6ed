#include "features/bearing_family.h"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <complex>
#include <limits>

#include "features/band_envelope.h"
#include "features/envelope_views.h"
#include "features/family_depth.h"
#include "features/family_existence.h"
#include "features/fft.h"
#include "features/order_axis.h"
#include "features/plan_cache.h"
#include "features/speed_search.h"
#include "features/surrogate.h"

namespace auscult::features {
namespace {

using Array = Eigen::Map<Eigen::ArrayXf>;
using ConstArray = Eigen::Map<const Eigen::ArrayXf>;

constexpr int kFullBandOnlySamples = 3072;    // shorter records hold too few lines for sub-bands
constexpr double kHighestBandShare = 0.4;     // of the sampling rate: the full band is wider
constexpr double kNarrowestBandOrders = 2.5;  // in multiples of the highest family order
constexpr double kLowShare = 0.6;             // reach of the order axis around the families
constexpr double kHighShare = 1.5;
constexpr double kMinCageBins = 6;     // of the cage order: below, its lines drown in the mask
constexpr float kFastestShaft = 1000;  // of one machine, in speeds of its reference shaft
// By how much depth, up to kDeepest, raises existence when families compete.
constexpr float kDepthWeight = 2.0f;
constexpr float kDeepest = 3.0f;
// When cage lines count, and what share of the leading race they must reach.
constexpr float kPlainCage = 2.5f;
constexpr float kCageShare = 0.8f;
constexpr int kRaceFamilies = FamilyExistence::kRaceFamilies;

struct OrderRange {
  double lowest;
  double highest;
};

OrderRange RangeOf(const BearingOrders& orders) {
  return {std::min({orders.bpfo, orders.bpfi, 2 * orders.bsf}),
          std::max({orders.bpfo, orders.bpfi, 2 * orders.bsf})};
}

// Of everything that is looked for at once.
struct SearchPlan {
  double highest_order;
  OrderRange range{0, 0};
  double highest_sideband = 1;
  bool empty = true;
};

// Families above `highest_order` lie outside what the record can show; a cage above all of them
// is none.
bool Usable(const BearingOrders& orders, double highest_order) {
  const double highest = RangeOf(orders).highest;
  return orders.bpfo > 0 && orders.bpfi > 0 && orders.bsf > 0 && orders.ftf > 0 &&
         highest * kHighShare < highest_order && static_cast<double>(orders.ftf) < highest;
}

SearchPlan PlanOf(std::span<const MountedBearing> bearings, double highest_order) {
  SearchPlan plan{.highest_order = highest_order};
  for (const MountedBearing& bearing : bearings) {
    if (!Usable(bearing.orders, highest_order)) continue;
    const OrderRange range = RangeOf(bearing.orders);
    plan.range.lowest = plan.empty ? range.lowest : std::min(plan.range.lowest, range.lowest);
    plan.range.highest = std::max(plan.range.highest, range.highest);
    plan.highest_sideband = std::max<double>(plan.highest_sideband, bearing.orders.ftf);
    plan.empty = false;
  }
  return plan;
}

// Power spectrum with a Hann window, from the bins of a transform without one. DC, of which nothing
// is left, repeats bin 1, so that it does not pull at the log of a noise floor.
void HannPower(std::span<const std::complex<float>> spectrum, size_t bins,
               FftVector<float>& power) {
  bins = std::min(bins, spectrum.size() - 1);
  power.assign(bins, 0.0f);
  for (size_t i = 1; i < bins; ++i) {
    power[i] = std::norm(0.5f * spectrum[i] - 0.25f * (spectrum[i - 1] + spectrum[i + 1]));
  }
  if (bins > 1) power[0] = power[1];
}

// X / |X|: cepstrum pre-whitening (Borghesani 2013). Every bin weighs the same, so that no shaft or
// mesh line and no resonance dominates the envelope.
void Whiten(std::span<const std::complex<float>> spectrum,
            FftVector<std::complex<float>>& whitened) {
  whitened.resize(spectrum.size());
  const auto* const in = reinterpret_cast<const float*>(spectrum.data());
  auto* const out = reinterpret_cast<float*>(whitened.data());
#pragma omp simd
  for (size_t i = 0; i < spectrum.size(); ++i) {
    const float power = in[2 * i] * in[2 * i] + in[2 * i + 1] * in[2 * i + 1];
    const float gain = power > 0 ? 1 / std::sqrt(power) : 0.0f;
    out[2 * i] = in[2 * i] * gain;
    out[2 * i + 1] = in[2 * i + 1] * gain;
  }
}

}  // namespace

// What Eigen runs over lies in FftVectors, here and in the parts: where its loops start depends on
// alignment, and the last bits of a result must not.
struct BearingFamilies::Scratch {
  bool Transform(std::span<const float> record);
  void SetOtherShafts(std::span<const float> shafts);
  void SharpenSpeed(const SearchPlan& plan);
  void ComputeLevels(const SearchPlan& plan);
  void DemodulateKurtogramBand(FamilyScores& out);
  void ScoreBearing(const BearingOrders& orders, BearingScore& score);
  void ScoreCage(const BearingOrders& orders, FamilyScore& score);
  void Describe(const ExistenceScore::Result& result, const OrderAxis& found_on, double spread,
                FamilyScore& score);

  PlanCache<RealFft> plans;
  FftVector<float> samples;
  FftVector<std::complex<float>> own_spectrum;
  std::span<const std::complex<float>> spectrum;  // of the record at hand
  FftVector<std::complex<float>> whitened;
  FftVector<float> hann_power;
  std::vector<BinRange> bands;
  SpeedRefinement speed_refinement;
  BandEnvelope envelope;
  EnvelopeViews views;
  OrderAxis axis;
  OrderAxis cage_axis;
  FamilyExistence existence;
  ExistenceScore cage_existence;
  SurrogateOrders cage_surrogates;
  SlipSearch cage_search;
  ModulationDepth depth;       // of the full band
  ModulationDepth band_depth;  // of the kurtogram's
  FftVector<float> curve;
  FftVector<float> other_shafts;
  int length = 0;
  double bin_hz = 0;
  double speed_hz = 0;

  double bins_per_order() const { return speed_hz / bin_hz; }
  float LowHz(BinRange band) const { return static_cast<float>(band.first * bin_hz); }
  float HighHz(BinRange band) const {
    return static_cast<float>((band.first + band.count) * bin_hz);
  }
};

// Of the record with mean 0 and RMS 1: what follows cannot overflow, whatever the unit. False for a
// constant record.
bool BearingFamilies::Scratch::Transform(std::span<const float> record) {
  const auto count = static_cast<Eigen::Index>(record.size());
  samples.resize(record.size());
  const auto in = ConstArray(record.data(), count).cast<double>();
  const double mean = in.mean();
  const double rms = std::sqrt((in - mean).square().mean());
  if (!(rms > 0)) return false;
  Array(samples.data(), count) = ((in - mean) * (1 / rms)).cast<float>();
  samples.resize(static_cast<size_t>(SmoothLengthAtMost(static_cast<int>(record.size()))));
  const RealFft& fft = plans.For(static_cast<int>(samples.size()));
  own_spectrum.resize(fft.bin_count());
  fft.Forward(samples, own_spectrum);
  return true;
}

// Without those that are unknown or turn with the shaft.
void BearingFamilies::Scratch::SetOtherShafts(std::span<const float> shafts) {
  other_shafts.clear();
  for (const float shaft : shafts) {
    if (shaft > 0 && shaft != 1 && shaft < kFastestShaft) other_shafts.push_back(shaft);
  }
}

// From the raw envelope of the full band: sharpens the speed and loads the depth.
void BearingFamilies::Scratch::SharpenSpeed(const SearchPlan& plan) {
  const double narrowest = kNarrowestBandOrders * plan.range.highest * bins_per_order();
  DemodulationBands(length, static_cast<int>(narrowest), length < kFullBandOnlySamples, bands);
  const double highest = 1.1 * OrderAxis::kHarmonics * plan.range.highest;
  const int needed = static_cast<int>(std::max(highest, 8.0) * bins_per_order()) + 16;
  envelope.Demodulate(spectrum, bands[0], needed);
  const std::span<const float> power = envelope.SquaredPower();
  HannPower(spectrum, static_cast<size_t>(8 * bins_per_order()) + 2, hann_power);
  speed_hz = speed_refinement.Refine(hann_power, power, bin_hz, speed_hz);
  depth.Reserve(needed);
  depth.Load(power, envelope.envelope_length(), bins_per_order(), other_shafts);
}

void BearingFamilies::Scratch::ComputeLevels(const SearchPlan& plan) {
  axis.Configure(bins_per_order(), kLowShare * plan.range.lowest, kHighShare * plan.range.highest,
                 plan.highest_sideband);
  Whiten(spectrum, whitened);
  views.Compute(whitened, bands, axis.bin_count(), bins_per_order(), other_shafts);
}

// The raw envelope of the band with the sparsest impacts.
void BearingFamilies::Scratch::DemodulateKurtogramBand(FamilyScores& out) {
  const KurtogramBand& found = views.kurtogram();
  out.kurtogram_kurtosis = found.kurtosis;
  out.kurtogram_band_low_hz = LowHz(found.band);
  out.kurtogram_band_high_hz = HighHz(found.band);
  envelope.Demodulate(spectrum, found.band, axis.bin_count());
  band_depth.Reserve(axis.bin_count());  // the next record may have a wider one
  band_depth.Load(envelope.SquaredPower(), envelope.envelope_length(), bins_per_order(),
                  other_shafts);
}

void BearingFamilies::Scratch::ScoreBearing(const BearingOrders& orders, BearingScore& score) {
  const OrderRange range = RangeOf(orders);
  existence.Begin(axis, orders, kLowShare * range.lowest, kHighShare * range.highest);
  for (const BandLevels& kind : views.Kinds()) existence.Add(kind, axis);
  const auto results = existence.Finish();
  for (int family = 0; family < kRaceFamilies; ++family) {
    FamilyScore& family_score = score.families[family];
    const bool ball = family == static_cast<int>(Family::kBall);
    Describe(results[family], axis, ball ? FamilyExistence::kBallSpreadOrders : 0.0, family_score);
  }
  ScoreCage(orders, score.families[static_cast<size_t>(Family::kCage)]);
}

// The cage shows at low orders, where bands differ little: full band and mean over the bands.
void BearingFamilies::Scratch::ScoreCage(const BearingOrders& orders, FamilyScore& score) {
  if (orders.ftf * bins_per_order() < kMinCageBins) return;
  cage_axis.Configure(bins_per_order(), kLowShare * orders.ftf, kHighShare * orders.ftf, 0);
  const int bins = cage_axis.bin_count();
  if (bins > axis.bin_count()) return;
  cage_search.Configure(
      cage_axis, cage_surrogates.Find(orders, kLowShare * orders.ftf, kHighShare * orders.ftf,
                                      FamilyExistence::kSurrogates));
  cage_existence.Reset(cage_axis, orders.ftf);
  curve.resize(cage_axis.size());
  for (const BandLevels& kind : views.Kinds()) {
    for (const std::span<const float> levels : {kind.levels, kind.mean_band}) {
      if (levels.data() == kind.mean_band.data() && bands.size() < 2) continue;
      cage_axis.Load(levels.first(static_cast<size_t>(bins)), bins);
      cage_axis.Means(curve);
      cage_existence.Add(curve, cage_search);
    }
  }
  Describe(cage_existence.Finish(), cage_axis, 0.0, score);
}

void BearingFamilies::Scratch::Describe(const ExistenceScore::Result& result,
                                        const OrderAxis& found_on, double spread,
                                        FamilyScore& score) {
  const ModulationDepth::Result deepest =
      depth.Deepest(found_on.order(result.index), found_on.step(), spread);
  score.existence = result.existence;
  score.depth = deepest.depth;
  score.order = static_cast<float>(deepest.order);
  score.band_depth =
      band_depth.Deepest(found_on.order(result.index), found_on.step(), spread).depth;
  const BinRange best = views.BestBand(deepest.order);
  score.best_band_low_hz = LowHz(best);
  score.best_band_high_hz = HighHz(best);
}

float Accusation(const FamilyScore& family) {
  const float score = family.existence + kDepthWeight * std::min(family.depth, kDeepest);
  return std::isnan(score) ? std::numeric_limits<float>::lowest() : score;
}

float Accusation(const BearingScore& bearing, Family family) {
  const float own = Accusation(bearing[family]);
  if (family != Family::kBall) return own;
  const FamilyScore& cage = bearing[Family::kCage];
  const float outer = Accusation(bearing[Family::kOuter]);
  const float inner = Accusation(bearing[Family::kInner]);
  const FamilyScore& race = bearing[outer >= inner ? Family::kOuter : Family::kInner];
  const bool uneven = cage.existence > kPlainCage && cage.existence > kCageShare * race.existence &&
                      cage.depth > kCageShare * race.depth;
  if (!uneven) return own;
  return std::max(own, Accusation(race) + cage.existence - kCageShare * race.existence);
}

namespace {

void Clear(size_t bearing_count, FamilyScores& out) {
  out.speed_hz = kNotKnown;
  out.strongest_bearing = -1;
  out.kurtogram_kurtosis = kNotKnown;
  out.kurtogram_band_low_hz = kNotKnown;
  out.kurtogram_band_high_hz = kNotKnown;
  out.bearings.assign(bearing_count, BearingScore());
}

}  // namespace

BearingFamilies::BearingFamilies() : scratch_(std::make_unique<Scratch>()) {}
BearingFamilies::~BearingFamilies() = default;

size_t BearingFamilies::SamplesUsed(size_t sample_count, double sample_rate_hz, double speed_hz) {
  const double enough = std::clamp(kEnoughTurns / speed_hz * sample_rate_hz, double{kUsualSamples},
                                   double{kMostSamples});
  return std::min(sample_count, static_cast<size_t>(enough));
}

void BearingFamilies::Score(std::span<const float> samples, double sample_rate_hz, double speed_hz,
                            std::span<const MountedBearing> bearings, FamilyScores& out,
                            std::span<const float> other_shafts) {
  assert(sample_rate_hz > 0 && speed_hz > 0);
  const size_t used = SamplesUsed(samples.size(), sample_rate_hz, speed_hz);
  const std::span<const float> middle = samples.subspan((samples.size() - used) / 2, used);
  if (used < 2 || !scratch_->Transform(middle)) {
    Clear(bearings.size(), out);
    return;
  }
  Score(scratch_->own_spectrum, static_cast<int>(scratch_->samples.size()), sample_rate_hz,
        speed_hz, bearings, out, other_shafts);
}

void BearingFamilies::Score(std::span<const std::complex<float>> bins, int length,
                            double sample_rate_hz, double speed_hz,
                            std::span<const MountedBearing> bearings, FamilyScores& out,
                            std::span<const float> other_shafts) {
  assert(length >= 2 && static_cast<int>(bins.size()) == length / 2 + 1);
  Scratch& scratch = *scratch_;
  Clear(bearings.size(), out);
  scratch.SetOtherShafts(other_shafts);
  scratch.spectrum = bins;
  scratch.length = length;
  scratch.bin_hz = sample_rate_hz / length;
  scratch.speed_hz = speed_hz;
  out.speed_hz = static_cast<float>(speed_hz);
  // Beyond that not even the shaft is in the spectrum, and an order is longer than all of it.
  if (speed_hz > kHighestBandShare * sample_rate_hz) return;
  if (scratch.bins_per_order() < kMinTurns) return;
  const SearchPlan plan = PlanOf(bearings, kHighestBandShare * sample_rate_hz / speed_hz);
  scratch.SharpenSpeed(plan);
  out.speed_hz = static_cast<float>(scratch.speed_hz);
  if (plan.empty) return;
  scratch.ComputeLevels(plan);
  scratch.DemodulateKurtogramBand(out);
  float most = std::numeric_limits<float>::lowest();
  for (size_t i = 0; i < bearings.size(); ++i) {
    if (!Usable(bearings[i].orders, plan.highest_order)) continue;
    scratch.ScoreBearing(bearings[i].orders, out.bearings[i]);
    for (int family = 0; family < kRaceFamilies; ++family) {
      const float accusation = Accusation(out.bearings[i], static_cast<Family>(family));
      if (accusation <= most) continue;
      most = accusation;
      out.strongest_bearing = static_cast<int>(i);
    }
  }
}

}  // namespace auscult::features
