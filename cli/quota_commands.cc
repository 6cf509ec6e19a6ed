#include <CLI/CLI.hpp>
#include <array>
#include <cmath>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "cli/admin_client.h"
#include "cli/message_json.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

using Quota = v1::Quota;

struct Limit {
  const char* field;
  const char* help;
};
// In the order of the message.
constexpr std::array<Limit, 4> kLimits = {{
    {"records_per_second", "Records and readings, a second"},
    {"buffer_bytes", "Bytes of waveforms in memory"},
    {"stream_count", "Streams open at once"},
    {"calls_per_second", "Other calls, a second; of keys alone"},
}};

struct QuotaOptions {
  std::string of;  // "sites/demo", "keys/gateway"; "demo" is a site
  std::array<std::string, kLimits.size()> values;
  bool json = false;
};

std::string QuotaName(const std::string& of) {
  const bool is_whole = of.find('/') != std::string::npos;
  return absl::StrCat(is_whole ? "" : "sites/", of, "/quota");
}

std::string Number(double value) { return absl::StrFormat("%.6g", value); }

// "12 of 100"; "12" where there is no limit.
std::string OfLimit(double used, double limit) {
  return limit > 0 ? absl::StrCat(Number(used), " of ", Number(limit)) : Number(used);
}

void Print(const google::protobuf::RepeatedPtrField<Quota>& quotas, const Terminal& terminal) {
  Table table({{"of"}, {"records/s"}, {"bytes in memory"}, {"streams"}, {"calls/s"}, {"refused"}});
  for (const Quota& quota : quotas) {
    const v1::QuotaUse& use = quota.use();
    table.AddRow({quota.name().substr(0, quota.name().rfind('/')),
                  OfLimit(std::round(use.records_per_second()), quota.records_per_second()),
                  OfLimit(static_cast<double>(use.buffer_bytes()),
                          static_cast<double>(quota.buffer_bytes())),
                  OfLimit(use.stream_count(), quota.stream_count()),
                  OfLimit(std::round(use.calls_per_second()), quota.calls_per_second()),
                  absl::StrCat(use.refused_count())});
  }
  terminal.out << table.Render() << "(in use on the server that was asked)\n";
}

absl::Status RunList(const QuotaOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  v1::ListQuotasRequest request;
  v1::ListQuotasResponse all;
  do {
    auto page = AskAdmin(server, &v1::AdminService::Stub::ListQuotas, request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    all.mutable_quotas()->MergeFrom(page->quotas());
  } while (!request.page_token().empty());
  if (options.json) {
    terminal.out << MessageJson(all);
  } else if (all.quotas().empty()) {
    terminal.out << "No quotas are set: sites share the server fairly.\n";
  } else {
    Print(all.quotas(), terminal);
  }
  return absl::OkStatus();
}

std::string FlagOf(const char* field) {
  return absl::StrCat("--", absl::StrReplaceAll(field, {{"_", "-"}}));
}

absl::Status SetLimit(const char* name, const std::string& text, Quota& quota) {
  const google::protobuf::FieldDescriptor& field = *Quota::descriptor()->FindFieldByName(name);
  const google::protobuf::Reflection& reflection = *quota.GetReflection();
  double value = 0;
  int64_t whole = 0;
  int32_t count = 0;
  if (text == "none") return absl::OkStatus();
  switch (field.cpp_type()) {
    case google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE:
      if (!absl::SimpleAtod(text, &value)) break;
      reflection.SetDouble(&quota, &field, value);
      return absl::OkStatus();
    case google::protobuf::FieldDescriptor::CPPTYPE_INT64:
      if (!absl::SimpleAtoi(text, &whole)) break;
      reflection.SetInt64(&quota, &field, whole);
      return absl::OkStatus();
    default:
      if (!absl::SimpleAtoi(text, &count)) break;
      reflection.SetInt32(&quota, &field, count);
      return absl::OkStatus();
  }
  return WrongUse(absl::StrCat(FlagOf(name), " ", text, ": write a number, or none"));
}

absl::Status RunSet(const QuotaOptions& options, const ServerOptions& server,
                    const Terminal& terminal) {
  v1::UpdateQuotaRequest request;
  Quota& quota = *request.mutable_quota();
  quota.set_name(QuotaName(options.of));
  for (size_t i = 0; i < kLimits.size(); ++i) {
    if (options.values[i].empty()) continue;
    request.mutable_update_mask()->add_paths(kLimits[i].field);
    if (absl::Status status = SetLimit(kLimits[i].field, options.values[i], quota); !status.ok()) {
      return status;
    }
  }
  if (request.update_mask().paths().empty()) {
    return WrongUse(
        "nothing to set; name a limit: auscult quotas set demo --records-per-second 50");
  }
  const auto changed = AskAdmin(server, &v1::AdminService::Stub::UpdateQuota, request);
  if (!changed.ok()) return changed.status();
  v1::ListQuotasResponse one;
  *one.add_quotas() = *changed;
  if (options.json) {
    terminal.out << MessageJson(*changed);
  } else {
    Print(one.quotas(), terminal);
  }
  return absl::OkStatus();
}

absl::Status RunDelete(const QuotaOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  v1::DeleteQuotaRequest request;
  request.set_name(QuotaName(options.of));
  const auto gone = AskAdmin(server, &v1::AdminService::Stub::DeleteQuota, request);
  if (!gone.ok()) return gone.status();
  terminal.out << request.name() << " is gone: no limits but the server's own.\n";
  return absl::OkStatus();
}

using Run = absl::Status (*)(const QuotaOptions&, const ServerOptions&, const Terminal&);

}  // namespace

void AddQuotas(CLI::App& app, const ServerOptions& server, Action& chosen) {
  CLI::App* command = app.add_subcommand("quotas", "How much of a server sites and keys may take.");
  command->require_subcommand(1);
  const auto add = [command, &server, &chosen](const char* name, const char* help, Run run) {
    auto options = std::make_shared<QuotaOptions>();
    CLI::App* sub = command->add_subcommand(name, help);
    sub->callback([options, run, &server, &chosen] {
      chosen = [options, run, &server](const Terminal& terminal) {
        return run(*options, server, terminal);
      };
    });
    return std::pair(sub, options);
  };
  constexpr char kOf[] = "A site (demo) or a key (keys/gateway)";
  const auto [list, list_options] = add("list", "Show every quota and what is in use.", RunList);
  list->add_flag("--json", list_options->json, "Print one JSON object");
  const auto [set, set_options] =
      add("set", "Set some of the limits; the others stay as they are.", RunSet);
  set->add_option("OF", set_options->of, kOf)->required();
  for (size_t i = 0; i < kLimits.size(); ++i) {
    set->add_option(FlagOf(kLimits[i].field), set_options->values[i], kLimits[i].help)
        ->type_name("NUMBER|none");
  }
  set->add_flag("--json", set_options->json, "Print one JSON object");
  const auto [remove, remove_options] = add("delete", "Take a quota away.", RunDelete);
  remove->add_option("OF", remove_options->of, kOf)->required();
}

}  // namespace auscult::cli
