#include "db/record_rows.h"

#include <cmath>

namespace auscult::db {
namespace {

void StartRow(CopyBuffer& buffer, int16_t field_count, const Record& record) {
  buffer.StartRow(field_count);
  buffer.Int64(record.asset_id);
  buffer.Int64(record.point_id);
  buffer.TimeUs(record.measured_at_us);
  buffer.Int64(record.site_id);
}

void JsonOrNull(CopyBuffer& buffer, std::string_view json) {
  if (json.empty()) {
    buffer.Null();
  } else {
    buffer.Json(json);
  }
}

absl::Status Copy(Connection& connection, Sql sql, CopyBuffer& buffer) {
  if (buffer.row_count() == 0) return absl::OkStatus();
  return connection.StartCopyIn(sql, buffer.Finish());
}

}  // namespace

void AppendJudgement(CopyBuffer& buffer, RecordRows::JudgedBy versions,
                     const models::Health& health, std::string_view detail) {
  buffer.Int32(versions.baseline);
  buffer.Int32(versions.classifier);
  buffer.Int16(static_cast<int16_t>(health.condition));
  buffer.Int16(static_cast<int16_t>(health.zone));
  buffer.Int16(static_cast<int16_t>(health.verdict));
  buffer.Float32OrNull(health.index);
  buffer.Float32OrNull(health.severity);
  buffer.Float32(std::isnan(health.confidence) ? 0 : health.confidence);
  JsonOrNull(buffer, detail);
}

void RecordRows::AddTrend(const Record& record, features::QualityFlags quality) {
  StartRow(trends_, 12, record);
  trends_.Int16(record.features.set_id);
  trends_.Int16(static_cast<int16_t>(record.source));
  trends_.Int32(static_cast<int32_t>(quality));
  trends_.Float32OrNull(record.features.speed_rpm);
  trends_.Float32OrNull(record.features.load_percent);
  trends_.Bytes(record.content_hash);
  trends_.FloatArray(record.features.values);
  JsonOrNull(trends_, record.conditions);
}

void RecordRows::AddScore(const Record& record, JudgedBy versions, const models::Health& health,
                          std::string_view detail) {
  StartRow(scores_, 13, record);
  AppendJudgement(scores_, versions, health, detail);
}

void RecordRows::AddWaveform(const Record& record, KeptFor kept_for) {
  StartRow(waveforms_, 11, record);
  waveforms_.Int16(static_cast<int16_t>(kept_for));
  waveforms_.Float64(record.raw.sample_rate_hz);
  waveforms_.Bytes(record.content_hash);
  waveforms_.Json(record.raw.channels);
  const bool pack = record.raw.codec == SampleCodec::kAsSent && !record.raw.layout.empty();
  waveforms_.Bytes(pack ? packer_.Pack(record.raw.layout, record.raw.samples) : record.raw.samples);
  waveforms_.Int16(static_cast<int16_t>(pack ? SampleCodec::kPacked : record.raw.codec));
  if (record.raw.conditions.empty()) {
    waveforms_.Null();
  } else {
    waveforms_.Text(record.raw.conditions);
  }
}

void RecordRows::AddEvent(const Record& record, models::Condition from,
                          const models::Health& health, std::string_view summary) {
  StartRow(events_, 8, record);
  events_.Int16(static_cast<int16_t>(from));
  events_.Int16(static_cast<int16_t>(health.condition));
  events_.Int16(static_cast<int16_t>(health.verdict));
  events_.Text(summary);
}

absl::Status RecordRows::CopyTrends(Connection& connection) {
  return Copy(connection,
              "COPY trend (asset_id, point_id, measured_at, site_id, feature_set, source, quality,"
              " speed_rpm, load_percent, content_hash, features, conditions)"
              " FROM STDIN (FORMAT binary)",
              trends_);
}

absl::Status RecordRows::CopyScores(Connection& connection) {
  return Copy(connection,
              "COPY score (asset_id, point_id, measured_at, site_id, model_version,"
              " classifier_version, condition, zone, verdict, health, severity, confidence, detail)"
              " FROM STDIN (FORMAT binary)",
              scores_);
}

absl::Status RecordRows::CopyOthers(Connection& connection) {
  absl::Status status = CopyScores(connection);
  if (status.ok()) {
    status = Copy(connection,
                  "COPY waveform (asset_id, point_id, measured_at, site_id, kept_for,"
                  " sample_rate_hz, content_hash, channels, samples, codec, conditions)"
                  " FROM STDIN (FORMAT binary)",
                  waveforms_);
  }
  if (status.ok()) {
    status = Copy(connection,
                  "COPY event (asset_id, point_id, measured_at, site_id, from_condition,"
                  " to_condition, verdict, summary) FROM STDIN (FORMAT binary)",
                  events_);
  }
  return status;
}

}  // namespace auscult::db
