#include "cli/training_records.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/analysis.h"
#include "cli/ordered_production.h"

namespace auscult::cli {
namespace {

using Learnt = absl::StatusOr<std::vector<models::LabelledRecord>>;

std::string RigOf(const LabelledRecord& row, const std::string& rig_column) {
  const auto cell = row.columns.find(rig_column);
  return cell == row.columns.end() || cell->second.empty() ? row.manifest : cell->second;
}

Learnt RecordsOf(const LabelledRecord& row, const Cut& cut, const std::string& rig_column) {
  if (row.truth.faults.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("label ", row.truth.name,
                     " is not one fault; leave the row out with --where, or give it one label"));
  }
  std::vector<models::LabelledRecord> records;
  const absl::Status status =
      ForEachPiece(row, cut, [&](const Recording& recording, int) -> absl::Status {
        absl::StatusOr<AnalysisOptions> options = OptionsFor(row, recording);
        if (!options.ok()) return options.status();
        absl::StatusOr<Analysis> analysis = Analyse(recording, *options, row.machine);
        if (!analysis.ok()) return analysis.status();
        models::LabelledRecord record;
        record.features = std::move(analysis->features);
        record.machine = row.machine;
        record.fault = row.truth.faults[0];
        record.rig = RigOf(row, rig_column);
        records.push_back(std::move(record));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return records;
}

}  // namespace

TrainingRecords ReadTrainingRecords(const LabelledRows& rows, const Cut& cut,
                                    const std::string& rig_column, int jobs,
                                    const std::function<void(int64_t)>& progress) {
  TrainingRecords training;
  training.bad = rows.bad;
  const auto count = static_cast<int64_t>(rows.records.size());
  OrderedProduction<Learnt> production(count, jobs, [&](int64_t index) {
    return RecordsOf(rows.records[static_cast<size_t>(index)], cut, rig_column);
  });
  for (int64_t i = 0; i < count; ++i) {
    Learnt learnt = production.Next();
    progress(i + 1);
    if (!learnt.ok()) {
      const LabelledRecord& row = rows.records[static_cast<size_t>(i)];
      training.bad.push_back({row.manifest, row.line, std::string(learnt.status().message())});
      continue;
    }
    for (models::LabelledRecord& record : *learnt) training.records.push_back(std::move(record));
  }
  return training;
}

}  // namespace auscult::cli
