#pragma once

#include <complex>
#include <optional>
#include <span>
#include <vector>

#include "features/angle_resampling.h"
#include "features/fft.h"
#include "features/plan_cache.h"

namespace auscult::features {

// What a record shows of the shaft speed when only a nominal value is known.
struct FoundSpeed {
  double speed_hz = 0;   // the best constant speed
  float confidence = 0;  // 0..1: how far the best speed is ahead of any other, over the record
  bool varies = false;   // a path explains the record clearly better than any constant speed
};

// Finds the shaft speed by its harmonics 1..6 in overlapping segments of 2 s or 30 turns, joined by
// a Viterbi path that may drift but hardly jumps. Keeps a plan and scratch memory: one for each
// thread.
class SpeedSearch {
 public:
  // Within +-`tolerance` (a share, > 0) of `nominal_hz`. `path` is filled where the speed varies.
  // Nothing where the record is shorter than kMinTurns.
  std::optional<FoundSpeed> Find(std::span<const float> samples, double sample_rate_hz,
                                 double nominal_hz, double tolerance, SpeedPath& path);

  static constexpr double kMinTurns = 8;

 private:
  struct SegmentTransform;
  void ScoreSegment(const SegmentTransform& transform, std::span<const float> segment,
                    double sample_rate_hz, double nominal_hz);
  double FollowPath();

  struct SegmentTransform {
    explicit SegmentTransform(int length);
    RealFft fft;
    FftVector<float> window;  // Hann
  };

  PlanCache<SegmentTransform> transforms_;
  FftVector<float> segment_;
  FftVector<std::complex<float>> bins_;
  FftVector<float> log_power_;
  FftVector<float> floor_;
  FftVector<float> deviations_;  // share of the nominal, the states of the path
  FftVector<float> scores_;      // segment after segment, a score for each state
  FftVector<float> constant_;    // sums over the segments
  std::vector<int> back_;
  std::vector<int> states_;
  FftVector<float> best_;
  FftVector<float> next_;
};

// Sharpens a speed within +-1.2 % by harmonics 1..6 in a spectrum of the whole record and, at half
// weight, in that of its envelope. Scratch memory: one for each thread.
class SpeedRefinement {
 public:
  // Both spectra are powers from DC on at a resolution of `bin_hz`, not empty; up to 7 orders of
  // them are used. Returns `speed_hz` where the record holds fewer than SpeedSearch::kMinTurns.
  double Refine(std::span<const float> raw_power, std::span<const float> envelope_power,
                double bin_hz, double speed_hz);

 private:
  void AddScores(std::span<const float> power, float weight, double bins_per_order);

  FftVector<float> levels_;
  FftVector<float> floor_;
  FftVector<float> scores_;
};

}  // namespace auscult::features
