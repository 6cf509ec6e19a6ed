#include "cli/evaluation.h"

#include <algorithm>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/ordered_production.h"

namespace auscult::cli {
namespace {

using models::Fault;

// Samples first .. first + count - 1 of every channel.
Recording PieceOf(const Recording& whole, size_t first, size_t count) {
  Recording piece = whole;
  for (size_t c = 0; c < piece.channels.size(); ++c) {
    const auto begin = whole.channels[c].samples.begin() + static_cast<ptrdiff_t>(first);
    piece.channels[c].samples.assign(begin, begin + static_cast<ptrdiff_t>(count));
  }
  return piece;
}

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
    judged.ranking.push_back({ranked.fault, ranked.probability, {}});
  }
  return judged;
}

absl::StatusOr<std::vector<JudgedRecord>> JudgeInPieces(const LabelledRecord& record,
                                                        const Cut& cut) {
  absl::StatusOr<std::unique_ptr<RecordFile>> file = OpenLabelled(record);
  if (!file.ok()) return file.status();
  std::vector<JudgedRecord> judged;
  int piece = 0;
  for (int64_t index = 0; index < (*file)->record_count(); ++index) {
    absl::StatusOr<Recording> recording = (*file)->Read(index);
    if (!recording.ok()) return recording.status();
    const size_t samples = recording->sample_count();
    const size_t count = cut.pieces > 0          ? samples / static_cast<size_t>(cut.pieces)
                         : cut.piece_samples > 0 ? static_cast<size_t>(cut.piece_samples)
                                                 : samples;
    const size_t pieces = count == 0 ? 0 : samples / count;
    if (pieces == 0) {
      return absl::InvalidArgumentError(absl::StrCat(recording->source, " has ", samples,
                                                     " samples: too few to be cut like that"));
    }
    const bool is_whole = pieces == 1 && (*file)->record_count() == 1;
    for (size_t i = 0; i < (cut.pieces > 0 ? static_cast<size_t>(cut.pieces) : pieces); ++i) {
      absl::StatusOr<JudgedRecord> one =
          Judge(record, is_whole ? *recording : PieceOf(*recording, i * count, count));
      if (!one.ok()) return one.status();
      one->piece = is_whole ? 0 : ++piece;
      judged.push_back(*std::move(one));
    }
  }
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
