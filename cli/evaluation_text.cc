#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/evaluation_report.h"
#include "cli/number_format.h"
#include "cli/severity_order.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

std::string Of(int part, int whole) {
  return whole == 0 ? "-" : absl::StrFormat("%d of %d", part, whole);
}

std::string Said(const JudgedRecord& judged) {
  if (judged.verdict == models::Fault::kUnscorable) return "unscorable";
  return absl::StrFormat("%s (%.2f)", models::FaultName(judged.verdict), judged.confidence);
}

std::string ForcedOrder(const JudgedRecord& judged) {
  std::vector<std::string> names;
  for (const models::Fault fault : judged.forced) names.emplace_back(models::FaultName(fault));
  return absl::StrJoin(names, ", ");
}

std::string ConfusionText(const Evaluation& evaluation, bool forced) {
  const Confusion confusion = ConfusionOf(evaluation.judged, forced);
  std::set<std::string> verdicts;
  for (const auto& [truth, said] : confusion) {
    for (const auto& [verdict, count] : said) verdicts.insert(verdict);
  }
  std::vector<Table::Column> columns = {{forced ? "truth \\ forced choice" : "truth \\ verdict"}};
  for (const std::string& verdict : verdicts) columns.push_back({verdict, Align::kRight});
  Table table(std::move(columns));
  for (const auto& [truth, said] : confusion) {
    std::vector<std::string> cells = {truth};
    for (const std::string& verdict : verdicts) {
      const auto count = said.find(verdict);
      cells.push_back(count == said.end() ? "." : absl::StrCat(count->second));
    }
    table.AddRow(std::move(cells));
  }
  return table.Render();
}

std::string GroupText(const Evaluation& evaluation, const std::string& column) {
  Table table({{column},
               {"records", Align::kRight},
               {"fault named", Align::kRight},
               {"forced choice", Align::kRight},
               {"healthy passed", Align::kRight},
               {"accused", Align::kRight},
               {"abstained", Align::kRight}});
  for (const auto& [group, counts] : CountsBy(evaluation.judged, column)) {
    table.AddRow({group, absl::StrCat(counts.records), Of(counts.named, counts.faulty),
                  Of(counts.forced_right, counts.ranked), Of(counts.passed, counts.healthy),
                  counts.healthy == 0 ? "-" : absl::StrCat(counts.accused),
                  absl::StrCat(counts.abstained)});
  }
  return table.Render();
}

// Which recordings a list is of.
enum class Listed { kAll, kWrong, kAbstained };

bool IsListed(const JudgedRecord& judged, Listed listed, bool forced) {
  const bool by_force = forced && judged.IsBearingFault();
  const bool is_right = by_force ? judged.IsForcedRight() : judged.IsRight();
  const bool abstains = !by_force && judged.Abstains();
  return listed == Listed::kAll ||
         (listed == Listed::kAbstained ? abstains : !is_right && !abstains);
}

std::string RecordsText(const Evaluation& evaluation, Listed listed, const EvaluationStyle& style) {
  const bool with_reason = listed == Listed::kAbstained;
  Table table({{"record"},
               {"truth"},
               {"verdict (probability)"},
               {with_reason ? "reason" : "forced choice"},
               {"row"}});
  for (const JudgedRecord& judged : evaluation.judged) {
    if (!IsListed(judged, listed, style.forced)) continue;
    const bool is_wrong = IsListed(judged, Listed::kWrong, style.forced);
    const LabelledRecord& record = *judged.record;
    table.AddRow(
        {judged.piece == 0 ? record.Name() : absl::StrCat(record.Name(), " piece ", judged.piece),
         record.truth.name,
         Coloured(Said(judged), is_wrong ? Colour::kRed : Colour::kNone, style.colours),
         with_reason ? judged.reason : ForcedOrder(judged),
         absl::StrCat(record.manifest, ":", record.line)});
  }
  if (table.empty()) return "";
  const char* const title = listed == Listed::kAll     ? "Records"
                            : listed == Listed::kWrong ? "Failures"
                                                       : "Abstentions";
  return absl::StrCat("\n", title, "\n", table.Render());
}

std::string SeverityText(const Evaluation& evaluation) {
  std::string text;
  for (const SeverityOrder& order : SeverityOrdersOf(evaluation.judged)) {
    const std::string unit = order.unit.empty() ? "" : absl::StrCat(", ", order.unit);
    Table table(
        {{"record"}, {"size", Align::kRight}, {absl::StrCat("severity", unit), Align::kRight}});
    for (const SeverityOrder::Record& record : order.records) {
      table.AddRow({record.judged->record->Name(), Shown(record.size), Shown(record.severity)});
    }
    absl::StrAppend(&text, "\nSeverity of ", std::string(models::FaultName(order.fault)), " on ",
                    order.rig, ": ", Of(order.in_order, order.pairs),
                    " pairs of different size in order, rank correlation ",
                    absl::StrFormat("%.2f", order.spearman), "\n", table.Render());
  }
  return text;
}

// Which bearings the manifests turned out to mean.
std::string BearingsText(const Evaluation& evaluation) {
  std::map<std::string, int> records_of;
  for (const JudgedRecord& judged : evaluation.judged) {
    const auto& bearings = judged.record->machine.bearings;
    ++records_of[bearings.empty()                  ? "none"
                 : bearings[0].designation.empty() ? "orders of the row"
                                                   : bearings[0].designation];
  }
  std::vector<std::string> parts;
  for (const auto& [bearing, count] : records_of) {
    parts.push_back(absl::StrCat(bearing, " (", count, ")"));
  }
  return absl::StrCat("Bearings: ", absl::StrJoin(parts, ", "), ".\n");
}

std::string Summary(const Evaluation& evaluation) {
  Counts total;
  for (const JudgedRecord& judged : evaluation.judged) total.Add(judged);
  std::string text = absl::StrCat(total.records, " records judged");
  if (total.faulty > 0) {
    absl::StrAppend(&text, "; of ", total.faulty, " faulty the verdict names ", total.named);
  }
  if (total.ranked > 0) {
    absl::StrAppend(&text, "; of ", total.ranked,
                    " bearing faults the forced choice of inner race, outer race and ball is right "
                    "for ",
                    total.forced_right);
  }
  if (total.healthy > 0) {
    absl::StrAppend(&text, "; of ", total.healthy, " healthy ", total.passed, " pass and ",
                    total.accused, " are accused");
  }
  absl::StrAppend(&text, "; ", total.abstained, " abstentions.\n");
  return text;
}

}  // namespace

std::string EvaluationText(const Evaluation& evaluation, const EvaluationStyle& style) {
  std::string text = LivesText(evaluation.lives);
  if (!text.empty() && !evaluation.judged.empty()) text += "\n";
  if (!evaluation.judged.empty()) {
    absl::StrAppend(&text, ConfusionText(evaluation, style.forced));
    for (const std::string& column : style.groups) {
      absl::StrAppend(&text, "\n", GroupText(evaluation, column));
    }
    absl::StrAppend(&text,
                    style.all_records ? RecordsText(evaluation, Listed::kAll, style)
                                      : RecordsText(evaluation, Listed::kWrong, style),
                    RecordsText(evaluation, Listed::kAbstained, style), SeverityText(evaluation),
                    "\n", BearingsText(evaluation), Summary(evaluation));
  }
  if (!evaluation.bad.empty()) absl::StrAppend(&text, "\nRows that could not be judged\n");
  for (const BadRow& bad : evaluation.bad) {
    absl::StrAppend(&text, bad.manifest, ":", bad.line, ": ", bad.message, "\n");
  }
  return text;
}

}  // namespace auscult::cli
