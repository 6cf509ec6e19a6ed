#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "auscult/v1/ingest_service.pb.h"
#include "server/admission.h"
#include "server/config.h"
#include "server/group_commit.h"
#include "server/plant_directory.h"

namespace auscult::server {

// From message to committed record: workers (one a core, each with its own Extractor) decode,
// validate and extract; the group commit stores and scores. Nothing in here waits without bound:
// what is queued holds a reservation of the byte budget. Thread-safe.
class ScoringPipeline {
 public:
  // Called once for each submitted record, from a writer thread, after the commit or with the
  // reason of a rejection. Must not block.
  using Done = std::function<void(v1::IngestResult)>;

  ScoringPipeline(const Config& config, PlantDirectory* directory, GroupCommit* commit);
  // Waits for what was submitted.
  ~ScoringPipeline();

  // Takes over the waveform and its reservation, which is released when `done` was called.
  // `expired` is asked before the work is begun: a record whose caller is gone is dropped, `done`
  // is told CANCELLED.
  void Submit(std::unique_ptr<v1::Waveform> waveform, Reservation reservation,
              std::function<bool()> expired, Done done);

  // The same for a record that comes as features.
  void SubmitFeatures(const v1::FeatureRecord& record, Reservation reservation, Done done);

  // Takes nothing new (UNAVAILABLE) and waits until all that was taken is answered.
  void Drain();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace auscult::server
