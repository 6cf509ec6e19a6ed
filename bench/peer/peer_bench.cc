// How much faster is one core with this library than with numpy and scipy, and do both agree?
// Run alone it starts compare.py, which runs it again with --serve FOLDER: then it writes the
// records and what it makes of them to the folder, and extracts a record for each line it is sent.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "features/bearing_catalogue.h"
#include "features/extract.h"
#include "models/simulate.h"

namespace auscult {
namespace {

using features::Conditions;
using features::Machine;
using features::Quantity;
using features::Waveform;
using models::Fault;
using nlohmann::json;

struct Case {
  std::string name;
  Waveform record;
  Machine machine;
};

Machine MadeMachine(const std::vector<const char*>& bearings) {
  Machine machine;
  machine.rated_power_kw = 55;
  machine.rated_speed_rpm = 1480;
  machine.line_frequency_hz = 50;
  machine.pole_pairs = 2;
  machine.rotor_bars = 40;
  machine.blades = 6;
  machine.belt_order = 0.37f;
  machine.gears = {{"pinion", 23, 1.0f}, {"wheel", 59, 23.0f / 59.0f}};
  for (const char* id : bearings) {
    const features::CatalogueBearing& bearing = *features::FindBearing(id);
    machine.bearings.push_back(
        {id, std::string(bearing.designation), features::OrdersOf(bearing.geometry)});
  }
  return machine;
}

struct VibrationCase {
  const char* name;
  Fault fault;
  float severity;
  double rate_hz;
  int sample_count;
  Conditions conditions{.speed_rpm = 1482};
  std::vector<Quantity> quantities = {Quantity::kAcceleration};
  std::vector<const char*> bearings = {"skf-6205-2rs-jem"};
};

std::vector<VibrationCase> VibrationCases() {
  constexpr float kUnknown = features::kNotKnown;
  using enum Fault;
  constexpr Quantity kA = Quantity::kAcceleration;
  return {
      {"short", kHealthy, 0, 6400, 2048},
      {"short outer race", kOuterRace, 0.5f, 6400, 2048},
      {"healthy", kHealthy, 0, 25600, 16384},
      {"outer race", kOuterRace, 0.5f, 25600, 16384},
      {"inner race", kInnerRace, 0.6f, 25600, 16384},
      {"no bearing", kGear, 0.5f, 25600, 16384, {.speed_rpm = 1482}, {kA}, {}},
      {"two bearings",
       kInnerRace,
       0.4f,
       12800,
       16384,
       {.speed_rpm = 1482},
       {kA},
       {"skf-6205-2rs-jem", "ldk-uer204"}},
      {"three channels", kMisalignment, 0.5f, 25600, 16384, {.speed_rpm = 1482}, {kA, kA, kA}},
      {"odd length", kBall, 0.7f, 20000, 25000 - 1},
      {"prime length", kUnbalance, 0.6f, 12800, 30011},
      {"gear", kGear, 0.8f, 25600, 65536},
      {"long outer race", kOuterRace, 0.3f, 25600, 65536},
      {"nominal speed",
       kOuterRace,
       0.6f,
       25600,
       65536,
       {.speed_rpm = 1510, .speed_tolerance = .05f}},
      {"rated speed", kUnbalance, 0.5f, 10240, 40960, {.speed_rpm = kUnknown}},
      {"low rate", kUnbalance, 0.9f, 2560, 25600},
      {"half a million", kInnerRace, 0.5f, 51200, 500000},
      {"velocity", kMisalignment, 0.5f, 5120, 16384, {.speed_rpm = 1482}, {Quantity::kVelocity}},
      {"displacement",
       kUnbalance,
       0.5f,
       5120,
       16384,
       {.speed_rpm = 1482},
       {Quantity::kDisplacement}},
  };
}

// The simulator makes accelerations; the other quantities get amplitudes of theirs.
float ScaleOf(Quantity quantity) {
  switch (quantity) {
    case Quantity::kVelocity:
      return 1e-3f;
    case Quantity::kDisplacement:
      return 1e-5f;
    default:
      return 1;
  }
}

Case Made(const VibrationCase& wanted, uint64_t number) {
  models::SimulatedMachine machine;
  machine.machine = MadeMachine(wanted.bearings);
  machine.speed_rpm = 1482;
  machine.seed = number;
  std::vector<float> samples;
  std::vector<Waveform::Channel> channels;
  for (size_t i = 0; i < wanted.quantities.size(); ++i) {
    const Quantity quantity = wanted.quantities[i];
    for (const float x :
         models::SimulateVibration(machine, {wanted.fault, wanted.severity}, number + i,
                                   wanted.rate_hz, wanted.sample_count)) {
      samples.push_back(ScaleOf(quantity) * x);
    }
    channels.push_back({std::to_string(i), quantity});
  }
  return {
      wanted.name,
      *Waveform::Create(std::move(samples), std::move(channels), wanted.rate_hz, wanted.conditions),
      machine.machine};
}

struct CurrentCase {
  const char* name;
  Fault fault;
  float severity;
  double rate_hz;
  int sample_count;
  int phases;
};

constexpr CurrentCase kCurrentCases[] = {
    {"one phase", Fault::kBrokenRotorBar, 0.7f, 5000, 25000, 1},
    {"three phases", Fault::kStatorWinding, 0.5f, 10240, 16384, 3},
    {"long three phases", Fault::kBrokenRotorBar, 0.4f, 8000, 65536, 3},
};

Case Made(const CurrentCase& wanted, uint64_t number) {
  models::SimulatedMotor motor;
  motor.seed = number;
  std::vector<float> samples =
      models::SimulateCurrent(motor, {wanted.fault, wanted.severity}, number, wanted.rate_hz,
                              wanted.sample_count, wanted.phases);
  std::vector<Waveform::Channel> channels;
  for (int i = 0; i < wanted.phases; ++i)
    channels.push_back({std::to_string(i), Quantity::kCurrent});
  const float slip = motor.slip * motor.load_percent / 100;
  const float speed_rpm =
      60 * motor.line_frequency_hz * (1 - slip) / static_cast<float>(motor.pole_pairs);
  return {wanted.name,
          *Waveform::Create(std::move(samples), std::move(channels), wanted.rate_hz,
                            {.speed_rpm = speed_rpm, .load_percent = motor.load_percent}),
          MadeMachine({"skf-6205-2rs-jem"})};
}

std::vector<Case> MadeCases() {
  std::vector<Case> cases;
  for (const VibrationCase& wanted : VibrationCases()) {
    cases.push_back(Made(wanted, cases.size() + 1));
  }
  for (const CurrentCase& wanted : kCurrentCases) cases.push_back(Made(wanted, cases.size() + 1));
  return cases;
}

json AsJson(const Machine& machine) {
  json bearings = json::array();
  for (const features::MountedBearing& bearing : machine.bearings) {
    const features::BearingOrders& orders = bearing.orders;
    bearings.push_back(
        {{"bpfo", orders.bpfo}, {"bpfi", orders.bpfi}, {"bsf", orders.bsf}, {"ftf", orders.ftf}});
  }
  json gears = json::array();
  for (const features::Gear& gear : machine.gears) {
    gears.push_back({{"teeth", gear.teeth}, {"shaft_ratio", gear.shaft_ratio}});
  }
  return {{"rated_power_kw", machine.rated_power_kw},
          {"rated_speed_rpm", machine.rated_speed_rpm},
          {"line_frequency_hz", machine.line_frequency_hz},
          {"pole_pairs", machine.pole_pairs},
          {"rotor_bars", machine.rotor_bars},
          {"blades", machine.blades},
          {"belt_order", machine.belt_order},
          {"bearings", bearings},
          {"gears", gears}};
}

// NaN becomes null.
json AsJson(const features::FeatureVector& found) {
  const features::FeatureSet& set = *features::FindFeatureSet(found.set_id);
  json channels = json::array();
  for (int channel = 0; channel < found.channel_count; ++channel) {
    json values = json::object();
    for (const features::FeatureDefinition& feature : set.features) {
      values[std::string(feature.name)] = found.Value(channel, feature.name);
    }
    channels.push_back(values);
  }
  return {{"speed_rpm", found.speed_rpm}, {"channels", channels}};
}

json AsJson(const Case& made, const features::FeatureVector& found, int64_t offset) {
  json quantities = json::array();
  for (int i = 0; i < made.record.channel_count(); ++i) {
    quantities.push_back(features::QuantityName(made.record.channel(i).quantity));
  }
  const Conditions& conditions = made.record.conditions();
  return {{"name", made.name},
          {"offset", offset},
          {"sample_count", made.record.sample_count()},
          {"rate_hz", made.record.sample_rate_hz()},
          {"quantities", quantities},
          {"speed_rpm", conditions.speed_rpm},
          {"speed_tolerance", conditions.speed_tolerance},
          {"load_percent", conditions.load_percent},
          {"machine", AsJson(made.machine)},
          {"found", AsJson(found)}};
}

// One Extractor a case, as for one sensor: plans and memory stay.
class Server {
 public:
  explicit Server(std::vector<Case> cases) : cases_(std::move(cases)) {
    for (size_t i = 0; i < cases_.size(); ++i) {
      extractors_.push_back(std::make_unique<features::Extractor>());
    }
  }

