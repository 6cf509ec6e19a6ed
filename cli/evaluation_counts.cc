#include "cli/evaluation_report.h"

namespace auscult::cli {

void Counts::Add(const JudgedRecord& judged) {
  ++records;
  abstained += judged.Abstains() ? 1 : 0;
  if (judged.record->truth.healthy()) {
    ++healthy;
    passed += judged.IsRight() ? 1 : 0;
    accused += judged.Accuses() ? 1 : 0;
    return;
  }
  ++faulty;
  named += judged.IsRight() ? 1 : 0;
  if (!judged.IsBearingFault()) return;
  ++ranked;
  forced_right += judged.IsForcedRight() ? 1 : 0;
}

std::map<std::string, Counts> CountsBy(const std::vector<JudgedRecord>& judged,
                                       const std::string& column) {
  std::map<std::string, Counts> counts;
  for (const JudgedRecord& one : judged) {
    const auto cell = one.record->columns.find(column);
    const bool is_known = cell != one.record->columns.end() && !cell->second.empty();
    const std::string group = column == "truth" ? one.record->truth.name
                              : is_known        ? cell->second
                                                : "-";
    counts[group].Add(one);
  }
  return counts;
}

Confusion ConfusionOf(const std::vector<JudgedRecord>& judged, bool forced) {
  Confusion confusion;
  for (const JudgedRecord& one : judged) {
    if (forced && !one.IsBearingFault()) continue;
    const models::Fault said = forced ? one.forced[0] : one.verdict;
    ++confusion[one.record->truth.name][std::string(models::FaultName(said))];
  }
  return confusion;
}

}  // namespace auscult::cli
