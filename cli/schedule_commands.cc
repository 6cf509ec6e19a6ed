#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "auscult/v1/rescore_service.grpc.pb.h"
#include "cli/commands.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/plant_file.h"
#include "cli/server_channel.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

using Service = v1::RescoreService;

struct ScheduleOptions {
  std::string name;
  std::string cron, time_zone, scope, title, period, model;
  std::string source = "auto", catch_up = "one", overlap = "skip";
  bool learn_again = false, adopt = false, only_stale = false;
  bool json = false;
};

// "demo/nightly": the site and the id.
absl::StatusOr<std::pair<std::string, std::string>> SplitName(const std::string& text) {
  std::vector<std::string> parts = absl::StrSplit(text, '/');
  if (parts.size() == 4 && parts[0] == "sites" && parts[2] == "schedules") {
    return std::pair(parts[1], parts[3]);
  }
  if (parts.size() == 2) return std::pair(parts[0], parts[1]);
  return WrongUse(absl::StrCat("\"", text,
                               "\" names no schedule; write SITE/SCHEDULE, as in "
                               "demo/nightly"));
}

absl::StatusOr<std::string> FullName(const std::string& text) {
  const auto parts = SplitName(text);
  if (!parts.ok()) return parts.status();
  return absl::StrCat("sites/", parts->first, "/schedules/", parts->second);
}

// "30d", "12h", "" for everything.
absl::StatusOr<int64_t> ParsePeriod(const std::string& text) {
  if (text.empty()) return 0;
  std::string units = text;
  int64_t days = 0;
  if (units.back() == 'd' && absl::SimpleAtoi(units.substr(0, units.size() - 1), &days)) {
    return days * 86400;
  }
  absl::Duration period;
  if (absl::ParseDuration(text, &period) && period > absl::ZeroDuration()) {
    return absl::ToInt64Seconds(period);
  }
  return WrongUse(absl::StrCat("--period ", text, ": write 30d, 12h or 90m"));
}