  void WriteTo(const std::string& folder) {
    std::ofstream samples(folder + "/samples.f32", std::ios::binary);
    json described = json::array();
    int64_t offset = 0;
    for (size_t i = 0; i < cases_.size(); ++i) {
      Extract(i);
      described.push_back(AsJson(cases_[i], found_, offset));
      for (int channel = 0; channel < cases_[i].record.channel_count(); ++channel) {
        const std::span<const float> values = cases_[i].record.samples(channel);
        samples.write(reinterpret_cast<const char*>(values.data()),
                      static_cast<std::streamsize>(values.size_bytes()));
        offset += static_cast<int64_t>(values.size());
      }
    }
    std::ofstream(folder + "/cases.json") << described.dump();
  }

  // Seconds for one record, over some milliseconds of them.
  double Time(size_t index) {
    constexpr double kRoundSeconds = 0.005;
    using Clock = std::chrono::steady_clock;
    Extract(index);  // what the other process did to the caches is nobody's cost
    const auto start = Clock::now();
    for (int count = 1;; ++count) {
      Extract(index);
      const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
      if (seconds >= kRoundSeconds) return seconds / count;
    }
  }

 private:
  void Extract(size_t index) {
    const Case& made = cases_[index];
    if (!extractors_[index]->Extract(made.record, made.machine, found_).ok()) std::abort();
  }

  std::vector<Case> cases_;
  std::vector<std::unique_ptr<features::Extractor>> extractors_;
  features::FeatureVector found_;
};

int Serve(const std::string& folder) {
  Server server(MadeCases());
  server.WriteTo(folder);
  std::cout << "ready" << std::endl;
  for (size_t index = 0; std::cin >> index;) std::cout << server.Time(index) << std::endl;
  return 0;
}

// Debian installs numpy for this interpreter, whatever else is on the path.
constexpr const char* kPython = "/usr/bin/python3";

int Compare(int argc, char** argv) {
  std::vector<char*> arguments = {const_cast<char*>(kPython),
                                  const_cast<char*>(AUSCULT_PEER_DIR "/compare.py"), argv[0]};
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  arguments.push_back(nullptr);
  execv(kPython, arguments.data());
  std::perror(kPython);
  return 1;
}

}  // namespace
}  // namespace auscult

int main(int argc, char** argv) {
  const bool serve = argc == 3 && std::string(argv[1]) == "--serve";
  return serve ? auscult::Serve(argv[2]) : auscult::Compare(argc, argv);
}
