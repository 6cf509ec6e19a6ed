#include "models/simulate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "models/simulate_parts.h"

namespace auscult::models {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;

// Streams of random numbers, so that adding to one part leaves the others as they are.
enum Stream : uint64_t { kPersonality = 1, kLines = 2, kNoise = 3, kImpacts = 4 };
enum Property : uint64_t { kNoiseLevel = 11, kShaftLevel = 12, kMeshLevel = 13 };

// What the defects of a bearing are when the machine names none: SKF 6205-2RS (CWRU drive end).
constexpr features::BearingOrders kDefaultBearing = {
    .bpfo = 3.5848f, .bpfi = 5.4152f, .bsf = 2.3567f, .ftf = 0.39828f};

// Peak acceleration of a line given by its velocity RMS.
double AccelerationPeak(double velocity_mm_s, double frequency_hz) {
  return std::numbers::sqrt2 * 1e-3 * velocity_mm_s * kTwoPi * frequency_hz;
}

double FromDb(double db) { return std::pow(10.0, db / 20.0); }

// One record in the making.
class VibrationRecord {
 public:
  VibrationRecord(const SimulatedMachine& machine, const SimulatedFault& fault, uint64_t record,
                  double sample_rate_hz, int sample_count)
      : machine_(machine),
        fault_(fault),
        record_(record),
        rate_hz_(sample_rate_hz),
        growth_(Growth(fault.severity)),
        shaft_hz_(machine.speed_rpm / 60.0),
        angle0_(kTwoPi * Random(machine.seed, kLines, record).Uniform()),
        samples_(sample_count) {
    const float rated = machine.machine.rated_speed_rpm;
    if (rated > 0) speed_share_ = machine.speed_rpm / rated;
    load_share_ = std::clamp(machine.load_percent / 70.0, 0.05, 2.0);
    constexpr std::array<double, 3> kDamping = {0.05, 0.04, 0.03};
    for (size_t i = 0; i < machine.resonances_hz.size(); ++i) {
      modes_.push_back({machine.resonances_hz[i], kDamping[std::min<size_t>(i, 2)],
                        1.0 / static_cast<double>(i + 1)});
    }
  }

  std::vector<float> Simulate() && {
    AddShaft();
    AddLooseness();
    AddElectrical();
    AddGears();
    AddBlades();
    AddNoise();
    AddBearing();
    return std::move(samples_);
  }

 private:
  bool Is(Fault fault) const { return fault_.fault == fault; }

  // Level of a healthy part in this record: it wanders slowly and jitters a little.
  double Level(Property property, double wander_db, double jitter_db) const {
    Random jitter(machine_.seed, property, ~record_);
    return FromDb(wander_db * Wander(machine_.seed, property, record_) +
                  jitter_db * jitter.Normal());
  }

  // Adds a line locked to the shaft. The phase at angle 0 belongs to the machine, not the record.
  void AddOrder(double order, double velocity_mm_s, double phase_rad) {
    const double frequency_hz = order * shaft_hz_;
    AddLine(
        samples_, rate_hz_,
        {frequency_hz, AccelerationPeak(velocity_mm_s, frequency_hz), phase_rad + order * angle0_});
  }

  void AddShaft() {
    constexpr std::array<double, 5> kHealthy = {1.0, 0.35, 0.15, 0.08, 0.05};
    constexpr std::array<double, 5> kUnbalanceMmS = {11.0, 0.8, 0.2, 0, 0};
    constexpr std::array<double, 5> kMisalignmentMmS = {2.5, 8.0, 2.0, 0.5, 0.2};
    Random personality(machine_.seed, kPersonality);
    const double level = Level(kShaftLevel, 0.3, 0.2) * speed_share_ * machine_.shaft_velocity_mm_s;
    for (size_t i = 0; i < kHealthy.size(); ++i) {
      const double share = i == 0 ? 1.0 : FromDb(2.0 * personality.Normal());
      const double phase = kTwoPi * personality.Uniform();
      double velocity_mm_s = level * kHealthy[i] * share;
      // The force of an unbalance goes with the square of the speed, its velocity with the speed.
      if (Is(Fault::kUnbalance)) velocity_mm_s += growth_ * kUnbalanceMmS[i] * speed_share_;
      if (Is(Fault::kMisalignment)) velocity_mm_s += growth_ * kMisalignmentMmS[i] * load_share_;
      AddOrder(static_cast<double>(i + 1), velocity_mm_s, phase);
    }
  }

  // A loose foot or ring beats at every multiple and, where it bounces, at the halves.
  void AddLooseness() {
    if (!Is(Fault::kLooseness)) return;
    for (int half = 1; half <= 20; ++half) {
      const bool whole = half % 2 == 0;
      const double velocity_mm_s = growth_ * (whole ? 5.0 : 2.5) / (1.0 + 0.15 * half);
      AddOrder(0.5 * half, velocity_mm_s, 0.7 * half * half);
    }
  }

  void AddElectrical() {
    const double line_hz = machine_.machine.line_frequency_hz;
    if (!(line_hz > 0)) return;
    Random random(machine_.seed, kPersonality, record_ + 1);
    const double phase = kTwoPi * random.Uniform();  // not locked to the shaft
    const bool motor = machine_.machine.pole_pairs > 0;
    double velocity_mm_s = motor ? 0.1 * load_share_ : 0.0;
    if (Is(Fault::kElectrical) || Is(Fault::kStatorWinding) || Is(Fault::kEccentricity)) {
      velocity_mm_s += 6.0 * growth_;
    }
    AddLine(samples_, rate_hz_,
            {2 * line_hz, AccelerationPeak(velocity_mm_s, 2 * line_hz), 2 * phase});
    AddLine(samples_, rate_hz_, {line_hz, 0.02 * machine_.noise_m_s2, phase});  // in the cable
  }

