#include "cli/evaluation.h"

#include <algorithm>
#include <thread>

#include "absl/status/status.h"
#include "cli/ordered_production.h"

namespace auscult::cli {
namespace {

using models::Fault;

absl::StatusOr<JudgedRecord> Judge(const LabelledRecord& record, const Recording& recording) {
  absl::StatusOr<AnalysisOptions> options = OptionsFor(record, recording);
  if (!options.ok()) return options.status();
  absl::StatusOr<Analysis> analysis = Analyse(recording, *options, record.machine);
  if (!analysis.ok()) return analysis.status();
  JudgedRecord judged;
  judged.record = &record;
  judged.verdict = analysis->diagnosis.verdict;
  judged.confidence = analysis->diagnosis.confidence;
  judged.forced = analysis->diagnosis.bearing_ranking;
  judged.reason = analysis->diagnosis.reason;
  judged.speed_rpm = analysis->features.speed_rpm;
  for (models::RankedFault& ranked : analysis->diagnosis.ranking) {
    ranked.evidence.clear();
    judged.ranking.push_back(std::move(ranked));
  }
  return judged;
}

absl::StatusOr<std::vector<JudgedRecord>> JudgeInPieces(const LabelledRecord& record,
                                                        const Cut& cut) {
  std::vector<JudgedRecord> judged;
  const absl::Status status =
      ForEachPiece(record, cut, [&](const Recording& recording, int piece) -> absl::Status {
        absl::StatusOr<JudgedRecord> one = Judge(record, recording);
        if (!one.ok()) return one.status();
        one->piece = piece;
        judged.push_back(*std::move(one));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return judged;
}

}  // namespace

bool JudgedRecord::Abstains() const {
  return verdict == Fault::kAbstain || verdict == Fault::kUnscorable;
}

bool JudgedRecord::Accuses() const {
  return record->truth.healthy() && !Abstains() && verdict != Fault::kHealthy;
}

bool JudgedRecord::IsBearingFault() const {
  return std::any_of(forced.begin(), forced.end(),
                     [&](Fault fault) { return record->truth.Includes(fault); });
}

Evaluation Evaluate(const std::vector<LabelledRecord>& records, const std::vector<LifeFiles>& lives,
                    const EvaluationOptions& options,
                    const std::function<void(int64_t)>& progress) {
  using Judged = absl::StatusOr<std::vector<JudgedRecord>>;
  Evaluation evaluation;
  const int jobs = options.jobs > 0
                       ? options.jobs
                       : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  int64_t done = 0;
  OrderedProduction<LivedLife> lived(static_cast<int64_t>(lives.size()), jobs, [&](int64_t index) {
    return Live(lives[static_cast<size_t>(index)], options.interval_s, options.policy);
  });
  for (size_t i = 0; i < lives.size(); ++i) {
    LivedLife one = lived.Next();
    progress(++done);
    evaluation.bad.insert(evaluation.bad.end(), one.bad.begin(), one.bad.end());
    if (one.life.records > 0) evaluation.lives.push_back(std::move(one.life));
  }
  OrderedProduction<Judged> production(
      static_cast<int64_t>(records.size()), jobs, [&](int64_t index) {
        return JudgeInPieces(records[static_cast<size_t>(index)], options.cut);
      });
  for (const LabelledRecord& record : records) {
    Judged judged = production.Next();
    progress(++done);
    if (!judged.ok()) {
      evaluation.bad.push_back(
          {record.manifest, record.line, std::string(judged.status().message())});
      continue;
    }
    for (JudgedRecord& one : *judged) evaluation.judged.push_back(std::move(one));
  }
  return evaluation;
}

}  // namespace auscult::cli
