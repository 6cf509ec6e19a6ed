#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auscult/v1/trend_service.pb.h"
#include "db/record_export.h"
#include "db/waveform_store.h"
#include "grpcpp/grpcpp.h"
#include "server/access/gate.h"
#include "server/call_pool.h"
#include "server/plant_directory.h"
#include "server/tenant.h"

namespace auscult::server {

// The records of a point in time order, a few megabytes at a time.
class RecordExporter {
 public:
  RecordExporter(std::shared_ptr<const DirectoryEntry> point, db::Period period, bool samples,
                 bool only_samples);

  // Fills the next message; false where there are no more records. Samples that are damaged are
  // left out of their record, whose quality says "samples_damaged".
  absl::StatusOr<bool> Next(db::Connection& connection, v1::ExportRecordsResponse& response);

 private:
  absl::StatusOr<std::optional<v1::Waveform>> SamplesAt(db::Connection& connection, int64_t at_us,
                                                        bool& damaged);
  void Name(const db::ExportRow& row, v1::ExportRecordsResponse& response);

  const std::shared_ptr<const DirectoryEntry> point_;
  const bool samples_, only_samples_;
  db::RecordExport records_;
  db::WaveformHistory waveforms_;
  std::deque<db::ExportRow> rows_;
  std::optional<db::WaveformHistory::Item> waveform_;  // the next that belongs to no record yet
  bool waveforms_ended_ = false;
  int named_set_ = -1;
};

// One call of ExportRecords. What is read waits to be written, and nothing more is read before it
// is: a slow reader costs one message. Each message is made on the pool, so that long exports take
// turns with other calls. Deletes itself.
class ExportStream final : public grpc::ServerWriteReactor<v1::ExportRecordsResponse> {
 public:
  // Ends before its next message when `may_go_on` says so.
  ExportStream(CallPool* pool, db::Pool* database, PlantDirectory* directory,
               const v1::ExportRecordsRequest& request, Admitted admitted, std::string request_id,
               OpenedStream opened, std::function<absl::Status()> may_go_on);

 private:
  void OnWriteDone(bool ok) override;
  void OnCancel() override { cancelled_ = true; }
  void OnDone() override { delete this; }
  // Exactly one of these is under way: a step on the pool, a write, the end.
  void Schedule();
  void Step();
  absl::Status Begin();

  CallPool* const pool_;
  db::Pool* const database_;
  PlantDirectory* const directory_;
  const v1::ExportRecordsRequest request_;
  const Admitted admitted_;
  const std::string request_id_;
  const OpenedStream opened_;
  const std::function<absl::Status()> may_go_on_;
  std::atomic<bool> cancelled_{false};
  std::optional<RecordExporter> exporter_;
  v1::ExportRecordsResponse response_;
};

}  // namespace auscult::server
