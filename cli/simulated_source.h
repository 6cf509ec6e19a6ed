#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/commands.h"
#include "cli/ordered_production.h"
#include "cli/plant_machine.h"
#include "cli/record_source.h"
#include "models/simulate.h"

namespace auscult::cli {

// A fault that grows on an asset, or at one of its points.
struct GrowingFault {
  std::string where;  // resource name
  models::Fault fault = models::Fault::kHealthy;
  double from = 0.35;   // share of the period after which it begins to grow
  double severity = 1;  // at the end of the period
};

// "pump-2:inner_race" or "pump-2/de:inner_race" of the site `site` (a resource name), also with
// full names; "pump-2:inner_race:0.5:0.8" gives the share of the period where it begins and the
// severity at its end. Wrong use says what is expected.
absl::StatusOr<GrowingFault> ParseGrowingFault(const std::string& text, const std::string& site);

struct SimulationOptions {
  std::string site;  // resource name
  double days = 30;
  double interval_s = 3600;
  int samples = 16384;
  double sample_rate_hz = 12800;  // of points that name none
  absl::Time end = absl::Now();
  std::vector<GrowingFault> faults;
  uint64_t seed = 1;
};

// What a point of the plant measures when its machine is simulated.
struct SimulatedPoint {
  v1::Point point;
  models::SimulatedMachine machine;  // for vibration
  models::SimulatedMotor motor;      // for current
  bool electrical = false;
  double sample_rate_hz = 0;
  GrowingFault fault;
};

// Records of every acceleration and current point of a site over a period, in the order of time;
// deterministic from plant, options and seed.
class SimulatedSource : public RecordSource {
 public:
  // Reads the plant from the server. NOT_FOUND where it has nothing to simulate; wrong use for a
  // fault at something that the site does not have.
  static absl::StatusOr<std::unique_ptr<SimulatedSource>> Create(
      const std::shared_ptr<grpc::Channel>& channel, const ServerOptions& server,
      const SimulationOptions& options);

  SimulatedSource(std::vector<SimulatedPoint> points, const SimulationOptions& options);

  absl::StatusOr<std::optional<v1::Waveform>> Next() override;
  int64_t record_count() const override { return record_count_; }

 private:
  v1::Waveform Make(int64_t index) const;

  const std::vector<SimulatedPoint> points_;
  const SimulationOptions options_;
  const int64_t rounds_;
  const int64_t record_count_;
  int64_t next_ = 0;
  OrderedProduction<v1::Waveform> production_;
};

}  // namespace auscult::cli
