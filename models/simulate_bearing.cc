#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/simulate_parts.h"

namespace auscult::models {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;

// Load on a rolling element at `angle` from the middle of the load zone, 0..1. `extent` is
// Stribeck's load distribution factor: 0.5 loads half the ring.
double LoadZone(double angle_rad, double extent) {
  const double base = 1.0 - (1.0 - std::cos(angle_rad)) / (2.0 * extent);
  return base > 0 ? std::pow(base, 1.5) : 0.0;
}

// Impacts that come once a period with a little random slip.
class ImpactTimes {
 public:
  ImpactTimes(double rate_hz, double slip_scatter, Random& random)
      : period_s_(1.0 / rate_hz),
        scatter_s_(slip_scatter / rate_hz),
        time_s_(random.Uniform() / rate_hz) {}
  double time_s() const { return time_s_; }
  void Step(Random& random) {
    // Never backwards, whatever scatter was asked for.
    time_s_ += std::max(0.2 * period_s_, period_s_ + scatter_s_ * random.Normal());
  }

 private:
  double period_s_, scatter_s_, time_s_;
};

// The rate at which the defect strikes, in orders of the shaft.
double StrikeOrder(const BearingDefect& defect) {
  switch (defect.fault) {
    case Fault::kOuterRace:
      return defect.orders.bpfo;
    case Fault::kInnerRace:
      return defect.orders.bpfi;
    case Fault::kBall:
      return 2.0 * defect.orders.bsf;  // once on either race in each spin
    case Fault::kCage:
      return defect.orders.ftf;
    default:
      return 0;
  }
}

// A ball does not roll about one axis for ever: the defect leaves its track and comes back.
class BallTrack {
 public:
  double Next(Random& random) {
    if (random.Uniform() < 1.0 / kDwellImpacts) on_track_ = !on_track_;
    strikes_outer_ = !strikes_outer_;
    return (on_track_ ? 1.0 : 0.2) * (strikes_outer_ ? 1.0 : 0.75);
  }

 private:
  static constexpr double kDwellImpacts = 30;
  bool on_track_ = true;
  bool strikes_outer_ = false;
};

}  // namespace

void AddBearingImpacts(std::span<float> samples, double sample_rate_hz, const BearingDefect& defect,
                       std::span<const Mode> modes, Random& random) {
  const double strike_hz = StrikeOrder(defect) * defect.shaft_hz;
  if (!(strike_hz > 0)) return;
  // A defect rides on the mean slip of the whole bearing, which theory does not know.
  const double slip = 1.0 + 0.003 * random.Normal();
  const double duration_s = static_cast<double>(samples.size()) / sample_rate_hz;
  const double angle0 = kTwoPi * random.Uniform();
  const double cage_hz = defect.orders.ftf * defect.shaft_hz * slip;
  BallTrack track;
  ImpactTimes times(strike_hz * slip, defect.slip_scatter, random);
  for (; times.time_s() < duration_s; times.Step(random)) {
    const double shaft_angle = angle0 + kTwoPi * defect.shaft_hz * times.time_s();
    const double cage_angle = angle0 + kTwoPi * cage_hz * times.time_s();
    const bool regular = defect.fault == Fault::kInnerRace || defect.fault == Fault::kOuterRace;
    double load = std::exp((regular ? 0.1 : 0.3) * random.Normal());
    if (defect.fault == Fault::kInnerRace) load *= 1.3 * LoadZone(shaft_angle, 0.6);
    if (defect.fault == Fault::kBall) load *= track.Next(random) * LoadZone(cage_angle, 0.9);
    if (load > 0)
      AddImpact(samples, sample_rate_hz, times.time_s(), defect.amplitude * load, modes);
  }
}

}  // namespace auscult::models
