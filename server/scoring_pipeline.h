#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "auscult/v1/ingest_service.pb.h"
#include "server/admission.h"
#include "server/config.h"
#include "server/group_commit.h"
#include "server/plant_directory.h"

namespace auscult::server {

// Records answered so far.
struct IngestCounts {
  std::atomic<int64_t> accepted{0}, duplicate{0}, rejected{0};
};

// From message to committed record: workers (one a core, each with its own Extractor) decode,
// validate and extract; the group commit stores and scores. The records of one point are committed
// in the order in which they were submitted, whichever worker is done with them first: otherwise a
// sender that keeps the order would see its records flagged as late. Sites take turns, by bytes, so
// that none waits behind all that another sent. Nothing in here waits without
// bound: what is queued holds a reservation of the byte budget. Thread-safe.
class ScoringPipeline {
 public:
  // Called once for each submitted record, after the commit or with the reason of a rejection, from
  // any thread, also before Submit returns. Must not block.
  using Done = std::function<void(v1::IngestResult)>;

  // `directory` and `commit` must outlive it.
  ScoringPipeline(const Config& config, PlantDirectory* directory, GroupCommit* commit);
  // Waits like Drain.
  ~ScoringPipeline();

  // Takes over the waveform and its reservation, which is released once `done` was called.
  // `expired` is asked before the work is begun: a record whose caller is gone is dropped, `done`
  // is told CANCELLED.
  void Submit(std::unique_ptr<v1::Waveform> waveform, Reservation reservation,
              std::function<bool()> expired, Done done);

  // The same for a record that comes as features. `place` is where it stands in the request:
  // "records[3]".
  void SubmitFeatures(std::unique_ptr<v1::FeatureRecord> record, std::string place,
                      Reservation reservation, std::function<bool()> expired, Done done);

  // Takes nothing new (UNAVAILABLE) and waits until all that was taken is answered.
  void Drain();

  const IngestCounts& counts() const;

 private:
  class Line;
  class Worker;
  struct Work;
  struct Parts;
  void Enqueue(std::shared_ptr<Work> work);
  std::unique_ptr<Parts> parts_;
};

}  // namespace auscult::server
