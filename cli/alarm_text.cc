#include "cli/alarm_text.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/explained_table.h"
#include "cli/health_text.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

std::string Words(const std::string& name, size_t prefix) {
  std::string words = absl::AsciiStrToLower(name.substr(std::min(prefix, name.size())));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

// "inner_race", "sensor": what the case is about.
std::string Subject(const v1::Alarm& alarm) {
  if (alarm.kind() == v1::ALARM_KIND_MACHINE) return FaultText(alarm.fault());
  return Words(v1::AlarmKind_Name(alarm.kind()), sizeof("ALARM_KIND_") - 1);
}

bool IsShelved(const v1::Alarm& alarm) {
  return alarm.has_shelved_until() && TimeOf(alarm.shelved_until()) > absl::Now();
}

// What somebody has done about it.
std::string Handling(const v1::Alarm& alarm) {
  if (alarm.has_close_time()) {
    return alarm.finding() == v1::FINDING_UNSPECIFIED
               ? "closed, no finding"
               : Words(v1::Finding_Name(alarm.finding()), sizeof("FINDING_") - 1);
  }
  std::vector<std::string> parts;
  if (!alarm.assignee().empty()) parts.push_back(alarm.assignee());
  if (IsShelved(alarm)) parts.push_back("shelved until " + TimeText(alarm.shelved_until()));
  if (parts.empty() && alarm.has_acknowledge_time()) parts.push_back("acknowledged");
  return parts.empty() ? "new" : absl::StrJoin(parts, ", ");
}

std::string ConditionCell(v1::Condition condition, const Terminal& terminal) {
  return Coloured(ConditionText(condition), ColourOf(condition), terminal.out_is_terminal);
}

void PrintWrapped(const std::string& text, const Terminal& terminal) {
  for (const std::string& line :
       Wrap(text, static_cast<size_t>(std::max(40, terminal.width - 2)))) {
    terminal.out << "  " << line << "\n";
  }
}

void PrintField(const char* title, const std::string& text, const Terminal& terminal) {
  if (!text.empty()) terminal.out << absl::StrFormat("%-13s%s\n", title, text);
}

std::string ByWhom(const std::string& what, const std::string& actor) {
  return actor.empty() ? what : absl::StrCat(what, " by ", actor);
}

std::string DurationText(const google::protobuf::Duration& duration) {
  const absl::Time now = absl::Now();
  return AgeText(now - absl::Seconds(duration.seconds()), now);
}

}  // namespace

void PrintAlarms(const v1::ListAlarmsResponse& alarms, const Terminal& terminal) {
  if (alarms.alarms().empty()) {
    terminal.out << "No cases here.\n";
    return;
  }
  ExplainedTable table(
      {{"condition"}, {"case"}, {"asset"}, {"fault"}, {"open", Align::kRight}, {"handling"}},
      terminal);
  for (const v1::Alarm& alarm : alarms.alarms()) {
    std::vector<std::string> why;
    if (!alarm.summary().empty()) why.push_back(alarm.summary());
    const absl::Time end = alarm.has_close_time() ? TimeOf(alarm.close_time()) : absl::Now();
    table.Add({ConditionCell(alarm.condition(), terminal), ShortName(alarm.name()),
               ShortName(alarm.asset()), Subject(alarm), AgeText(TimeOf(alarm.open_time()), end),
               Handling(alarm)},
              std::move(why));
  }
  table.Print();
}

void PrintAlarm(const v1::Alarm& alarm, const Terminal& terminal) {
  terminal.out << ShortName(alarm.name()) << "  " << ConditionCell(alarm.condition(), terminal)
               << "  " << Subject(alarm) << "  " << ShortName(alarm.asset())
               << (alarm.asset_display_name().empty() ? "" : "  " + alarm.asset_display_name())
               << "\n";
  PrintWrapped(alarm.summary(), terminal);
  for (const v1::Evidence& evidence : alarm.evidence()) {
    PrintWrapped(absl::StrCat(evidence.supports() ? "+ " : "- ", evidence.text()), terminal);
  }
  std::vector<std::string> points;
  for (const std::string& point : alarm.points()) points.push_back(ShortName(point));
  PrintField("points", absl::StrJoin(points, ", "), terminal);
  PrintField("opened", TimeText(alarm.open_time()), terminal);
  PrintField("worst", ConditionText(alarm.worst_condition()), terminal);
  PrintField("closed", TimeText(alarm.close_time()), terminal);
  if (alarm.has_acknowledge_time()) {
    PrintField("acknowledged", ByWhom(TimeText(alarm.acknowledge_time()), alarm.acknowledged_by()),
               terminal);
  }
  PrintField("handling", Handling(alarm), terminal);
  PrintField("found", FaultText(alarm.found_fault()), terminal);
  PrintField("work order", alarm.work_order(), terminal);
  if (!alarm.recommended_action().empty()) {
    terminal.out << "What to do\n";
    PrintWrapped(alarm.recommended_action(), terminal);
  }
  if (!alarm.notes().empty()) terminal.out << "History\n";
  for (const v1::AlarmNote& note : alarm.notes()) {
    terminal.out << "  " << TimeText(note.create_time()) << "  "
                 << ByWhom(note.action(), note.actor()) << (note.text().empty() ? "" : ": ")
                 << note.text() << "\n";
  }
}

void PrintAlarmChange(const v1::Alarm& alarm, const Terminal& terminal) {
  terminal.out << TimeText(absl::Now()) << "  " << ShortName(alarm.name()) << "  "
               << ConditionCell(alarm.condition(), terminal) << "  " << ShortName(alarm.asset())
               << "  " << Subject(alarm) << "  " << Handling(alarm) << "  " << alarm.summary()
               << std::endl;  // at once, also into a pipe
}

void PrintAlarmStatistics(const v1::AlarmStatistics& statistics, const Terminal& terminal) {
  const auto share = [](bool known, float value) {
    return known ? absl::StrFormat("%.0f %%", 100 * value) : std::string("no finding yet");
  };
  Table table({{""}, {"", Align::kRight}});
  table.AddRow({"opened", absl::StrCat(statistics.opened_count())});
  table.AddRow({"still open", absl::StrCat(statistics.open_count())});
  table.AddRow({"confirmed", absl::StrCat(statistics.confirmed_count())});
  table.AddRow({"other cause", absl::StrCat(statistics.other_cause_count())});
  table.AddRow({"false alarm", absl::StrCat(statistics.false_count())});
  table.AddRow({"closed without finding", absl::StrCat(statistics.without_finding_count())});
  table.AddRow({"something was wrong", share(statistics.has_precision(), statistics.precision())});
  table.AddRow({"what was named was wrong",
                share(statistics.has_named_precision(), statistics.named_precision())});
  if (statistics.has_median_lead_time()) {
    table.AddRow({"lead time, median", DurationText(statistics.median_lead_time())});
  }
  if (statistics.has_median_acknowledge_time()) {
    table.AddRow(
        {"until acknowledged, median", DurationText(statistics.median_acknowledge_time())});
  }
  table.AddRow({"opened a week", absl::StrFormat("%.2f", statistics.opened_per_week())});
  if (statistics.has_alarm_budget_per_week()) {
    table.AddRow({"budget of false alarms a week",
                  absl::StrFormat("%.4g", statistics.alarm_budget_per_week())});
  }
  table.AddRow({"false alarms a point and year, set",
                absl::StrFormat("%.4g", statistics.false_alarms_per_point_year())});
  table.AddRow({"points", absl::StrCat(statistics.point_count())});
  terminal.out << table.Render();
}

}  // namespace auscult::cli
