#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/simulate.h"
#include "models/simulate_parts.h"

namespace auscult::models {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;

enum Stream : uint64_t { kPersonality = 21, kRecord = 22, kNoise = 23 };
enum Property : uint64_t { kSupplyLevel = 31, kSupplyUnbalance = 32, kRotorLevel = 33 };

double FromDb(double db) { return std::pow(10.0, db / 20.0); }

// How the phases follow one another in a component.
enum class Sequence { kPositive, kNegative, kZero };

double PhaseShift(Sequence sequence, int phase) {
  const double third = kTwoPi * phase / 3.0;
  switch (sequence) {
    case Sequence::kPositive:
      return -third;
    case Sequence::kNegative:
      return third;
    case Sequence::kZero:
      return 0;
  }
  return 0;
}

// The currents of one record in the making.
class CurrentRecord {
 public:
  CurrentRecord(const SimulatedMotor& motor, const SimulatedFault& fault, uint64_t record,
                double sample_rate_hz, int sample_count, int phase_count)
      : motor_(motor),
        fault_(fault),
        record_(record),
        rate_hz_(sample_rate_hz),
        sample_count_(sample_count),
        phase_count_(phase_count),
        growth_(Growth(fault.severity)),
        random_(motor.seed, kRecord, record),
        samples_(static_cast<size_t>(sample_count) * phase_count) {
    const double load = std::max(0.0f, motor.load_percent) / 100.0;
    slip_ = motor.slip * load;
    line_hz_ = motor.line_frequency_hz + 0.01 * random_.Normal();
    shaft_hz_ = line_hz_ * (1.0 - slip_) / std::max(1, motor.pole_pairs);
    // The magnetising current flows at no load too, in quadrature to the load current.
    peak_a_ = std::numbers::sqrt2 * motor.rated_current_a * std::hypot(0.35, 0.94 * load) *
              FromDb(0.1 * Wander(motor.seed, kSupplyLevel, record));
    load_ = load;
  }

  std::vector<float> Simulate() && {
    AddSupply();
    AddRotor();
    AddEccentricity();
    AddStator();
    AddNoise();
    return std::move(samples_);
  }

 private:
  bool Is(Fault fault) const { return fault_.fault == fault; }

  void Add(double frequency_hz, double share, Sequence sequence) {
    const double phase_rad = kTwoPi * random_.Uniform();
    for (int phase = 0; phase < phase_count_; ++phase) {
      const std::span<float> samples(samples_.data() + static_cast<size_t>(phase) * sample_count_,
                                     sample_count_);
      AddLine(samples, rate_hz_,
              {frequency_hz, share * peak_a_, phase_rad + PhaseShift(sequence, phase)});
    }
  }

  void AddSupply() {
    Random personality(motor_.seed, kPersonality);
    Add(line_hz_, 1.0, Sequence::kPositive);
    Add(3 * line_hz_, 0.004 * personality.Uniform(0.5, 1.5), Sequence::kZero);
    Add(5 * line_hz_, 0.015 * personality.Uniform(0.5, 1.5), Sequence::kNegative);
    Add(7 * line_hz_, 0.010 * personality.Uniform(0.5, 1.5), Sequence::kPositive);
    Add(11 * line_hz_, 0.004 * personality.Uniform(0.5, 1.5), Sequence::kNegative);
    Add(13 * line_hz_, 0.003 * personality.Uniform(0.5, 1.5), Sequence::kPositive);
  }

  // No rotor is quite round: the healthy one has the sidebands too. A broken bar carries current,
  // and shows, only under load.
  void AddRotor() {
    const double native =
        FromDb(motor_.native_asymmetry_db + Wander(motor_.seed, kRotorLevel, record_));
    const double broken = Is(Fault::kBrokenRotorBar) ? growth_ * FromDb(-28.0) : 0.0;
    const double share = (native + broken) * std::min(1.0, load_ / 0.5);
    Add((1 - 2 * slip_) * line_hz_, share, Sequence::kPositive);
    Add((1 + 2 * slip_) * line_hz_, 0.7 * share, Sequence::kPositive);
    Add((1 - 4 * slip_) * line_hz_, 0.3 * share, Sequence::kPositive);
  }

  void AddEccentricity() {
    const double share = FromDb(-62.0) + (Is(Fault::kEccentricity) ? growth_ * FromDb(-28.0) : 0.0);
    Add(line_hz_ - shaft_hz_, share, Sequence::kPositive);
    Add(line_hz_ + shaft_hz_, 0.8 * share, Sequence::kPositive);
  }

  // Shorted turns and an uneven supply both show as a negative-sequence current.
  void AddStator() {
    const double native = 0.005 * (1.0 + 0.2 * Wander(motor_.seed, kSupplyUnbalance, record_));
    const double shorted = Is(Fault::kStatorWinding) ? 0.18 * growth_ : 0.0;
    Add(line_hz_, native + shorted, Sequence::kNegative);
    if (shorted > 0) Add(3 * line_hz_, 0.2 * shorted, Sequence::kPositive);
  }

  void AddNoise() {
    Random noise(motor_.seed, kNoise, record_);
    const double rms = peak_a_ * FromDb(-70.0);
    for (float& sample : samples_) sample += static_cast<float>(rms * noise.Normal());
  }

  const SimulatedMotor& motor_;
  const SimulatedFault fault_;
  const uint64_t record_;
  const double rate_hz_;
  const int sample_count_;
  const int phase_count_;
  const double growth_;
  Random random_;
  double slip_ = 0;
  double line_hz_ = 0;
  double shaft_hz_ = 0;
  double peak_a_ = 0;
  double load_ = 0;
  std::vector<float> samples_;
};

}  // namespace

std::vector<float> SimulateCurrent(const SimulatedMotor& motor, const SimulatedFault& fault,
                                   uint64_t record, double sample_rate_hz, int sample_count,
                                   int phase_count) {
  return CurrentRecord(motor, fault, record, sample_rate_hz, sample_count, phase_count).Simulate();
}

}  // namespace auscult::models
