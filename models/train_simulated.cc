#include "models/train_simulated.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "features/extract.h"
#include "features/waveform.h"
#include "models/random.h"
#include "models/simulate_parts.h"

namespace auscult::models {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr std::array kFaults = {Fault::kHealthy, Fault::kInnerRace, Fault::kOuterRace,
                                Fault::kBall};
constexpr int kRigs = 10;

double FromDb(double db) { return std::pow(10.0, db / 20.0); }

double Rms(std::span<const float> samples) {
  double sum = 0;
  for (const float sample : samples) sum += static_cast<double>(sample) * sample;
  return std::sqrt(sum / static_cast<double>(samples.size()));
}

template <typename Values>
auto Pick(const Values& values, Random& random) {
  return values[random.Next() % values.size()];
}

// A machine that nobody has seen, and one record of it.
class DrawnRecord {
 public:
  DrawnRecord(Fault fault, Random random) : fault_(fault), random_(random) {
    constexpr std::array kRatesHz = {12000.0, 20000.0, 25600.0, 48000.0, 51200.0};
    constexpr std::array kSampleCounts = {16384, 32768, 65536};
    rate_hz_ = Pick(kRatesHz, random_);
    samples_.resize(Pick(kSampleCounts, random_));
    // Fewer turns would leave the families unknown.
    constexpr double kMinTurns = 10;
    const double slowest_hz =
        std::max(8.0, kMinTurns * rate_hz_ / static_cast<double>(samples_.size()));
    shaft_hz_ = slowest_hz * std::exp2(random_.Uniform() * std::log2(60.0 / slowest_hz));
    const features::BearingGeometry geometry = {
        .rolling_elements = 7 + static_cast<int>(random_.Next() % 10),
        .element_diameter_mm = static_cast<float>(random_.Uniform(0.14, 0.3)),
        .pitch_diameter_mm = 1,
        .contact_angle_deg = random_.Uniform() < 0.7 ? 0.0f : 15.0f};
    orders_ = features::OrdersOf(geometry);
    const int modes = 2 + static_cast<int>(random_.Next() % 3);
    for (int i = 0; i < modes; ++i) {
      modes_.push_back({random_.Uniform(800, 0.42 * rate_hz_), random_.Uniform(0.01, 0.1),
                        random_.Uniform(0.2, 1)});
    }
  }

  std::vector<float> Samples() {
    AddNoise();
    AddLines();
    AddKnocks();
    AddDefect();
    return samples_;
  }

  features::Machine Machine() const {
    features::Machine machine;
    machine.bearings = {{"drawn", "", orders_}};
    return machine;
  }
  double rate_hz() const { return rate_hz_; }
  double shaft_hz() const { return shaft_hz_; }
  Random& random() { return random_; }

 private:
  // Healthy bearings too modulate what they radiate, by ball pass, load zone and cage.
  void AddNoise() {
    const double strength = 1.5 * random_.Uniform() * random_.Uniform();
    const NoiseModulation modulation = {
        .shaft_hz = shaft_hz_,
        .ball_pass_hz = (random_.Uniform() < 0.7 ? orders_.bpfo : orders_.bpfi) * shaft_hz_,
        .shaft_depth = 0.4 * strength * random_.Uniform(),
        .ball_pass_depth = 0.4 * strength * random_.Uniform()};
    const double cage_depth = random_.Uniform() < 0.5 ? 0.0 : 0.5 * strength * random_.Uniform();
    const double cage_step = kTwoPi * orders_.ftf * shaft_hz_ / rate_hz_;
    const double phase = kTwoPi * random_.Uniform();
    samples_ =
        ShapedNoise(static_cast<int>(samples_.size()), rate_hz_, modes_, modulation, random_);
    for (size_t n = 0; n < samples_.size(); ++n) {
      const double angle = phase + cage_step * static_cast<double>(n);
      samples_[n] *= static_cast<float>(1.0 + cage_depth * std::cos(angle));
    }
  }

