#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "cli/labelled_rows.h"
#include "cli/life.h"
#include "models/diagnosis.h"

namespace auscult::cli {

// What was said of one recording, or of one piece of it.
struct JudgedRecord {
  const LabelledRecord* record = nullptr;
  int piece = 0;  // from 1; 0 = the whole
  models::Fault verdict = models::Fault::kAbstain;
  float confidence = 0;
  std::vector<models::RankedFault> ranking;  // without evidence
  std::array<models::Fault, 3> forced = {};  // inner race, outer race and ball, likeliest first
  std::string reason;                        // for abstain and unscorable
  float speed_rpm = features::kNotKnown;     // that the record was judged by

  // A fault is named though the truth is healthy.
  bool Accuses() const;
  // Neither healthy nor a fault is said.
  bool Abstains() const;
  // The verdict, or the first of the forced choice, is of the truth.
  bool IsRight() const { return record->truth.Includes(verdict); }
  bool IsForcedRight() const { return record->truth.Includes(forced[0]); }
  // The truth is one that the forced choice can name.
  bool IsBearingFault() const;
};

struct Evaluation {
  std::vector<JudgedRecord> judged;  // in the order of the records
  std::vector<Life> lives;           // of points with many records, in the order of the rows
  std::vector<BadRow> bad;
};

struct EvaluationOptions {
  Cut cut;
  double interval_s = 0;  // between the records of a life, 0 = as manifest or files say
  models::AlarmPolicy policy;
  int jobs = 0;  // threads, 0 = as many as there are processors
};

// Judges every recording by itself, without baseline, and follows every life with one. `records`
// must outlive the result. `progress` is told how many recordings and lives are done.
Evaluation Evaluate(const std::vector<LabelledRecord>& records, const std::vector<LifeFiles>& lives,
                    const EvaluationOptions& options, const std::function<void(int64_t)>& progress);

}  // namespace auscult::cli
