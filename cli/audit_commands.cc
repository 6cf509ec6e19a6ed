#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/admin_client.h"
#include "cli/audit_chain.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

using Entry = v1::AuditEntry;
using Json = nlohmann::json;

constexpr int kEntriesAtOnce = 1000;

struct AuditOptions {
  int64_t after = 0;
  std::string site, expected_head;
  bool json = false;
};

// Calls `visit` with every entry, the oldest first, until it fails.
template <typename Visit>
absl::Status ForEntries(const AuditOptions& options, const ServerOptions& server, Visit visit) {
  v1::ListAuditEntriesRequest request;
  request.set_page_size(kEntriesAtOnce);
  request.set_after_sequence(options.after);
  if (!options.site.empty()) request.set_site(absl::StrCat("sites/", options.site));
  do {
    const auto page = AskAdmin(server, &v1::AdminService::Stub::ListAuditEntries, request);
    if (!page.ok()) return page.status();
    for (const Entry& entry : page->entries()) {
      if (absl::Status status = visit(entry); !status.ok()) return status;
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// Which row it was, and of an update what changed: "p1: display_name, channels".
std::string WhatText(const Entry& entry) {
  const Json before = Json::parse(entry.before(), nullptr, false);
  const Json after = Json::parse(entry.after(), nullptr, false);
  const Json& row = after.is_object() ? after : before;
  if (!row.is_object()) return "";
  std::string name;
  for (const char* key : {"slug", "name", "version", "alarm_id", "point_id", "operation_id"}) {
    if (!row.contains(key)) continue;
    const Json& value = row.at(key);
    name = value.is_string() ? value.get<std::string>() : value.dump();
    break;
  }
  if (!before.is_object() || !after.is_object()) return name;
  std::vector<std::string> changed;
  for (const auto& [key, value] : after.items()) {
    const bool counted = key == "revision" || key == "update_time";
    if (!counted && before.value(key, Json()) != value) changed.push_back(key);
  }
  return absl::StrCat(name, name.empty() ? "" : ": ", absl::StrJoin(changed, ", "));
}

absl::Status RunList(const AuditOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  Table table(
      {{"entry", Align::kRight}, {"time"}, {"who"}, {"site"}, {"change"}, {"of"}, {"what"}});
  const absl::Status status = ForEntries(options, server, [&](const Entry& entry) {
    if (options.json) {
      terminal.out << MessageJsonLine(entry) << "\n";
    } else {
      table.AddRow({absl::StrCat(entry.sequence()), TimeText(entry.time()), entry.actor(),
                    entry.site().empty() ? "-" : ShortName(entry.site()), entry.action(),
                    entry.subject(), WhatText(entry)});
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (!options.json) terminal.out << (table.empty() ? "No changes.\n" : table.Render());
  return absl::OkStatus();
}

// "HASH@SEQUENCE".
absl::Status ReadHead(const std::string& text, std::string& hash, int64_t& sequence) {
  const size_t at = text.find('@');
  if (at == 64 && absl::SimpleAtoi(text.substr(at + 1), &sequence) && sequence >= 0) {
    hash = text.substr(0, at);
    return absl::OkStatus();
  }
  return WrongUse(absl::StrCat("--expect-head ", text, ": write it as verify printed it, HASH@N"));
}

absl::Status RunVerify(const AuditOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  std::string expected;
  int64_t expected_at = -1;
  if (!options.expected_head.empty()) {
    absl::Status status = ReadHead(options.expected_head, expected, expected_at);
    if (!status.ok()) return status;
  }
  AuditChain chain;
  const auto as_expected = [&] {
    if (chain.count() != expected_at || chain.head() == expected) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("the audit log was rewritten: the hash of entry ", expected_at, " is ",
                     chain.head(), ", not ", expected));
  };
  absl::Status status = as_expected();
  if (status.ok()) {
    status = ForEntries(options, server, [&](const Entry& entry) {
      absl::Status followed = chain.Follow(entry);
      return followed.ok() ? as_expected() : followed;
    });
  }
  if (!status.ok()) return status;
  if (chain.count() < expected_at) {
    return absl::FailedPreconditionError(absl::StrCat("the audit log was cut: it ends with entry ",
                                                      chain.count(), ", before ", expected_at));
  }
  terminal.out << chain.count() << (chain.count() == 1 ? " entry" : " entries")
               << ", unbroken; head " << chain.head() << "@" << chain.count() << "\n";
  return absl::OkStatus();
}

using Run = absl::Status (*)(const AuditOptions&, const ServerOptions&, const Terminal&);

}  // namespace

void AddAudit(CLI::App& app, const ServerOptions& server, Action& chosen) {
  CLI::App* command =
      app.add_subcommand("audit", "Who changed what, and whether all of it is there.");
  command->require_subcommand(1);
  const auto add = [command, &server, &chosen](const char* name, const char* help, Run run) {
    auto options = std::make_shared<AuditOptions>();
    CLI::App* sub = command->add_subcommand(name, help);
    sub->callback([options, run, &server, &chosen] {
      chosen = [options, run, &server](const Terminal& terminal) {
        return run(*options, server, terminal);
      };
    });
    return std::pair(sub, options);
  };
  const auto [list, list_options] = add("list", "Show the changes, the oldest first.", RunList);
  list->add_option("--site", list_options->site, "Of this site alone");
  list->add_option("--after", list_options->after, "Entries after this number alone");
  list->add_flag("--json", list_options->json, "Print one JSON object a line");
  const auto [verify, verify_options] =
      add("verify", "Recompute the chain of hashes, and print its head to be kept elsewhere.",
          RunVerify);
  verify
      ->add_option("--expect-head", verify_options->expected_head,
                   "A head that verify printed before: it must still be part of the chain")
      ->type_name("HASH@N");
}

}  // namespace auscult::cli
