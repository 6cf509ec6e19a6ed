#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/health_client.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/number_format.h"
#include "cli/plant_file.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

struct LimitsOptions {
  std::string point;
  std::vector<std::string> set, remove;
  std::string note;
  bool json = false;
};

absl::Status ReadNumber(const std::string& setting, const std::string& text, bool& has,
                        float& value) {
  has = !text.empty();
  if (!has || absl::SimpleAtof(text, &value)) return absl::OkStatus();
  return WrongUse(absl::StrCat("--set ", setting, ": \"", text,
                               "\" is not a number; write FEATURE=ALERT:ALARM"));
}

// "velocity_rms_mm_s=4.5:7.1"; "=4.5:" has no alarm, "=:7.1" no alert.
absl::StatusOr<v1::FeatureLimit> ParseSetting(const std::string& setting) {
  const size_t equals = setting.rfind('=');
  const size_t colon = setting.find(':', equals == std::string::npos ? 0 : equals);
  if (equals == std::string::npos || equals == 0 || colon == std::string::npos) {
    return WrongUse(absl::StrCat("--set ", setting,
                                 ": write FEATURE=ALERT:ALARM, either may be left out: "
                                 "velocity_rms_mm_s=4.5:7.1, kurtosis=:8"));
  }
  v1::FeatureLimit limit;
  limit.set_feature(setting.substr(0, equals));
  bool has = false;
  float value = 0;
  absl::Status status =
      ReadNumber(setting, setting.substr(equals + 1, colon - equals - 1), has, value);
  if (!status.ok()) return status;
  if (has) limit.set_alert(value);
  status = ReadNumber(setting, setting.substr(colon + 1), has, value);
  if (!status.ok()) return status;
  if (has) limit.set_alarm(value);
  return limit;
}

void Remove(const std::string& feature, v1::PointLimits& limits) {
  auto& list = *limits.mutable_limits();
  list.erase(
      std::remove_if(list.begin(), list.end(),
                     [&](const v1::FeatureLimit& limit) { return limit.feature() == feature; }),
      list.end());
}

// Those that are not named stay as they are; the etag sees to it that nobody else's are lost.
absl::Status Apply(const LimitsOptions& options, v1::PointLimits& limits) {
  for (const std::string& feature : options.remove) Remove(feature, limits);
  for (const std::string& setting : options.set) {
    absl::StatusOr<v1::FeatureLimit> limit = ParseSetting(setting);
    if (!limit.ok()) return limit.status();
    limit->set_note(options.note);
    Remove(limit->feature(), limits);
    *limits.add_limits() = *std::move(limit);
  }
  return absl::OkStatus();
}

void Print(const v1::PointLimits& limits, const Terminal& terminal) {
  if (limits.limits().empty()) {
    terminal.out << "No limits are set. Set some with --set velocity_rms_mm_s=4.5:7.1\n";
  } else {
    Table table({{"feature"}, {"alert", Align::kRight}, {"alarm", Align::kRight}, {"note"}});
    for (const v1::FeatureLimit& limit : limits.limits()) {
      table.AddRow({limit.feature(), limit.has_alert() ? Shown(limit.alert()) : "-",
                    limit.has_alarm() ? Shown(limit.alarm()) : "-", limit.note()});
    }
    terminal.out << table.Render();
  }
  if (limits.zone_limits_mm_s_size() != 3) return;
  terminal.out << absl::StrFormat(
      "ISO 20816-3, velocity in mm/s: zone B from %s, C from %s (alert), D from %s (alarm)\n",
      Shown(limits.zone_limits_mm_s(0)), Shown(limits.zone_limits_mm_s(1)),
      Shown(limits.zone_limits_mm_s(2)));
}

absl::Status Run(const LimitsOptions& options, const ServerOptions& server,
                 const Terminal& terminal) {
  v1::GetPointLimitsRequest request;
  request.set_name(ResourceName(options.point) + "/limits");
  auto limits = AskHealth(server, &v1::HealthService::Stub::GetPointLimits, request);
  if (!limits.ok()) return limits.status();
  if (!options.set.empty() || !options.remove.empty()) {
    v1::SetPointLimitsRequest change;
    *change.mutable_limits() = *limits;
    if (absl::Status status = Apply(options, *change.mutable_limits()); !status.ok()) {
      return status;
    }
    limits = AskHealth(server, &v1::HealthService::Stub::SetPointLimits, change);
    if (!limits.ok()) return limits.status();
  }
  if (options.json) {
    terminal.out << MessageJson(*limits);
  } else {
    Print(*limits, terminal);
  }
  return absl::OkStatus();
}

}  // namespace

void AddLimits(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<LimitsOptions>();
  CLI::App* command = app.add_subcommand(
      "limits",
      "Show or change the limits of a point's features (demo/pump-1/de), which stand beside ISO "
      "zones and what was learnt.");
  command->add_option("POINT", options->point, "The point")->required();
  CLI::Option* set =
      command
          ->add_option("--set", options->set,
                       "Alert and alarm of a feature, in its unit (H/kurtosis names the channel); "
                       "may be given several times")
          ->type_name("FEATURE=ALERT:ALARM");
  command->add_option("--remove", options->remove, "Take the limit of a feature away")
      ->type_name("FEATURE");
  command->add_option("--note", options->note, "Why: \"maker's manual, section 7\"")->needs(set);
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
