#include "server/export_stream.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "google/protobuf/util/time_util.h"
#include "server/acting.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/health_view.h"
#include "server/names.h"
#include "server/store_errors.h"
#include "server/stored_waveform.h"
#include "server/waveform_calls.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kMessageBytes = 2 << 20;  // a message is sent once it has grown to so many
constexpr std::chrono::milliseconds kRetryAfter{500};

v1::ExportedRecord MessageOf(const db::ExportRow& row) {
  v1::ExportedRecord record;
  *record.mutable_measured_at() = TimeUtil::MicrosecondsToTimestamp(row.measured_at_us);
  const features::FeatureVector& features = row.features;
  if (const auto* set = features::FindFeatureSet(features.set_id)) {
    record.set_feature_set(std::string(set->name));
  }
  record.mutable_features()->Assign(features.values.begin(), features.values.end());
  if (!std::isnan(features.speed_rpm)) record.set_speed_rpm(features.speed_rpm);
  if (!std::isnan(features.load_percent)) record.set_load_percent(features.load_percent);
  for (std::string& name : QualityNames(features.quality)) record.add_quality(std::move(name));
  if (!row.scored) return record;
  const models::Health& health = row.health;
  record.set_condition(ConditionOf(static_cast<int>(health.condition)));
  if (!std::isnan(health.index)) record.set_health(health.index);
  if (!std::isnan(health.severity)) record.set_severity(health.severity);
  record.set_verdict(FaultOf(static_cast<int>(health.verdict)));
  record.set_confidence(health.confidence);
  record.set_zone(static_cast<v1::Zone>(health.zone));
  return record;
}

}  // namespace

RecordExporter::RecordExporter(std::shared_ptr<const DirectoryEntry> point, db::Period period,
                               bool samples, bool only_samples)
    : point_(std::move(point)),
      samples_(samples || only_samples),
      only_samples_(only_samples),
      records_({point_->asset_id, point_->point_id}, period),
      waveforms_({point_->asset_id, point_->point_id}, period) {}

// Names and units of all values of a record of this set.
void RecordExporter::Name(const db::ExportRow& row, v1::ExportRecordsResponse& response) {
  named_set_ = row.features.set_id;
  const features::FeatureSet* const set = features::FindFeatureSet(row.features.set_id);
  if (set == nullptr) return;
  for (int channel = 0; channel < row.features.channel_count; ++channel) {
    const auto index = static_cast<size_t>(channel);
    const bool known = index < point_->channels.size();
    const std::string id = known ? point_->channels[index].id : Concat(channel + 1);
    for (const features::FeatureDefinition& feature : set->features) {
      response.add_names(id.empty() ? std::string(feature.name) : Concat(id, "/", feature.name));
      const bool si = feature.unit == "SI" && known;
      response.add_units(
          std::string(si ? features::SiUnit(point_->channels[index].quantity) : feature.unit));
    }
  }
}

absl::StatusOr<std::optional<v1::Waveform>> RecordExporter::SamplesAt(db::Connection& connection,
                                                                      int64_t at_us,
                                                                      bool& damaged) {
  while (!waveforms_ended_ && (!waveform_ || waveform_->measured_at_us < at_us)) {
    auto next = waveforms_.Next(connection);
    if (!next.ok()) return next.status();
    waveform_ = *std::move(next);
    waveforms_ended_ = !waveform_.has_value();
  }
  if (!waveform_ || waveform_->measured_at_us != at_us) return std::nullopt;
  db::WaveformHistory::Item item = *std::exchange(waveform_, std::nullopt);
  damaged = true;
  if (!item.waveform.ok()) return std::nullopt;
  absl::StatusOr<v1::Waveform> message = WaveformMessage(*std::move(item.waveform), point_->name);
  if (!message.ok()) return std::nullopt;
  damaged = false;
  return *std::move(message);
}

absl::StatusOr<bool> RecordExporter::Next(db::Connection& connection,
                                          v1::ExportRecordsResponse& response) {
  response.Clear();
  size_t bytes = 0;
  while (bytes < kMessageBytes) {
    if (rows_.empty()) {
      auto more = records_.Next(connection);
      if (!more.ok()) return more.status();
      if (more->empty()) break;
      std::move(more->begin(), more->end(), std::back_inserter(rows_));
    }
    const db::ExportRow row = std::move(rows_.front());
    // What has other names goes into a message of its own.
    if (row.features.set_id != named_set_ && response.records_size() > 0) {
      rows_.front() = row;
      break;
    }
    rows_.pop_front();
    bool damaged = false;
    std::optional<v1::Waveform> waveform;
    if (samples_) {
      auto found = SamplesAt(connection, row.measured_at_us, damaged);
      if (!found.ok()) return found.status();
      waveform = *std::move(found);
    }
    if (only_samples_ && !waveform && !damaged) continue;
    if (row.features.set_id != named_set_) Name(row, response);
    v1::ExportedRecord& record = *response.add_records();
    record = MessageOf(row);
    if (damaged) record.add_quality("samples_damaged");
    if (waveform) *record.mutable_waveform() = *std::move(waveform);
    bytes += record.ByteSizeLong();
  }
  return response.records_size() > 0;
}

ExportStream::ExportStream(CallPool* pool, db::Pool* database, PlantDirectory* directory,
                           const v1::ExportRecordsRequest& request, Admitted admitted,
                           std::string request_id, OpenedStream opened,
                           std::function<absl::Status()> may_go_on)
    : pool_(pool),
      database_(database),
      directory_(directory),
      request_(request),
      admitted_(std::move(admitted)),
      request_id_(std::move(request_id)),
      opened_(std::move(opened)),
      may_go_on_(std::move(may_go_on)) {
  Schedule();
}

void ExportStream::OnWriteDone(bool ok) {
  if (ok && !cancelled_) return Schedule();
  Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the caller went away"));
}

void ExportStream::Schedule() {
  if (pool_->TryRun([this] { Step(); })) return;
  Finish(ToGrpcStatus(
      Overloaded({.reason = "TOO_MANY_CALLS",
                  .message = "too many calls are waiting",
                  .remedy = "export on from the last record that arrived, a little later"},
                 kRetryAfter)));
}

absl::Status ExportStream::Begin() {
  const auto name = ParsePointName(request_.point(), "point");
  if (!name.ok()) return name.status();
  const auto period = StoredPeriod(request_);
  if (!period.ok()) return period.status();
  auto point = directory_->Find(request_.point());
  if (absl::IsNotFound(point.status())) {
    return UnknownResource(Resource::kPoint, request_.point(), "point");
  }
  if (!point.ok()) return point.status();
  exporter_.emplace(*std::move(point), *period, request_.samples(), request_.only_samples());
  return absl::OkStatus();
}

void ExportStream::Step() {
  absl::Status status = exporter_ ? may_go_on_() : Begin();
  bool more = false;
  if (status.ok() && !cancelled_) {
    auto lease = database_->Acquire();
    status = lease.status();
    if (status.ok()) status = ActForCaller(**lease, admitted_, request_id_);
    if (status.ok()) {
      const absl::StatusOr<bool> next = exporter_->Next(**lease, response_);
      status = next.status();
      more = next.ok() && *next;
    }
  }
  // Either of these may be the last that this object sees.
  if (more && !cancelled_) {
    StartWrite(&response_);
  } else {
    Finish(cancelled_ ? grpc::Status::CANCELLED : ToGrpcStatus(FromDatabase(status)));
  }
}

}  // namespace auscult::server
