#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace auscult::features {

// The angle of a shaft during a record, in turns, as cubic pieces between knots. Before the first
// and after the last knot the speed stays. Speeds are positive, so the angle never descends far.
class ShaftAngle {
 public:
  struct Knot {
    double time_s;
    double turns;
    double speed_hz;  // turns a second at the knot: the slope of the pieces that meet there
  };

  // Where evaluation left off: times that ascend are found in one step. Begin with 0.
  using Piece = size_t;
  struct State {
    double turns;
    double speed_hz;
  };

  void Clear() { knots_.clear(); }
  bool empty() const { return knots_.empty(); }
  std::span<const Knot> knots() const { return knots_; }
  // So that so many knots need no further memory.
  void Reserve(size_t knots) {
    knots_.reserve(knots);
    scratch_.reserve(knots);
  }
  size_t capacity() const { return knots_.capacity(); }
  // Times ascend strictly.
  void Add(Knot knot) { knots_.push_back(knot); }
  // From speeds that run in straight lines between times, turns counted from the first.
  void AddAtSpeed(double time_s, double speed_hz);
  // Gives every knot the slope of the natural cubic spline through all of them, which makes the
  // speed smooth. At least two knots.
  void SmoothSpeeds();

  State At(double time_s, Piece& piece) const;

  // Highest less lowest mean speed of the parts of a record of `duration_s`, up to 32 of at least
  // two turns each, over its mean speed, in percent. NaN where that makes fewer than two parts.
  float VariationPercent(double duration_s) const;

 private:
  std::vector<Knot> knots_;
  std::vector<double> scratch_;
};

}  // namespace auscult::features
