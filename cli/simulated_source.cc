#include "cli/simulated_source.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <thread>

#include "absl/strings/str_cat.h"
#include "cli/health_text.h"
#include "cli/plant_reading.h"
#include "cli/simulated_plant.h"
#include "cli/waveform_message.h"
#include "models/random.h"

namespace auscult::cli {
namespace {

constexpr double kSecondsPerDay = 86400;
// Sensors of one plant do not record at the same instant.
constexpr double kStaggerS = 5;

// How a machine runs at a time: more load by day than by night, and a little chance.
float LoadPercentAt(uint64_t seed, int64_t round, double time_s) {
  models::Random chance(seed, 77, static_cast<uint64_t>(round));
  const double hour = std::fmod(time_s / 3600, 24);
  const double load = 72 + 12 * std::sin(2 * std::numbers::pi * (hour - 9) / 24);
  return static_cast<float>(std::clamp(load + 2 * chance.Normal(), 45.0, 95.0));
}

models::SimulatedFault FaultAt(const GrowingFault& fault, double share) {
  if (fault.fault == models::Fault::kHealthy || share <= fault.from) return {};
  const double grown = (share - fault.from) / std::max(1e-9, 1 - fault.from);
  return {fault.fault, static_cast<float>(fault.severity * std::min(1.0, grown))};
}

void AddVibration(const SimulatedPoint& point, const models::SimulatedFault& fault, int64_t round,
                  float load_percent, int samples, v1::Waveform& waveform) {
  models::SimulatedMachine machine = point.machine;
  // An induction motor slips more under load.
  machine.speed_rpm *= 1 - 0.0002f * (load_percent - 70);
  machine.load_percent = load_percent;
  waveform.mutable_conditions()->set_speed_rpm(machine.speed_rpm);
  for (int c = 0; c < point.point.channels_size(); ++c) {
    machine.seed = point.machine.seed + static_cast<uint64_t>(c);
    v1::ChannelSamples& channel = *waveform.add_channels();
    channel.set_id(point.point.channels(c).id());
    channel.set_unit("m/s2");
    SetSamples(models::SimulateVibration(machine, fault, static_cast<uint64_t>(round),
                                         point.sample_rate_hz, samples),
               channel);
  }
}

void AddCurrent(const SimulatedPoint& point, const models::SimulatedFault& fault, int64_t round,
                float load_percent, int samples, v1::Waveform& waveform) {
  models::SimulatedMotor motor = point.motor;
  motor.load_percent = load_percent;
  const float slip = motor.slip * load_percent / 100;
  waveform.mutable_conditions()->set_speed_rpm(60 * motor.line_frequency_hz * (1 - slip) /
                                               static_cast<float>(motor.pole_pairs));
  const int phases = point.point.channels_size() >= 3 ? 3 : 1;
  const std::vector<float> currents = models::SimulateCurrent(
      motor, fault, static_cast<uint64_t>(round), point.sample_rate_hz, samples, phases);
  for (int c = 0; c < point.point.channels_size(); ++c) {
    v1::ChannelSamples& channel = *waveform.add_channels();
    channel.set_id(point.point.channels(c).id());
    channel.set_unit("A");
    SetSamples(std::span(currents).subspan(static_cast<size_t>(c % phases * samples),
                                           static_cast<size_t>(samples)),
               channel);
  }
}

}  // namespace

SimulatedSource::SimulatedSource(std::vector<SimulatedPoint> points,
                                 const SimulationOptions& options)
    : points_(std::move(points)),
      options_(options),
      rounds_(std::max<int64_t>(
          1, static_cast<int64_t>(options.days * kSecondsPerDay / options.interval_s))),
      record_count_(rounds_ * static_cast<int64_t>(points_.size())),
      production_(record_count_, std::max(1, static_cast<int>(std::thread::hardware_concurrency())),
                  [this](int64_t index) { return Make(index); }) {}

v1::Waveform SimulatedSource::Make(int64_t index) const {
  const auto point_count = static_cast<int64_t>(points_.size());
  const int64_t round = index / point_count;
  const int64_t place = index % point_count;
  const SimulatedPoint& point = points_[static_cast<size_t>(place)];
  const double stagger_s =
      std::min(kStaggerS, options_.interval_s / (2 * static_cast<double>(point_count)));
  const absl::Time measured_at =
      options_.end - absl::Seconds(options_.interval_s * static_cast<double>(rounds_ - 1 - round)) -
      absl::Seconds(stagger_s * static_cast<double>(point_count - 1 - place));
  const double share =
      rounds_ == 1 ? 1.0 : static_cast<double>(round) / static_cast<double>(rounds_ - 1);
  const float load_percent = LoadPercentAt(point.motor.seed, round,
                                           absl::ToDoubleSeconds(measured_at - absl::UnixEpoch()));
  v1::Waveform waveform;
  waveform.set_point(point.point.name());
  *waveform.mutable_measured_at() = TimestampOf(measured_at);
  waveform.set_sample_rate_hz(point.sample_rate_hz);
  waveform.mutable_conditions()->set_load_percent(load_percent);
  const models::SimulatedFault fault = FaultAt(point.fault, share);
  (point.electrical ? AddCurrent : AddVibration)(point, fault, round, load_percent,
                                                 options_.samples, waveform);
  return waveform;
}

absl::StatusOr<std::optional<v1::Waveform>> SimulatedSource::Next() {
  if (next_ == record_count_) return std::optional<v1::Waveform>();
  ++next_;
  return std::optional<v1::Waveform>(production_.Next());
}

absl::StatusOr<std::unique_ptr<SimulatedSource>> SimulatedSource::Create(
    const std::shared_ptr<grpc::Channel>& channel, const ServerOptions& server,
    const SimulationOptions& options) {
  absl::StatusOr<v1::ListAssetsResponse> assets =
      ListAllAssets(channel, server, options.site, "name");
  if (!assets.ok()) return assets.status();
  absl::StatusOr<v1::ListPointsResponse> points =
      ListAllPoints(channel, server, absl::StrCat(options.site, "/assets/-"));
  if (!points.ok()) return points.status();
  absl::StatusOr<v1::ListBearingsResponse> listed = ListAllBearings(channel, server, options.site);
  if (!listed.ok()) return listed.status();
  SiteBearings bearings;
  for (const v1::Bearing& bearing : listed->bearings()) bearings[bearing.name()] = bearing;
  absl::StatusOr<std::vector<SimulatedPoint>> simulated =
      SimulatedPlant(*assets, *points, bearings, options);
  if (!simulated.ok()) return simulated.status();
  return std::make_unique<SimulatedSource>(*std::move(simulated), options);
}

}  // namespace auscult::cli