absl::Status RunList(const ScheduleOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  v1::ListSchedulesRequest request;
  request.set_parent(options.name.empty() ? "sites/-" : ResourceName(options.name));
  v1::ListSchedulesResponse all;
  do {
    const auto page = Ask<Service>(server, &Service::Stub::ListSchedules, request);
    if (!page.ok()) return page.status();
    all.mutable_schedules()->MergeFrom(page->schedules());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  if (options.json) {
    terminal.out << MessageJson(all);
    return absl::OkStatus();
  }
  if (all.schedules().empty()) {
    terminal.out << "No schedules. Make one with `auscult schedules create`.\n";
    return absl::OkStatus();
  }
  Table table({{"schedule"}, {"when"}, {"zone"}, {"next"}, {"what"}});
  for (const v1::Schedule& schedule : all.schedules()) {
    table.AddRow({schedule.name(), schedule.cron(), schedule.time_zone(),
                  schedule.disabled() ? "disabled" : TimeText(schedule.next_time()),
                  schedule.display_name()});
  }
  terminal.out << table.Render();
  return absl::OkStatus();
}

// One schedule that a call answered.
absl::Status Tell(const absl::StatusOr<v1::Schedule>& schedule, const ScheduleOptions& options,
                  const Terminal& terminal) {
  if (!schedule.ok()) return schedule.status();
  if (options.json) {
    terminal.out << MessageJson(*schedule);
  } else if (schedule->has_next_time()) {
    terminal.out << schedule->name() << " runs next at " << TimeText(schedule->next_time())
                 << ".\n";
  } else {
    terminal.out << schedule->name() << " is disabled.\n";
  }
  return absl::OkStatus();
}

template <typename Enum>
using Words = std::vector<std::pair<std::string, Enum>>;

const Words<v1::RescorePlan::Source> kSources = {{"auto", v1::RescorePlan::SOURCE_UNSPECIFIED},
                                                 {"features", v1::RescorePlan::SOURCE_FEATURES},
                                                 {"samples", v1::RescorePlan::SOURCE_SAMPLES}};
const Words<v1::Schedule::CatchUp> kCatchUps = {{"one", v1::Schedule::CATCH_UP_UNSPECIFIED},
                                                {"skip", v1::Schedule::CATCH_UP_SKIP},
                                                {"each", v1::Schedule::CATCH_UP_EACH}};
const Words<v1::Schedule::Overlap> kOverlaps = {{"skip", v1::Schedule::OVERLAP_UNSPECIFIED},
                                                {"wait", v1::Schedule::OVERLAP_WAIT},
                                                {"cancel", v1::Schedule::OVERLAP_CANCEL_OTHER}};

// CLI11 has seen to it that the word is one of them.
template <typename Enum>
Enum Meaning(const Words<Enum>& words, const std::string& word) {
  for (const auto& [known, value] : words) {
    if (known == word) return value;
  }
  return words.front().second;
}

template <typename Enum>
std::vector<std::string> WordsOf(const Words<Enum>& words) {
  std::vector<std::string> known;
  for (const auto& [word, value] : words) known.push_back(word);
  return known;
}

absl::Status RunCreate(const ScheduleOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  const auto name = SplitName(options.name);
  if (!name.ok()) return name.status();
  const absl::StatusOr<int64_t> period_s = ParsePeriod(options.period);
  if (!period_s.ok()) return period_s.status();
  v1::CreateScheduleRequest request;
  request.set_parent(absl::StrCat("sites/", name->first));
  request.set_schedule_id(name->second);
  v1::Schedule& schedule = *request.mutable_schedule();
  schedule.set_display_name(options.title);
  schedule.set_cron(options.cron);
  schedule.set_time_zone(options.time_zone);
  if (!options.scope.empty()) schedule.set_scope(ResourceName(options.scope));
  schedule.set_period_s(*period_s);
  schedule.set_catch_up(Meaning(kCatchUps, options.catch_up));
  schedule.set_overlap(Meaning(kOverlaps, options.overlap));
  v1::RescorePlan& plan = *schedule.mutable_plan();
  plan.set_model(options.model);
  plan.set_source(Meaning(kSources, options.source));
  if (options.learn_again) plan.set_baseline(v1::RescorePlan::BASELINE_LEARN_AGAIN);
  plan.set_adopt(options.adopt);
  plan.set_only_stale(options.only_stale);
  return Tell(Ask<Service>(server, &Service::Stub::CreateSchedule, request), options, terminal);
}

absl::Status SetDisabled(bool disabled, const ScheduleOptions& options, const ServerOptions& server,
                         const Terminal& terminal) {
  const absl::StatusOr<std::string> name = FullName(options.name);
  if (!name.ok()) return name.status();
  v1::UpdateScheduleRequest request;
  request.mutable_schedule()->set_name(*name);
  request.mutable_schedule()->set_disabled(disabled);
  request.mutable_update_mask()->add_paths("disabled");
  return Tell(Ask<Service>(server, &Service::Stub::UpdateSchedule, request), options, terminal);
}

absl::Status RunEnable(const ScheduleOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  return SetDisabled(false, options, server, terminal);
}

absl::Status RunDisable(const ScheduleOptions& options, const ServerOptions& server,
                        const Terminal& terminal) {
  return SetDisabled(true, options, server, terminal);
}

absl::Status RunDelete(const ScheduleOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  const absl::StatusOr<std::string> name = FullName(options.name);
  if (!name.ok()) return name.status();
  v1::DeleteScheduleRequest request;
  request.set_name(*name);
  const auto response = Ask<Service>(server, &Service::Stub::DeleteSchedule, request);
  if (!response.ok()) return response.status();
  terminal.out << *name << " is deleted. What it began goes on.\n";
  return absl::OkStatus();
}

const char* OutcomeText(v1::ScheduleRun::Outcome outcome) {
  switch (outcome) {
    case v1::ScheduleRun::OUTCOME_STARTED:
      return "began";
    case v1::ScheduleRun::OUTCOME_OVERLAPPED:
      return "skipped: the one before was running";
    case v1::ScheduleRun::OUTCOME_MISSED:
      return "missed: no server ran";
    case v1::ScheduleRun::OUTCOME_WAITING:
      return "waits for the one before";
    case v1::ScheduleRun::OUTCOME_FAILED:
      return "could not begin";
    default:
      return "";
  }
}

absl::Status RunRuns(const ScheduleOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  const absl::StatusOr<std::string> name = FullName(options.name);
  if (!name.ok()) return name.status();
  v1::ListScheduleRunsRequest request;
  request.set_parent(*name);
  const auto response = Ask<Service>(server, &Service::Stub::ListScheduleRuns, request);
  if (!response.ok()) return response.status();
  if (options.json) {
    terminal.out << MessageJson(*response);
    return absl::OkStatus();
  }
  if (response->runs().empty()) {
    terminal.out << "It has not run yet.\n";
    return absl::OkStatus();
  }
  Table table({{"due"}, {"began"}, {"rescore"}, {"outcome"}});
  for (const v1::ScheduleRun& run : response->runs()) {
    table.AddRow({TimeText(run.due_time()), TimeText(run.start_time()), run.rescore(),
                  run.problem().empty() ? OutcomeText(run.outcome()) : run.problem()});
  }
  terminal.out << table.Render();
  return absl::OkStatus();
}

using Run = absl::Status (*)(const ScheduleOptions&, const ServerOptions&, const Terminal&);

void AddCreateOptions(CLI::App& create, ScheduleOptions& options) {
  create
      .add_option("--cron", options.cron,
                  "Minute, hour, day of month, month, day of week: \"30 2 * * MON-FRI\"")
      ->required();
  create.add_option("--time-zone", options.time_zone, "IANA name; else that of the site");
  create.add_option("--scope", options.scope, "Asset or point; else all of the site");
  create.add_option("--period", options.period, "How far back each run goes; else all records")
      ->type_name("30d|12h");
  create.add_option("--title", options.title, "What it is for");
  create.add_option("--model", options.model,
                    "models/diagnosis/versions/3; else the one that is active then");
  create.add_option("--source", options.source, "What is judged again")
      ->check(CLI::IsMember(WordsOf(kSources)))
      ->capture_default_str();
  create.add_option("--catch-up", options.catch_up, "After a time without a server")
      ->check(CLI::IsMember(WordsOf(kCatchUps)))
      ->capture_default_str();
  create.add_option("--overlap", options.overlap, "While a run is under way")
      ->check(CLI::IsMember(WordsOf(kOverlaps)))
      ->capture_default_str();
  create.add_flag("--learn-again", options.learn_again, "Learn the baselines from the period");
  create.add_flag("--adopt", options.adopt, "Let the results count once all are there");
  create.add_flag("--only-stale", options.only_stale, "Only what a change has touched");
}

}  // namespace

