#include "features/shaft_angle.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace auscult::features {

void ShaftAngle::AddAtSpeed(double time_s, double speed_hz) {
  double turns = 0;
  if (!knots_.empty()) {
    const Knot& last = knots_.back();
    turns = last.turns + 0.5 * (last.speed_hz + speed_hz) * (time_s - last.time_s);
  }
  knots_.push_back({time_s, turns, speed_hz});
}

// The slopes m of a twice differentiable spline solve
// h[i] m[i-1] + 2 (h[i-1] + h[i]) m[i] + h[i-1] m[i+1] = 3 (h[i] d[i-1] + h[i-1] d[i]),
// d the slopes of the chords; its ends do not bend. Thomas's elimination.
void ShaftAngle::SmoothSpeeds() {
  assert(knots_.size() >= 2);
  const size_t last = knots_.size() - 1;
  const auto width = [this](size_t i) { return knots_[i + 1].time_s - knots_[i].time_s; };
  const auto chord = [&](size_t i) { return (knots_[i + 1].turns - knots_[i].turns) / width(i); };
  scratch_.resize(knots_.size());
  scratch_[0] = 0.5;
  knots_[0].speed_hz = 1.5 * chord(0);
  for (size_t i = 1; i <= last; ++i) {
    const double below = i == last ? 1 : width(i);
    const double diagonal = i == last ? 2 : 2 * (width(i - 1) + width(i));
    const double above = i == last ? 0 : width(i - 1);
    const double right =
        i == last ? 3 * chord(last - 1) : 3 * (width(i) * chord(i - 1) + width(i - 1) * chord(i));
    const double pivot = diagonal - below * scratch_[i - 1];
    scratch_[i] = above / pivot;
    knots_[i].speed_hz = (right - below * knots_[i - 1].speed_hz) / pivot;
  }
  for (size_t i = last; i > 0; --i) knots_[i - 1].speed_hz -= scratch_[i - 1] * knots_[i].speed_hz;
}

ShaftAngle::State ShaftAngle::At(double time_s, Piece& piece) const {
  assert(!knots_.empty());
  const size_t last = knots_.size() - 1;
  piece = std::min(piece, last);
  while (piece < last && knots_[piece + 1].time_s <= time_s) ++piece;
  while (piece > 0 && knots_[piece].time_s > time_s) --piece;
  const Knot& left = knots_[piece];
  const double since = time_s - left.time_s;
  if (piece == last || since < 0) return {left.turns + since * left.speed_hz, left.speed_hz};
  const Knot& right = knots_[piece + 1];
  const double width = right.time_s - left.time_s;
  const double share = since / width;
  const double chord = (right.turns - left.turns) / width;
  const double bend = 3 * chord - 2 * left.speed_hz - right.speed_hz;
  const double twist = left.speed_hz + right.speed_hz - 2 * chord;
  return {left.turns + since * (left.speed_hz + share * (bend + share * twist)),
          left.speed_hz + share * (2 * bend + share * 3 * twist)};
}

float ShaftAngle::VariationPercent(double duration_s) const {
  Piece piece = 0;
  double from = At(0, piece).turns;
  const double turns = At(duration_s, piece).turns - from;
  const int parts = static_cast<int>(std::min(32.0, turns / 2));
  if (parts < 2) return std::numeric_limits<float>::quiet_NaN();
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  for (int i = 1; i <= parts; ++i) {
    const double to = At(duration_s * i / parts, piece).turns;
    least = std::min(least, to - from);
    most = std::max(most, to - from);
    from = to;
  }
  return static_cast<float>(100 * (most - least) * parts / turns);
}

}  // namespace auscult::features
