#include "cli/simulated_plant.h"

#include <algorithm>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/cell.h"
#include "cli/nearest_name.h"
#include "cli/plant_file.h"
#include "models/random.h"

namespace auscult::cli {
namespace {

constexpr float kUsualSpeedRpm = 1500;
constexpr float kUsualPowerKw = 15;
constexpr float kAmperePerKw = 1.9f;  // of a three-phase motor at 400 V

// FNV-1a, so that the seed of an asset is the same everywhere.
uint64_t HashOf(const std::string& name) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

bool IsSimulated(const v1::Point& point, v1::Quantity quantity) {
  return !point.channels().empty() &&
         std::all_of(point.channels().begin(), point.channels().end(),
                     [&](const v1::Channel& channel) { return channel.quantity() == quantity; });
}

std::string AssetOf(const std::string& point) { return point.substr(0, point.find("/points/")); }

SimulatedPoint PointOf(const v1::Point& point, const v1::Asset& asset, const SiteBearings& bearings,
                       const SimulationOptions& options) {
  SimulatedPoint simulated;
  simulated.point = point;
  simulated.sample_rate_hz =
      point.sample_rate_hz() > 0 ? point.sample_rate_hz() : options.sample_rate_hz;
  models::Random character(options.seed, HashOf(asset.name()));
  models::SimulatedMachine& machine = simulated.machine;
  machine.machine = MachineOfMessage(asset.machine(), bearings);
  machine.speed_rpm =
      machine.machine.rated_speed_rpm > 0 ? machine.machine.rated_speed_rpm : kUsualSpeedRpm;
  machine.noise_m_s2 = static_cast<float>(character.Uniform(0.3, 0.7));
  machine.shaft_velocity_mm_s = static_cast<float>(character.Uniform(0.4, 0.9));
  machine.resonances_hz = {static_cast<float>(character.Uniform(2000, 3500)),
                           static_cast<float>(character.Uniform(4200, 5600))};
  machine.seed = options.seed ^ HashOf(point.name());
  models::SimulatedMotor& motor = simulated.motor;
  if (machine.machine.line_frequency_hz > 0) {
    motor.line_frequency_hz = machine.machine.line_frequency_hz;
  }
  if (machine.machine.pole_pairs > 0) motor.pole_pairs = machine.machine.pole_pairs;
  motor.rated_current_a =
      kAmperePerKw *
      (machine.machine.rated_power_kw > 0 ? machine.machine.rated_power_kw : kUsualPowerKw);
  motor.slip = static_cast<float>(character.Uniform(0.015, 0.03));
  motor.seed = machine.seed;
  return simulated;
}

// "pump-2", "pump-2/de", "demo/pump-2" or a full name, as a full name.
std::string NameInSite(const std::string& text, const std::string& site) {
  const std::string site_id(absl::StripPrefix(site, "sites/"));
  if (absl::StartsWith(text, "sites/")) return text;
  if (absl::StartsWith(text, site_id + "/")) return ResourceName(text);
  return ResourceName(absl::StrCat(site_id, "/", text));
}

absl::Status PlaceFault(const GrowingFault& fault, std::vector<SimulatedPoint>& points) {
  bool placed = false;
  std::vector<std::string> known;
  for (SimulatedPoint& point : points) {
    const std::string asset = AssetOf(point.point.name());
    known.push_back(point.point.name());
    known.push_back(asset);
    if (fault.where != point.point.name() && fault.where != asset) continue;
    point.fault = fault;
    placed = true;
  }
  if (placed) return absl::OkStatus();
  const std::string nearest = NearestName(fault.where, known);
  return WrongUse(
      absl::StrCat("--fault: ", fault.where, " has no simulated point",
                   nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
}

}  // namespace

absl::StatusOr<GrowingFault> ParseGrowingFault(const std::string& text, const std::string& site) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  GrowingFault fault;
  if (parts.size() < 2 || parts.size() > 4) {
    return WrongUse(absl::StrCat("--fault: \"", text,
                                 "\" is not understood; write ASSET:FAULT, or "
                                 "ASSET:FAULT:FROM:SEVERITY with shares from 0 to 1"));
  }
  fault.where = NameInSite(parts[0], site);
  const std::optional<models::Fault> named = models::ParseFault(parts[1]);
  if (!named) {
    std::vector<std::string> known;
    for (int i = 1; i < models::kFaultCount; ++i) {
      known.emplace_back(models::FaultName(static_cast<models::Fault>(i)));
    }
    const std::string nearest = NearestName(parts[1], known);
    return WrongUse(absl::StrCat("--fault: \"", parts[1], "\" is no fault",
                                 nearest.empty() ? "; write inner_race, unbalance, ..."
                                                 : absl::StrCat("; did you mean ", nearest, "?")));
  }
  fault.fault = *named;
  for (size_t i = 2; i < parts.size(); ++i) {
    const std::optional<double> share = ParseNumber(parts[i]);
    if (!share || !(*share >= 0 && *share <= 1)) {
      return WrongUse(absl::StrCat("--fault: \"", parts[i], "\" is not a share from 0 to 1"));
    }
    (i == 2 ? fault.from : fault.severity) = *share;
  }
  return fault;
}

absl::StatusOr<std::vector<SimulatedPoint>> SimulatedPlant(const v1::ListAssetsResponse& assets,
                                                           const v1::ListPointsResponse& points,
                                                           const SiteBearings& bearings,
                                                           const SimulationOptions& options) {
  std::map<std::string, const v1::Asset*> asset_by_name;
  for (const v1::Asset& asset : assets.assets()) asset_by_name[asset.name()] = &asset;
  std::vector<SimulatedPoint> simulated;
  for (const v1::Point& point : points.points()) {
    const auto asset = asset_by_name.find(AssetOf(point.name()));
    const bool electrical = IsSimulated(point, v1::QUANTITY_CURRENT);
    if (asset == asset_by_name.end()) continue;
    if (!electrical && !IsSimulated(point, v1::QUANTITY_ACCELERATION)) continue;
    simulated.push_back(PointOf(point, *asset->second, bearings, options));
    simulated.back().electrical = electrical;
  }
  if (simulated.empty()) {
    return absl::NotFoundError(absl::StrCat(
        options.site, " has no points that measure acceleration or current; apply a plant first"));
  }
  for (const GrowingFault& fault : options.faults) {
    if (absl::Status status = PlaceFault(fault, simulated); !status.ok()) return status;
  }
  return simulated;
}

}  // namespace auscult::cli
