#include <CLI/CLI.hpp>
#include <array>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/admin_client.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/plant_file.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

using Policy = v1::RetentionPolicy;

// The fields of days, in the order of the message.
constexpr std::array<const char*, 5> kFields = {"waveform_days", "trend_days", "score_days",
                                                "reading_days", "hourly_rollup_days"};

struct RetentionOptions {
  std::string of;  // "", site, site/asset
  std::array<std::string, kFields.size()> days;
  bool json = false;
};

std::string PolicyName(const std::string& of) {
  return of.empty() ? "retentionPolicy" : absl::StrCat(ResourceName(of), "/retentionPolicy");
}

// "90 d", "for ever"; in brackets where it is inherited.
std::string DaysText(const Policy& policy, const char* name) {
  const auto* field = Policy::descriptor()->FindFieldByName(name);
  const Policy& counting = policy.effective();
  const int days = counting.GetReflection()->GetInt32(counting, field);
  const std::string text = days == 0 ? "for ever" : absl::StrCat(days, " d");
  return policy.GetReflection()->HasField(policy, field) ? text : absl::StrCat("(", text, ")");
}

std::string OfText(const Policy& policy) {
  const std::string name = policy.name();
  const size_t end = name.rfind('/');
  return end == std::string::npos ? "plant" : ShortName(name.substr(0, end));
}

void Print(const google::protobuf::RepeatedPtrField<Policy>& policies, const Terminal& terminal) {
  Table table({{"of"}, {"waveforms"}, {"trend"}, {"scores"}, {"readings"}, {"hourly rollups"}});
  for (const Policy& policy : policies) {
    std::vector<std::string> cells = {OfText(policy)};
    for (const char* field : kFields) cells.push_back(DaysText(policy, field));
    table.AddRow(std::move(cells));
  }
  terminal.out << table.Render() << "(in brackets: inherited)\n";
}

absl::Status RunList(const RetentionOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  v1::ListRetentionPoliciesRequest request;
  v1::ListRetentionPoliciesResponse all;
  do {
    auto page = AskAdmin(server, &v1::AdminService::Stub::ListRetentionPolicies, request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    all.mutable_retention_policies()->MergeFrom(page->retention_policies());
  } while (!request.page_token().empty());
  if (options.json) {
    terminal.out << MessageJson(all);
  } else if (all.retention_policies().empty()) {
    terminal.out << "Everything is kept for ever, but for raw samples, which the server's setting "
                    "raw_recent_s thins.\n";
  } else {
    Print(all.retention_policies(), terminal);
  }
  return absl::OkStatus();
}

void PrintOne(const Policy& policy, const RetentionOptions& options, const Terminal& terminal) {
  if (options.json) {
    terminal.out << MessageJson(policy);
    return;
  }
  v1::ListRetentionPoliciesResponse one;
  *one.add_retention_policies() = policy;
  Print(one.retention_policies(), terminal);
}

absl::Status RunGet(const RetentionOptions& options, const ServerOptions& server,
                    const Terminal& terminal) {
  v1::GetRetentionPolicyRequest request;
  request.set_name(PolicyName(options.of));
  const auto policy = AskAdmin(server, &v1::AdminService::Stub::GetRetentionPolicy, request);
  if (!policy.ok()) return policy.status();
  PrintOne(*policy, options, terminal);
  return absl::OkStatus();
}

std::string FlagOf(const char* field) {
  return absl::StrCat("--", absl::StrReplaceAll(field, {{"_", "-"}}));
}

absl::Status RunSet(const RetentionOptions& options, const ServerOptions& server,
                    const Terminal& terminal) {
  v1::UpdateRetentionPolicyRequest request;
  Policy& policy = *request.mutable_retention_policy();
  policy.set_name(PolicyName(options.of));
  for (size_t i = 0; i < kFields.size(); ++i) {
    const std::string& text = options.days[i];
    if (text.empty()) continue;
    request.mutable_update_mask()->add_paths(kFields[i]);
    if (text == "inherit") continue;
    int days = 0;
    if (text != "forever" && !absl::SimpleAtoi(text, &days)) {
      return WrongUse(absl::StrCat(FlagOf(kFields[i]), " ", text,
                                   ": write a number of days, forever or inherit"));
    }
    policy.GetReflection()->SetInt32(&policy, Policy::descriptor()->FindFieldByName(kFields[i]),
                                     days);
  }
  if (request.update_mask().paths().empty()) {
    return WrongUse("nothing to set; name a kind: auscult retention set demo --trend-days 90");
  }
  const auto changed = AskAdmin(server, &v1::AdminService::Stub::UpdateRetentionPolicy, request);
  if (!changed.ok()) return changed.status();
  PrintOne(*changed, options, terminal);
  return absl::OkStatus();
}

absl::Status RunClear(const RetentionOptions& options, const ServerOptions& server,
                      const Terminal& terminal) {
  v1::DeleteRetentionPolicyRequest request;
  request.set_name(PolicyName(options.of));
  const auto gone = AskAdmin(server, &v1::AdminService::Stub::DeleteRetentionPolicy, request);
  if (!gone.ok()) return gone.status();
  terminal.out << request.name() << " is gone; what it inherits counts.\n";
  return absl::OkStatus();
}

using Run = absl::Status (*)(const RetentionOptions&, const ServerOptions&, const Terminal&);

}  // namespace

void AddRetention(CLI::App& app, const ServerOptions& server, Action& chosen) {
  CLI::App* command = app.add_subcommand(
      "retention", "How long things are kept, for the plant, a site or an asset.");
  command->require_subcommand(1);
  const auto add = [command, &server, &chosen](const char* name, const char* help, Run run) {
    auto options = std::make_shared<RetentionOptions>();
    CLI::App* sub = command->add_subcommand(name, help);
    sub->callback([options, run, &server, &chosen] {
      chosen = [options, run, &server](const Terminal& terminal) {
        return run(*options, server, terminal);
      };
    });
    return std::pair(sub, options);
  };
  constexpr char kOf[] = "A site (demo) or an asset (demo/pump-1); none: the whole plant";
  const auto [list, list_options] = add("list", "Show every policy that was set.", RunList);
  list->add_flag("--json", list_options->json, "Print one JSON object");
  const auto [get, get_options] = add("get", "Show one.", RunGet);
  get->add_option("OF", get_options->of, kOf);
  get->add_flag("--json", get_options->json, "Print one JSON object");
  const auto [set, set_options] =
      add("set", "Set some of the days; the others stay as they are.", RunSet);
  set->add_option("OF", set_options->of, kOf);
  constexpr std::array<const char*, kFields.size()> kHelp = {
      "Samples kept for their worth", "Features of each record", "Scores and changes of condition",
      "Process values", "Hourly rollups; daily ones always stay"};
  for (size_t i = 0; i < kFields.size(); ++i) {
    set->add_option(FlagOf(kFields[i]), set_options->days[i], kHelp[i])
        ->type_name("DAYS|forever|inherit");
  }
  set->add_flag("--json", set_options->json, "Print one JSON object");
  const auto [clear, clear_options] =
      add("clear", "Take a policy away: what it inherits counts again.", RunClear);
  clear->add_option("OF", clear_options->of, kOf);
}

}  // namespace auscult::cli
