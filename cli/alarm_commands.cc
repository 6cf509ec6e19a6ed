#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "auscult/v1/alarm_service.grpc.pb.h"
#include "cli/alarm_text.h"
#include "cli/commands.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/server_channel.h"

namespace auscult::cli {
namespace {

using Stub = v1::AlarmService::Stub;

// Options of all the commands about cases; each takes those it needs.
struct AlarmOptions {
  std::string site, name, state = "open", asset, language;
  std::string actor, comment, assignee, shelve_for, finding, fault, work_order;
  double days = 365;
  bool json = false;
};

// "demo/12" -> "sites/demo/alarms/12". A full name stays.
absl::StatusOr<std::string> AlarmName(const std::string& name) {
  if (name.starts_with("sites/")) return name;
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() == 2) return absl::StrCat("sites/", parts[0], "/alarms/", parts[1]);
  return WrongUse(
      absl::StrCat("\"", name, "\" is no case; name it as \"auscult alarms\" does: ", "demo/12"));
}

std::string ParentName(const std::string& site) {
  if (site.empty()) return "sites/-";
  return site.starts_with("sites/") ? site : "sites/" + site;
}

// 90m, 8h, 2d, 1w.
absl::StatusOr<absl::Duration> ParseSpan(const std::string& text) {
  double count = 0;
  const std::string unit = text.empty() ? "" : text.substr(text.size() - 1);
  if (!text.empty() && absl::SimpleAtod(text.substr(0, text.size() - 1), &count) && count > 0) {
    if (unit == "m") return count * absl::Minutes(1);
    if (unit == "h") return count * absl::Hours(1);
    if (unit == "d") return count * absl::Hours(24);
    if (unit == "w") return count * absl::Hours(24 * 7);
  }
  return WrongUse(absl::StrCat("\"", text, "\" is no span of time; write 90m, 8h, 2d or 1w"));
}

std::string Actor(const AlarmOptions& options) {
  if (!options.actor.empty()) return options.actor;
  const char* user = std::getenv("USER");
  return user == nullptr ? "" : user;
}

template <typename Request, typename Response>
absl::Status Call(const ServerOptions& server,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request, Response& response) {
  grpc::ClientContext context;
  SetReadDeadline(context);
  const auto stub = v1::AlarmService::NewStub(OpenChannel(server));
  const grpc::Status status = ((*stub).*method)(&context, request, &response);
  return status.ok() ? absl::OkStatus() : ErrorOf(status, server);
}

void Show(const v1::Alarm& alarm, const AlarmOptions& options, const Terminal& terminal) {
  if (options.json) {
    terminal.out << MessageJson(alarm);
  } else {
    PrintAlarm(alarm, terminal);
  }
}

absl::Status List(const AlarmOptions& options, const ServerOptions& server,
                  const Terminal& terminal) {
  v1::ListAlarmsRequest request;
  request.set_parent(ParentName(options.site));
  v1::ListAlarmsRequest::State state;
  std::string wanted = options.state;
  for (char& c : wanted) c = c == '-' ? '_' : absl::ascii_toupper(static_cast<unsigned char>(c));
  if (!v1::ListAlarmsRequest::State_Parse("STATE_" + wanted, &state)) {
    return WrongUse("--state takes open, shelved, closed, without-finding or all");
  }
  request.set_state(state);
  if (!options.asset.empty()) {
    const std::vector<std::string> parts = absl::StrSplit(options.asset, '/');
    request.set_asset(parts.size() == 2 ? absl::StrCat("sites/", parts[0], "/assets/", parts[1])
                                        : options.asset);
  }
  request.set_language_code(options.language);
  v1::ListAlarmsResponse all;
  do {
    v1::ListAlarmsResponse page;
    absl::Status status = Call(server, &Stub::ListAlarms, request, page);
    if (!status.ok()) return status;
    all.MergeFrom(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  if (options.json) {
    terminal.out << MessageJson(all);
  } else {
    PrintAlarms(all, terminal);
  }
  return absl::OkStatus();
}

absl::Status ShowOne(const AlarmOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  const absl::StatusOr<std::string> name = AlarmName(options.name);
  if (!name.ok()) return name.status();
  v1::GetAlarmRequest request;
  request.set_name(*name);
  request.set_language_code(options.language);
  v1::Alarm alarm;
  absl::Status status = Call(server, &Stub::GetAlarm, request, alarm);
  if (status.ok()) Show(alarm, options, terminal);
  return status;
}

// A change by a person; `fill` sets what is particular to it.
template <typename Request, typename Fill>
absl::Status Change(const AlarmOptions& options, const ServerOptions& server,
                    const Terminal& terminal,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, v1::Alarm*),
                    const Fill& fill) {
  const absl::StatusOr<std::string> name = AlarmName(options.name);
  if (!name.ok()) return name.status();
  Request request;
  request.set_name(*name);
  request.set_actor(Actor(options));
  request.set_comment(options.comment);
  if (absl::Status status = fill(request); !status.ok()) return status;
  v1::Alarm alarm;
  absl::Status status = Call(server, method, request, alarm);
  if (status.ok()) Show(alarm, options, terminal);
  return status;
}

absl::Status Acknowledge(const AlarmOptions& options, const ServerOptions& server,
                         const Terminal& terminal) {
  return Change(options, server, terminal, &Stub::AcknowledgeAlarm,
                [](v1::AcknowledgeAlarmRequest&) { return absl::OkStatus(); });
}

absl::Status Assign(const AlarmOptions& options, const ServerOptions& server,
                    const Terminal& terminal) {
  return Change(options, server, terminal, &Stub::AssignAlarm,
                [&](v1::AssignAlarmRequest& request) {
                  request.set_assignee(options.assignee);
                  return absl::OkStatus();
                });
}

absl::Status Comment(const AlarmOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  return Change(options, server, terminal, &Stub::CommentAlarm,
                [](v1::CommentAlarmRequest&) { return absl::OkStatus(); });
}

absl::Status Shelve(const AlarmOptions& options, const ServerOptions& server,
                    const Terminal& terminal) {
  return Change(options, server, terminal, &Stub::ShelveAlarm,
                [&](v1::ShelveAlarmRequest& request) -> absl::Status {
                  if (options.shelve_for.empty()) return absl::OkStatus();  // unshelves
                  const absl::StatusOr<absl::Duration> span = ParseSpan(options.shelve_for);
                  if (!span.ok()) return span.status();
                  *request.mutable_until() = TimestampOf(absl::Now() + *span);
                  return absl::OkStatus();
                });
}

absl::Status Close(const AlarmOptions& options, const ServerOptions& server,
                   const Terminal& terminal) {
  return Change(
      options, server, terminal, &Stub::CloseAlarm,
      [&](v1::CloseAlarmRequest& request) -> absl::Status {
        request.set_finding(options.finding == "confirmed" ? v1::FINDING_CONFIRMED
                            : options.finding == "false"   ? v1::FINDING_FALSE_ALARM
                                                           : v1::FINDING_OTHER_CAUSE);
        request.set_work_order(options.work_order);
        if (options.fault.empty()) return absl::OkStatus();
        v1::Fault fault;
        if (!v1::Fault_Parse("FAULT_" + absl::AsciiStrToUpper(options.fault), &fault)) {
          return WrongUse(absl::StrCat("there is no fault \"", options.fault,
                                       "\"; write inner_race, outer_race, ball, unbalance, ..."));
        }
        request.set_found_fault(fault);
        return absl::OkStatus();
      });
}

absl::Status Statistics(const AlarmOptions& options, const ServerOptions& server,
                        const Terminal& terminal) {
  v1::GetAlarmStatisticsRequest request;
  request.set_parent(ParentName(options.site));
  *request.mutable_start_time() = TimestampOf(absl::Now() - options.days * absl::Hours(24));
  v1::AlarmStatistics statistics;
  absl::Status status = Call(server, &Stub::GetAlarmStatistics, request, statistics);
  if (!status.ok()) return status;
  if (options.json) {
    terminal.out << MessageJson(statistics);
  } else {
    PrintAlarmStatistics(statistics, terminal);
  }
  return absl::OkStatus();
}

absl::Status Watch(const AlarmOptions& options, const ServerOptions& server,
                   const Terminal& terminal) {
  v1::WatchAlarmsRequest request;
  request.set_parent(ParentName(options.site));
  grpc::ClientContext context;
  const auto stub = v1::AlarmService::NewStub(OpenChannel(server));
  const auto stream = stub->WatchAlarms(&context, request);
  v1::WatchAlarmsResponse response;
  while (stream->Read(&response)) {
    if (!response.has_alarm()) continue;
    if (options.json) {
      terminal.out << MessageJsonLine(response.alarm()) << std::endl;
    } else {
      PrintAlarmChange(response.alarm(), terminal);
    }
  }
  const grpc::Status status = stream->Finish();
  return status.ok() ? absl::OkStatus() : ErrorOf(status, server);
}

using Run = absl::Status (*)(const AlarmOptions&, const ServerOptions&, const Terminal&);

// What the commands are made with.
struct Commands {
  CLI::App& alarms;
  std::shared_ptr<AlarmOptions> options;
  const ServerOptions& server;
  Action& chosen;

  CLI::App& Add(const char* name, const char* what, Run run) {
    CLI::App* command = alarms.add_subcommand(name, what);
    Bind(*command, run);
    return *command;
  }

  // One that changes a case.
  CLI::App& AddChange(const char* name, const char* what, Run run) {
    CLI::App& command = Add(name, what, run);
    command.add_option("CASE", options->name, "As \"auscult alarms\" names it: demo/12")
        ->required();
    command.add_option("--comment,-m", options->comment, "What to remember of it");
    command.add_option("--by", options->actor, "Who does it; without it, the user of this shell");
    return command;
  }

  void Bind(CLI::App& command, Run run) {
    command.add_flag("--json", options->json, "Print JSON");
    command.callback([run, &command, options = options, &server = server, &chosen = chosen] {
      if (!command.get_subcommands().empty()) return;
      chosen = [run, options, &server](const Terminal& terminal) {
        return run(*options, server, terminal);
      };
    });
  }
};

void AddReading(Commands& commands) {
  AlarmOptions& options = *commands.options;
  const auto language = [&](CLI::App& command) {
    command.add_option("--language", options.language, "Of what to do: en or zh");
  };
  commands.alarms.add_option("SITE", options.site, "Only of this site");
  commands.alarms
      .add_option("--state", options.state, "open, shelved, closed, without-finding or all")
      ->capture_default_str();
  commands.alarms.add_option("--asset", options.asset, "Only of this machine: demo/pump-1");
  language(commands.alarms);
  commands.Bind(commands.alarms, &List);
  CLI::App& show = commands.Add("show", "Show a case with its evidence and history.", &ShowOne);
  show.add_option("CASE", options.name, "As \"auscult alarms\" names it: demo/12")->required();
  language(show);
  CLI::App& stats = commands.Add(
      "stats", "Count findings: how often alarms were right, and how early.", &Statistics);
  stats.add_option("SITE", options.site, "Only of this site");
  stats.add_option("--days", options.days, "Of the cases opened so many days back")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI::App& watch =
      commands.Add("watch", "Show the open cases, then every change until it is stopped.", &Watch);
  watch.add_option("SITE", options.site, "Only of this site");
}

void AddChanging(Commands& commands) {
  AlarmOptions& options = *commands.options;
  commands.AddChange("ack", "Say that somebody has seen a case.", &Acknowledge);
  commands.AddChange("assign", "Give a case to somebody.", &Assign)
      .add_option("--to", options.assignee, "To whom; without it, to nobody");
  commands.AddChange("comment", "Add to the history of a case.", &Comment);
  commands
      .AddChange("shelve", "Put a case out of sight for a while, unless it gets worse.", &Shelve)
      .add_option("--for", options.shelve_for, "90m, 8h, 2d, 1w; without it, it comes back now");
  CLI::App& close =
      commands.AddChange("close", "Close a case with what was found, or say so later.", &Close);
  close.add_option("--finding", options.finding, "confirmed, false or other")
      ->required()
      ->check(CLI::IsMember({"confirmed", "false", "other"}));
  close.add_option("--fault", options.fault, "What was found: inner_race, unbalance, ...");
  close.add_option("--work-order", options.work_order, "In the maintenance system: WO-48211");
}

}  // namespace

void AddAlarms(CLI::App& app, const ServerOptions& server, Action& chosen) {
  CLI::App* command = app.add_subcommand(
      "alarms", "Show the open cases, worst first; acknowledge, assign, shelve and close them.");
  Commands commands{*command, std::make_shared<AlarmOptions>(), server, chosen};
  AddReading(commands);
  AddChanging(commands);
}

}  // namespace auscult::cli