void AddSchedules(CLI::App& app, const ServerOptions& server, Action& chosen) {
  CLI::App* command = app.add_subcommand("schedules", "Re-scorings that begin by themselves.");
  command->require_subcommand(1);
  const auto add = [command, &server, &chosen](const char* name, const char* help, Run run,
                                               bool named) {
    auto options = std::make_shared<ScheduleOptions>();
    CLI::App* sub = command->add_subcommand(name, help);
    if (named) sub->add_option("SCHEDULE", options->name, "demo/nightly")->required();
    sub->add_flag("--json", options->json, "Print one JSON object");
    sub->callback([options, run, &server, &chosen] {
      chosen = [options, run, &server](const Terminal& terminal) {
        return run(*options, server, terminal);
      };
    });
    return std::pair(sub, options);
  };
  const auto [list, list_options] =
      add("list", "Show them, with the time of the next run.", RunList, false);
  list->add_option("SITE", list_options->name, "Only of this site");
  const auto [create, create_options] = add("create", "Make one.", RunCreate, true);
  AddCreateOptions(*create, *create_options);
  add("enable", "Let it run again.", RunEnable, true);
  add("disable", "Let it rest.", RunDisable, true);
  add("delete", "Delete it.", RunDelete, true);
  add("runs", "Show what became of each time it was due, latest first.", RunRuns, true);
}

}  // namespace auscult::cli
