#include "cli/ingest_tally.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/health_text.h"
#include "cli/number_format.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

constexpr char kUnreadable[] = "UNREADABLE";

double PerSecond(double count, double elapsed_s) { return elapsed_s > 0 ? count / elapsed_s : 0; }

}  // namespace

void IngestTally::Add(const std::string& point, const v1::IngestResult& result) {
  const std::scoped_lock lock(mutex_);
  PointTally& tally = points_[point];
  if (result.outcome() == v1::IngestResult::OUTCOME_REJECTED) {
    ++rejected_;
    ++tally.rejected;
    Rejections& rejections = rejections_[result.rejection().reason()];
    ++rejections.count;
    if (rejections.example.empty()) {
      rejections.example = absl::StrCat(result.rejection().message(),
                                        result.rejection().remedy().empty() ? "" : "; ",
                                        result.rejection().remedy());
    }
    return;
  }
  const bool is_duplicate = result.outcome() == v1::IngestResult::OUTCOME_DUPLICATE;
  ++(is_duplicate ? duplicate_ : accepted_);
  ++(is_duplicate ? tally.duplicate : tally.accepted);
  if (!result.has_health()) return;
  if (result.health().has_index() && !tally.has_health) {
    tally.has_health = true;
    tally.first_index = result.health().index();
  }
  tally.last = result.health();
}

void IngestTally::AddUnreadable(const std::string& why) {
  const std::scoped_lock lock(mutex_);
  ++unreadable_;
  Rejections& rejections = rejections_[kUnreadable];
  ++rejections.count;
  if (rejections.example.empty()) rejections.example = why;
}

int64_t IngestTally::answered() const {
  const std::scoped_lock lock(mutex_);
  return accepted_ + duplicate_ + rejected_;
}

int64_t IngestTally::total() const {
  const std::scoped_lock lock(mutex_);
  return accepted_ + duplicate_ + rejected_ + unreadable_;
}

int64_t IngestTally::failed() const {
  const std::scoped_lock lock(mutex_);
  return rejected_ + unreadable_;
}

std::string IngestTally::RejectionText() const {
  std::string text;
  for (const auto& [reason, rejections] : rejections_) {
    absl::StrAppend(&text, "  ", ShownCount(rejections.count), " x ", reason, ": ",
                    rejections.example, "\n");
  }
  return text.empty() ? "" : absl::StrCat("\nNot stored, with an example of each reason:\n", text);
}

std::string IngestTally::Text(const Rates& rates, const Terminal& terminal) const {
  const std::scoped_lock lock(mutex_);
  const int64_t count = accepted_ + duplicate_ + rejected_;
  std::string text =
      absl::StrFormat("%s records in %.1f s: %.0f records/s, %.1f MB/s\n", ShownCount(count),
                      rates.elapsed_s, PerSecond(static_cast<double>(count), rates.elapsed_s),
                      PerSecond(static_cast<double>(rates.bytes) / 1e6, rates.elapsed_s));
  absl::StrAppend(&text, "accepted ", ShownCount(accepted_), ", duplicate ", ShownCount(duplicate_),
                  ", rejected ", ShownCount(rejected_));
  if (unreadable_ > 0) absl::StrAppend(&text, ", not readable ", ShownCount(unreadable_));
  if (rates.reconnects > 0) absl::StrAppend(&text, ", reconnected ", rates.reconnects, " times");
  if (rates.resends > 0) absl::StrAppend(&text, ", sent again ", ShownCount(rates.resends));
  text += "\n";
  Table table({{"point"},
               {"records", Align::kRight},
               {"first health", Align::kRight},
               {"last health", Align::kRight},
               {"condition"},
               {"verdict"}});
  for (const auto& [point, tally] : points_) {
    if (tally.accepted + tally.duplicate == 0) continue;
    table.AddRow({point, ShownCount(tally.accepted + tally.duplicate),
                  tally.has_health ? absl::StrFormat("%.0f", tally.first_index) : "-",
                  IndexText(tally.last),
                  Coloured(ConditionText(tally.last.condition()), ColourOf(tally.last.condition()),
                           terminal.out_is_terminal),
                  FaultText(tally.last.verdict())});
  }
  if (!table.empty()) absl::StrAppend(&text, "\n", table.Render());
  return text + RejectionText();
}

std::string IngestTally::Json(const Rates& rates) const {
  const std::scoped_lock lock(mutex_);
  nlohmann::ordered_json json = {
      {"accepted", accepted_},
      {"duplicate", duplicate_},
      {"rejected", rejected_},
      {"unreadable", unreadable_},
      {"elapsed_s", rates.elapsed_s},
      {"records_per_s",
       PerSecond(static_cast<double>(accepted_ + duplicate_ + rejected_), rates.elapsed_s)},
      {"bytes", rates.bytes},
      {"reconnects", rates.reconnects},
      {"resends", rates.resends},
      {"points", nlohmann::ordered_json::array()},
      {"rejections", nlohmann::ordered_json::array()}};
  for (const auto& [point, tally] : points_) {
    nlohmann::ordered_json entry = {{"point", point},
                                    {"accepted", tally.accepted},
                                    {"duplicate", tally.duplicate},
                                    {"rejected", tally.rejected},
                                    {"condition", ConditionText(tally.last.condition())},
                                    {"verdict", FaultText(tally.last.verdict())}};
    if (tally.has_health) entry["first_health"] = Shortest(tally.first_index);
    if (tally.last.has_index()) entry["last_health"] = Shortest(tally.last.index());
    json["points"].push_back(std::move(entry));
  }
  for (const auto& [reason, rejections] : rejections_) {
    json["rejections"].push_back(
        {{"reason", reason}, {"count", rejections.count}, {"example", rejections.example}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace auscult::cli
