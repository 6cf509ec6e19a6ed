#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "db/postgres.h"
#include "db/sample_codec.h"
#include "db/trend_writer.h"

namespace auscult::db {

// Why raw samples are kept. Stored: never reuse a number.
enum class KeptFor : int16_t {
  kBeingRecent = 1,
  kBeingNth = 2,
  kAlarm = 3,
  kHistoryOfAlarm = 4,
  kNovelty = 5,
  kRequest = 6
};

// The rows that a batch adds, gathered for binary COPY.
class RecordRows {
 public:
  void AddTrend(const Record& record, features::QualityFlags quality);
  // What a record was judged by: versions of the point's baseline and of the classifier.
  struct JudgedBy {
    int baseline = 0, classifier = 0;
  };
  // `detail` "" is NULL.
  void AddScore(const Record& record, JudgedBy versions, const models::Health& health,
                std::string_view detail);
  // Packs samples that are not packed yet.
  void AddWaveform(const Record& record, KeptFor kept_for);
  void AddEvent(const Record& record, models::Condition from, const models::Health& health,
                std::string_view summary);

  // Trends go first: a baseline that becomes due is learnt from them. PostgreSQL stores the rows
  // while the caller goes on (Connection::StartCopyIn), so scores may go in portions: those that
  // are there and have not gone yet.
  absl::Status CopyTrends(Connection& connection);
  absl::Status CopyScores(Connection& connection);
  size_t score_count() const { return scores_.row_count(); }
  // Scores, too.
  absl::Status CopyOthers(Connection& connection);

 private:
  SamplePacker packer_;
  CopyBuffer trends_, scores_, waveforms_, events_;
};

// The fields of a score row from model_version on: model_version, classifier_version, condition,
// zone, verdict, health, severity, confidence, detail.
void AppendJudgement(CopyBuffer& buffer, RecordRows::JudgedBy versions,
                     const models::Health& health, std::string_view detail);

}  // namespace auscult::db
