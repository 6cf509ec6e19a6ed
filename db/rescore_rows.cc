#include "db/rescore_rows.h"

namespace auscult::db {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;

void StartRow(CopyBuffer& buffer, int16_t field_count, const RescoreRows::Key& key) {
  buffer.StartRow(field_count);
  buffer.Int64(key.asset_id);
  buffer.Int64(key.point_id);
  buffer.TimeUs(key.measured_at_us);
  buffer.Int64(key.site_id);
  buffer.Int64(key.run);
}

}  // namespace

void RescoreRows::AddScore(const Key& key, RecordRows::JudgedBy versions,
                           const models::Health& health, std::string_view detail) {
  // Months begin with an hour.
  const int64_t hour_us = key.measured_at_us / kHourUs * kHourUs;
  if (hours_us_.empty() || hours_us_.back() != hour_us) hours_us_.push_back(hour_us);
  StartRow(scores_, 14, key);
  AppendJudgement(scores_, versions, health, detail);
}

void RescoreRows::AddExtraction(const Key& key, const features::FeatureVector& features) {
  StartRow(extractions_, 8, key);
  extractions_.Int16(features.set_id);
  extractions_.Int32(static_cast<int32_t>(features.quality));
  extractions_.FloatArray(features.values);
}

absl::Status RescoreRows::EnsurePartitions(Connection& connection,
                                           PartitionCache& partitions) const {
  return partitions.EnsureFor(connection, hours_us_);
}

absl::Status RescoreRows::Copy(Connection& connection) {
  if (extractions_.row_count() > 0) {
    absl::Status status = connection.CopyIn(
        "COPY extraction (asset_id, point_id, measured_at, site_id, run, feature_set, quality,"
        " features) FROM STDIN (FORMAT binary)",
        extractions_.Finish());
    if (!status.ok()) return status;
  }
  if (scores_.row_count() == 0) return absl::OkStatus();
  return connection.CopyIn(
      "COPY score (asset_id, point_id, measured_at, site_id, run, model_version,"
      " classifier_version, condition, zone, verdict, health, severity, confidence, detail)"
      " FROM STDIN (FORMAT binary)",
      scores_.Finish());
}

}  // namespace auscult::db