  void AddGears() {
    Random personality(machine_.seed, kPersonality, ~uint64_t{0});
    const double level = Level(kMeshLevel, 0.3, 0.2) * std::sqrt(load_share_) * speed_share_;
    for (size_t i = 0; i < machine_.machine.gears.size(); ++i) {
      // A fault is one gear's: the first that is named.
      const double growth = Is(Fault::kGear) && i == 0 ? growth_ : 0.0;
      AddGear(machine_.machine.gears[i], level, growth, personality);
    }
  }

  // Mesh lines with sidebands at the turning of the gear, and a knock in each turn of a bad tooth.
  void AddGear(const features::Gear& gear, double level, double growth, Random& personality) {
    constexpr std::array<double, 3> kMesh = {1.0, 0.5, 0.25};
    const double gear_hz = gear.shaft_ratio * shaft_hz_;
    const double gear_angle0 = gear.shaft_ratio * angle0_;
    for (size_t h = 0; h < kMesh.size(); ++h) {
      const double mesh = static_cast<double>(gear.teeth) * static_cast<double>(h + 1);
      const double amplitude = 1.5 * machine_.noise_m_s2 * level * kMesh[h] * (1.0 + 2.0 * growth);
      const double phase = kTwoPi * personality.Uniform();
      for (int side = -3; side <= 3; ++side) {
        const double share = side == 0 ? 1.0 : (0.03 + 0.7 * std::sqrt(growth)) / std::abs(side);
        const double order = mesh + side;
        AddLine(samples_, rate_hz_,
                {order * gear_hz, amplitude * share, phase + order * gear_angle0 + 0.4 * side});
      }
    }
    if (growth <= 0 || !(gear_hz > 0)) return;
    const double duration_s = static_cast<double>(samples_.size()) / rate_hz_;
    const double knock = 15.0 * machine_.noise_m_s2 * growth;
    double turn = 1.0 - gear_angle0 / kTwoPi + std::floor(gear_angle0 / kTwoPi);
    for (; turn / gear_hz < duration_s; turn += 1.0) {
      AddImpact(samples_, rate_hz_, turn / gear_hz, knock, modes_);
    }
  }

  void AddBlades() {
    if (machine_.machine.blades <= 0) return;
    AddOrder(machine_.machine.blades, 0.25 * machine_.shaft_velocity_mm_s * speed_share_, 1.0);
  }

  const features::BearingOrders& Bearing() const {
    const auto& bearings = machine_.machine.bearings;
    return bearings.empty() ? kDefaultBearing : bearings.front().orders;
  }

  void AddNoise() {
    Random random(machine_.seed, kNoise, record_);
    const NoiseModulation modulation = {.shaft_hz = shaft_hz_,
                                        .ball_pass_hz = Bearing().bpfo * shaft_hz_,
                                        .shaft_depth = 0.06,
                                        .ball_pass_depth = 0.03};
    // Wear of a bearing or a loose fit also makes plain noise; what no rule names makes only noise.
    double wear = 1.0;
    if (IsBearingFault() || Is(Fault::kLooseness) || Is(Fault::kGear)) wear += 1.5 * growth_;
    if (Is(Fault::kOther)) wear += 8.0 * growth_;
    const double rms = machine_.noise_m_s2 * wear * Level(kNoiseLevel, 0.3, 0.15) *
                       std::pow(speed_share_, 1.5) * std::pow(load_share_, 0.3);
    const std::vector<float> noise =
        ShapedNoise(static_cast<int>(samples_.size()), rate_hz_, modes_, modulation, random);
    for (size_t n = 0; n < noise.size(); ++n) samples_[n] += static_cast<float>(rms) * noise[n];
  }

  bool IsBearingFault() const {
    return Is(Fault::kInnerRace) || Is(Fault::kOuterRace) || Is(Fault::kBall) || Is(Fault::kCage);
  }

  void AddBearing() {
    if (!IsBearingFault() || growth_ <= 0 || !(shaft_hz_ > 0)) return;
    constexpr double kFinalAmplitude = 40.0;  // of an impact over the RMS of the healthy noise
    Random random(machine_.seed, kImpacts, record_);
    const BearingDefect defect = {
        .fault = fault_.fault,
        .orders = Bearing(),
        .shaft_hz = shaft_hz_,
        .amplitude = kFinalAmplitude * growth_ * machine_.noise_m_s2 * speed_share_,
        .slip_scatter = machine_.slip_scatter};
    AddBearingImpacts(samples_, rate_hz_, defect, modes_, random);
  }

  const SimulatedMachine& machine_;
  const SimulatedFault fault_;
  const uint64_t record_;
  const double rate_hz_;
  const double growth_;
  const double shaft_hz_;
  const double angle0_;  // of the shaft at the first sample
  double speed_share_ = 1;
  double load_share_ = 1;
  std::vector<Mode> modes_;
  std::vector<float> samples_;
};

}  // namespace

std::vector<float> SimulateVibration(const SimulatedMachine& machine, const SimulatedFault& fault,
                                     uint64_t record, double sample_rate_hz, int sample_count) {
  return VibrationRecord(machine, fault, record, sample_rate_hz, sample_count).Simulate();
}

}  // namespace auscult::models
