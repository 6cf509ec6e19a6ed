#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "db/active_classifier.h"
#include "db/baseline_cache.h"
#include "db/case_reports.h"
#include "db/point_row.h"
#include "db/postgres.h"
#include "db/record_rows.h"
#include "db/stored_record.h"
#include "db/trend_writer.h"

namespace auscult::db {

// One transaction's worth of records on its way into the database. Every writer of a point holds
// that point's state row, so keys can be checked before they are inserted, without a race.
class RecordBatch {
 public:
  // The records outlive the batch. Raw samples measured at `raw_since_us` or later are recent.
  RecordBatch(std::span<const Record* const> records, BaselineCache* baselines,
              int64_t raw_since_us, ActiveClassifier::Version classifier = {});

  // Inside the caller's transaction: all or nothing. Call once.
  absl::Status Write(Connection& connection);

  // After Write: one for each record, in the order given; true once the transaction is committed.
  std::vector<Outcome> TakeOutcomes() &&;

 private:
  enum class Fate { kNew, kLate, kAttach, kDuplicate, kRejected };
  struct Member {
    const Record* record;
    PointRow* point = nullptr;
    Fate fate = Fate::kRejected;
    Outcome outcome;
  };

  models::PointModel ModelOf(const Record& record, const models::Baseline* baseline) const;
  absl::Status LockPoints(Connection& connection);
  absl::Status JudgeKeys(Connection& connection);
  static Fate JudgeRepeated(Member& member, StoredRecord& stored);
  // A record that is there already is answered with what is known of its point.
  absl::Status LoadRepeated(Connection& connection);
  absl::Status ScorePoint(Connection& connection, std::span<Member*> members);
  absl::Status ScoreNew(Connection& connection, Member& member,
                        std::shared_ptr<const models::Baseline>& baseline);
  void ScoreLate(Member& member, const models::Baseline* baseline);
  // What came late changes rollups that are made.
  absl::Status MakeRollupsDue(Connection& connection);
  absl::Status Learn(Connection& connection, const Member& member, int record_count,
                     std::shared_ptr<const models::Baseline>& baseline);
  static std::optional<KeptFor> WorthKeeping(const Member& member);
  void KeepRaw(const Member& member);
  // Of points that came to an alert or alarm in this batch.
  absl::Status KeepHistories(Connection& connection);
  static void Answer(Member& member, const models::Health& health, std::string detail);

  BaselineCache* const baselines_;
  const int64_t raw_since_us_;
  const ActiveClassifier::Version classifier_;
  std::vector<Member> members_;    // in the order given
  std::vector<Member*> in_order_;  // by point, then time, then the order given
  std::vector<PointRow> points_;   // ascending by key
  RecordRows rows_;
  CaseReports case_reports_;
  std::vector<const Record*> alarmed_;
};

}  // namespace auscult::db
