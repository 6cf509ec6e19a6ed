#pragma once

#include <prometheus/collectable.h>

#include <vector>

namespace auscult::server {

class GroupCommit;
class OperationRunner;
class RescoreJobs;
class ScoringPipeline;
class Tenants;
class TlsWatch;

// What /metrics shows of the server beside HTTP: records taken, commits, memory of waveforms, work
// in the background, the certificate, and the process. Parts that a server of other roles lacks are
// null. They outlive it. Names follow Prometheus' conventions: base units, `_total` for what only
// grows.
class ServerMetrics : public prometheus::Collectable {
 public:
  struct Parts {
    const ScoringPipeline* pipeline = nullptr;
    const GroupCommit* commit = nullptr;
    const Tenants* tenants = nullptr;
    const OperationRunner* operations = nullptr;
    const RescoreJobs* rescore = nullptr;
    const TlsWatch* certificates = nullptr;
  };
  explicit ServerMetrics(const Parts& parts) : parts_(parts) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Parts parts_;
};

}  // namespace auscult::server
