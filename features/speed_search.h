#pragma once

#include <complex>
#include <optional>
#include <span>
#include <vector>

#include "features/fft.h"
#include "features/harmonic_levels.h"
#include "features/low_orders.h"
#include "features/plan_cache.h"
#include "features/shaft_angle.h"

namespace auscult::features {

// What a record shows of the shaft speed when it is not known.
struct FoundSpeed {
  double speed_hz = 0;   // the best constant speed
  float confidence = 0;  // 0..1: how far it, or the path, is ahead of any other speed
  bool varies = false;   // a path explains the record clearly better than any constant speed
};

// One record, seen in three ways. Powers are those of Hann lines or broader, from DC on, not empty;
// HarmonicLevels::kHighestOrder orders of the highest speed are used of them.
struct SpeedView {
  LowRecord low;                          // carries as many orders
  std::span<const float> raw_power;       // of the record
  std::span<const float> envelope_power;  // of its squared envelope
  double bin_hz;                          // resolution of both
};

// Finds the shaft speed by its harmonics 1..6: in the spectrum of the record, at half weight in
// that of its envelope, and on average over overlapping segments of some 2 s or 30 turns, where a
// speed that wanders a little does not smear them. A Viterbi path over the segments, which may
// drift but hardly jumps, tells whether it wanders far. Keeps a plan and scratch memory: one for
// each thread.
class SpeedSearch {
 public:
  static constexpr double kMinTurns = 8;

  // Between `low_hz` and `high_hz` (0 < low < high). `path` is filled where the speed varies, and
  // empty else. Nothing where a shaft at the lowest speed makes fewer than kMinTurns in the record.
  std::optional<FoundSpeed> Find(const SpeedView& view, double low_hz, double high_hz,
                                 ShaftAngle& path);

 private:
  struct SegmentTransform {
    explicit SegmentTransform(int length);
    RealFft fft;
    FftVector<float> window;  // Hann
  };

  void ScoreSegment(const SegmentTransform& transform, std::span<const float> segment,
                    double bin_hz);
  void ScoreSegments(LowRecord low);
  void AddScores(std::span<const float> power, double bin_hz, float weight);
  size_t Fundamental(size_t best) const;
  double FollowPath();
  void FillPath(LowRecord low, ShaftAngle& path) const;

  PlanCache<SegmentTransform> transforms_;
  HarmonicLevels levels_;
  FftVector<float> segment_;
  FftVector<std::complex<float>> bins_;
  FftVector<float> power_;
  std::vector<double> speeds_;  // in Hz, rising by the same share: the states of the path
  FftVector<float> scores_;     // segment after segment, a score for each state
  FftVector<float> total_;      // over the record, a score for each state
  int segments_ = 0;
  int hop_ = 0;
  int length_ = 0;
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

  HarmonicLevels levels_;
  FftVector<float> scores_;
};

}  // namespace auscult::features
