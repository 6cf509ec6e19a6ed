#include "cli/rescore_text.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/health_text.h"
#include "cli/number_format.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

// "STATE_DONE" without "STATE_": "done".
std::string Word(const std::string& name, size_t prefix) {
  std::string word = absl::AsciiStrToLower(name.substr(std::min(prefix, name.size())));
  std::replace(word.begin(), word.end(), '_', ' ');
  return word;
}

std::string StateText(v1::Rescore::State state) {
  return Word(v1::Rescore::State_Name(state), sizeof("STATE_") - 1);
}

std::string ReasonText(v1::StaleReason reason) {
  return Word(v1::StaleReason_Name(reason), sizeof("STALE_REASON_") - 1);
}

std::string PeriodText(const google::protobuf::Timestamp& start,
                       const google::protobuf::Timestamp& end) {
  const std::string from = TimeText(start);
  return absl::StrCat(from.empty() ? "the first record" : from, " to ", TimeText(end));
}

}  // namespace

std::string ProgressText(const v1::RescoreMetadata& progress) {
  std::string text = absl::StrCat(ShownCount(progress.records_done()), " of ",
                                  ShownCount(progress.record_count()), " records");
  if (progress.paused()) return text + ", paused";
  if (progress.records_per_second() > 0) {
    absl::StrAppend(&text, ", ", ShownCount(static_cast<int64_t>(progress.records_per_second())),
                    " a second");
  }
  if (progress.has_seconds_left()) {
    absl::StrAppend(&text, ", ", ShownCount(progress.seconds_left()), " s left");
  }
  return text;
}

void Print(const v1::Rescore& rescore, const Terminal& terminal) {
  Table table({{""}, {""}});
  const auto add = [&table](const std::string& what, const std::string& text) {
    if (!text.empty()) table.AddRow({what, text});
  };
  add("rescore", rescore.name());
  add("state", StateText(rescore.state()));
  add("scope", rescore.scope());
  add("period", PeriodText(rescore.start_time(), rescore.end_time()));
  add("model", rescore.plan().model());
  add("baseline", rescore.plan().baseline() == v1::RescorePlan::BASELINE_LEARN_AGAIN
                      ? "learnt again"
                      : "the active one");
  add("points", absl::StrCat(rescore.progress().points_done(), " of ",
                             rescore.progress().point_count(), " done"));
  add("records", ProgressText(rescore.progress()));
  if (rescore.records_left_out() > 0) add("left out", ShownCount(rescore.records_left_out()));
  add("description", rescore.description());
  add("schedule", rescore.schedule());
  add("begun", TimeText(rescore.create_time()));
  if (rescore.has_done_time()) add("ended", TimeText(rescore.done_time()));
  if (rescore.has_adopt_time()) add("adopted", TimeText(rescore.adopt_time()));
  add("problem", rescore.problem());
  terminal.out << table.Render();
}

void Print(const v1::ListRescoresResponse& response, const Terminal& terminal) {
  if (response.rescores().empty()) {
    terminal.out << "No re-scorings.\n";
    return;
  }
  Table table({{"rescore"},
               {"state"},
               {"scope"},
               {"progress", Align::kRight},
               {"records", Align::kRight},
               {"model"},
               {"begun"}});
  for (const v1::Rescore& rescore : response.rescores()) {
    table.AddRow({rescore.name(), StateText(rescore.state()), rescore.scope(),
                  absl::StrFormat("%.0f %%", 100 * rescore.progress().progress()),
                  ShownCount(rescore.progress().records_done()), rescore.plan().model(),
                  TimeText(rescore.create_time())});
  }
  terminal.out << table.Render();
}

void Print(const v1::ListStaleResultsResponse& response, const Terminal& terminal) {
  if (response.results().empty()) {
    terminal.out << "Nothing is stale.\n";
    return;
  }
  Table table({{"point"},
               {"why"},
               {"records", Align::kRight},
               {"with samples", Align::kRight},
               {"period"},
               {"what changed"}});
  for (const v1::StaleResult& result : response.results()) {
    table.AddRow({ShortName(result.point()), ReasonText(result.reason()),
                  ShownCount(result.record_count()),
                  result.needs_samples() ? ShownCount(result.records_with_samples()) : "",
                  PeriodText(result.start_time(), result.end_time()), result.detail()});
  }
  terminal.out << table.Render();
}

}  // namespace auscult::cli