  // Harmonics of the shaft, and now and then a mesh or slots with sidebands.
  void AddLines() {
    const double level = FromDb(random_.Uniform(-25, 12));
    for (int order = 1; order <= 12; ++order) {
      const double amplitude = level * FromDb(-3.0 * order + 6 * random_.Normal());
      AddLine(samples_, rate_hz_, {order * shaft_hz_, amplitude, kTwoPi * random_.Uniform()});
    }
    if (random_.Uniform() < 0.5) return;
    const double mesh = 12 + static_cast<double>(random_.Next() % 60);
    const double side_share = 0.5 * random_.Uniform();
    for (int harmonic = 1; harmonic <= 4; ++harmonic) {
      for (int side = -2; side <= 2; ++side) {
        const double share = side == 0 ? 1.0 : side_share / std::abs(side);
        AddLine(samples_, rate_hz_,
                {(mesh * harmonic + side) * shaft_hz_, level * share / harmonic,
                 kTwoPi * random_.Uniform()});
      }
    }
  }

  // What knocks without being a bearing, at random or once a turn: every second machine has it.
  void AddKnocks() {
    if (random_.Uniform() < 0.5) return;
    const bool at_random = random_.Uniform() < 0.7;
    const double rate = at_random ? std::exp2(random_.Uniform(0, 7.2)) : shaft_hz_;
    const double amplitude = FromDb(random_.Uniform(-6, 22));
    const double duration_s = static_cast<double>(samples_.size()) / rate_hz_;
    double time_s = random_.Uniform() / rate;
    while (time_s < duration_s) {
      AddImpact(samples_, rate_hz_, time_s, amplitude * random_.Uniform(0.5, 1.5), modes_);
      time_s += at_random ? -std::log(1.0 - random_.Uniform()) / rate : 1.0 / rate;
    }
  }

  void AddDefect() {
    if (fault_ == Fault::kHealthy) return;
    const bool irregular = fault_ == Fault::kBall && random_.Uniform() < 0.6;
    const BearingDefect defect = {
        .fault = fault_,
        .orders = orders_,
        .shaft_hz = shaft_hz_,
        .amplitude = 1,
        .slip_scatter = irregular ? random_.Uniform(0.05, 0.3) : random_.Uniform(0.002, 0.02)};
    std::vector<float> impacts(samples_.size());
    AddBearingImpacts(impacts, rate_hz_, defect, modes_, random_);
    // A signal-to-noise ratio over the whole record; single balls strike seldom, but hard.
    const double rms = Rms(impacts);
    if (!(rms > 0)) return;
    const double gain = FromDb(random_.Uniform(-20, 10)) / rms;
    for (size_t n = 0; n < samples_.size(); ++n) {
      samples_[n] += static_cast<float>(gain) * impacts[n];
    }
  }

  Fault fault_;
  Random random_;
  double rate_hz_ = 0;
  double shaft_hz_ = 0;
  features::BearingOrders orders_ = {};
  std::vector<Mode> modes_;
  std::vector<float> samples_;
};

// Half of the speeds are measured, with a small error; the others nominal.
void SendSpeed(DrawnRecord& record, features::Machine& machine, features::Conditions& conditions) {
  const double speed_rpm = 60 * record.shaft_hz();
  if (record.random().Uniform() < 0.5) {
    conditions.speed_rpm = static_cast<float>(speed_rpm * (1 + 0.002 * record.random().Normal()));
  } else {
    machine.rated_speed_rpm =
        static_cast<float>(speed_rpm * (1 + record.random().Uniform(-0.05, 0.05)));
  }
}

}  // namespace

std::vector<LabelledRecord> SimulateLabelled(int count, uint64_t seed, const std::string& rig) {
  constexpr uint64_t kTraining = 71;  // a stream of its own
  features::Extractor extractor;
  std::vector<LabelledRecord> records;
  for (int i = 0; i < count; ++i) {
    LabelledRecord labelled;
    labelled.fault = kFaults[static_cast<size_t>(i) % kFaults.size()];
    labelled.rig = rig.empty() ? "simulated " + std::to_string(i / 4 % kRigs) : rig;
    DrawnRecord drawn(labelled.fault, Random(seed, kTraining, static_cast<uint64_t>(i)));
    labelled.machine = drawn.Machine();
    features::Conditions conditions;
    SendSpeed(drawn, labelled.machine, conditions);
    const auto waveform = features::Waveform::Create(
        drawn.Samples(), {{"a", features::Quantity::kAcceleration}}, drawn.rate_hz(), conditions);
    if (!waveform.ok()) continue;
    if (!extractor.Extract(*waveform, labelled.machine, labelled.features).ok()) continue;
    records.push_back(std::move(labelled));
  }
  return records;
}

}  // namespace auscult::models
