#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/admin_client.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/table.h"
#include "cli/time_option.h"
#include "google/protobuf/util/time_util.h"

namespace auscult::cli {
namespace {

using google::protobuf::util::TimeUtil;
using Grants = google::protobuf::RepeatedPtrField<v1::Grant>;

struct KeyOptions {
  std::string id, description, expires, certificate;
  std::vector<std::string> grants;
  bool json = false;
};

// "operator@hamburg", "operator@sites/hamburg"; "viewer" at all sites.
absl::StatusOr<v1::Grant> ParseGrant(const std::string& text) {
  const size_t at = text.find('@');
  v1::Grant grant;
  v1::Role role = v1::ROLE_UNSPECIFIED;
  if (!v1::Role_Parse(absl::StrCat("ROLE_", absl::AsciiStrToUpper(text.substr(0, at))), &role) ||
      role == v1::ROLE_UNSPECIFIED) {
    return WrongUse(absl::StrCat("--grant ", text, ": begin with viewer, operator, analyst, admin ",
                                 "or ingest, then @ and the site"));
  }
  grant.set_role(role);
  std::string site = at == std::string::npos ? "-" : text.substr(at + 1);
  if (site.starts_with("sites/")) site.erase(0, std::string("sites/").size());
  grant.set_site(absl::StrCat("sites/", site));
  return grant;
}

// "90d", "12h", or a time.
absl::StatusOr<absl::Time> ParseExpiry(const std::string& text) {
  int count = 0;
  const bool days = text.ends_with('d'), hours = text.ends_with('h');
  if ((days || hours) && absl::SimpleAtoi(text.substr(0, text.size() - 1), &count) && count > 0) {
    return absl::Now() + absl::Hours(days ? 24 * count : count);
  }
  return ParseTimeOption("--expires", text);
}

std::string GrantsText(const Grants& grants) {
  std::vector<std::string> words;
  for (const v1::Grant& grant : grants) {
    const std::string role =
        absl::AsciiStrToLower(v1::Role_Name(grant.role()).substr(std::string("ROLE_").size()));
    const std::string site = ShortName(grant.site());
    words.push_back(site == "-" ? role : absl::StrCat(role, "@", site));
  }
  return absl::StrJoin(words, " ");
}

std::string TimeText(bool known, const google::protobuf::Timestamp& time, const char* otherwise) {
  return known ? TimeUtil::ToString(time) : otherwise;
}

std::string StateText(const v1::Key& key) {
  if (key.has_revoke_time()) return "revoked";
  if (!key.has_expire_time()) return "valid";
  return key.expire_time().seconds() <= absl::ToUnixSeconds(absl::Now()) ? "expired" : "valid";
}

void Print(const google::protobuf::RepeatedPtrField<v1::Key>& keys, const Terminal& terminal) {
  Table table({{"key"}, {"state"}, {"may"}, {"expires"}, {"last used"}, {"description"}});
  for (const v1::Key& key : keys) {
    const std::string what =
        key.certificate().empty()
            ? key.description()
            : absl::StrCat("certificate of ", key.certificate(), " ", key.description());
    table.AddRow({key.name().substr(std::string("keys/").size()), StateText(key),
                  GrantsText(key.grants()),
                  TimeText(key.has_expire_time(), key.expire_time(), "never"),
                  TimeText(key.has_last_use_time(), key.last_use_time(), "never"), what});
  }
  terminal.out << table.Render();
}

absl::Status Show(const v1::Key& key, const KeyOptions& options, const Terminal& terminal) {
  if (options.json) {
    terminal.out << MessageJson(key);
    return absl::OkStatus();
  }
  v1::ListKeysResponse one;
  *one.add_keys() = key;
  Print(one.keys(), terminal);
  return absl::OkStatus();
}

absl::Status RunCreate(const KeyOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  v1::CreateKeyRequest request;
  request.set_key_id(options.id);
  v1::Key& key = *request.mutable_key();
  key.set_description(options.description);
  key.set_certificate(options.certificate);
  for (const std::string& text : options.grants) {
    absl::StatusOr<v1::Grant> grant = ParseGrant(text);
    if (!grant.ok()) return grant.status();
    *key.add_grants() = *std::move(grant);
  }
  if (!options.expires.empty()) {
    const absl::StatusOr<absl::Time> expiry = ParseExpiry(options.expires);
    if (!expiry.ok()) return expiry.status();
    key.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(*expiry));
  }
  const auto made = AskAdmin(server, &v1::AdminService::Stub::CreateKey, request);
  if (!made.ok()) return made.status();
  if (options.json) {
    terminal.out << MessageJson(*made);
    return absl::OkStatus();
  }
  if (made->secret().empty()) return Show(made->key(), options, terminal);
  terminal.out << made->secret() << "\n";
  terminal.err << "This is the key " << options.id << ", shown this once: the server keeps its "
               << "hash alone. Programs read it from AUSCULT_KEY, or --key-file of mode 600.\n";
  return absl::OkStatus();
}

absl::Status RunList(const KeyOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  v1::ListKeysRequest request;
  v1::ListKeysResponse all;
  do {
    const auto page = AskAdmin(server, &v1::AdminService::Stub::ListKeys, request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    all.mutable_keys()->MergeFrom(page->keys());
  } while (!request.page_token().empty());
  if (options.json) {
    terminal.out << MessageJson(all);
  } else if (all.keys().empty()) {
    terminal.out << "There are no keys: who calls from the server's own machine may do "
                    "everything, unless its settings say otherwise.\n";
  } else {
    Print(all.keys(), terminal);
  }
  return absl::OkStatus();
}

absl::Status RunShow(const KeyOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  v1::GetKeyRequest request;
  request.set_name(absl::StrCat("keys/", options.id));
  const auto key = AskAdmin(server, &v1::AdminService::Stub::GetKey, request);
  return key.ok() ? Show(*key, options, terminal) : key.status();
}

absl::Status RunRevoke(const KeyOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  v1::RevokeKeyRequest request;
  request.set_name(absl::StrCat("keys/", options.id));
  const auto key = AskAdmin(server, &v1::AdminService::Stub::RevokeKey, request);
  return key.ok() ? Show(*key, options, terminal) : key.status();
}

absl::Status RunWhoAmI(const KeyOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  const auto caller = AskAdmin(server, &v1::AdminService::Stub::GetCaller, v1::GetCallerRequest());
  if (!caller.ok()) return caller.status();
  if (options.json) {
    terminal.out << MessageJson(*caller);
    return absl::OkStatus();
  }
  const std::string may = GrantsText(caller->grants());
  terminal.out << caller->principal() << "\nmay      " << (may.empty() ? "nothing" : may) << "\n";
  if (caller->has_expire_time()) {
    terminal.out << "expires  " << TimeUtil::ToString(caller->expire_time()) << "\n";
  }
  return absl::OkStatus();
}

using Run = absl::Status (*)(const KeyOptions&, const ServerOptions&, const Terminal&);

CLI::App* AddCommand(CLI::App& parent, const char* name, const char* help, Run run,
                     const std::shared_ptr<KeyOptions>& options, const ServerOptions& server,
                     Action& chosen) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &server, &chosen, run] {
    chosen = [options, &server, run](const Terminal& terminal) {
      return run(*options, server, terminal);
    };
  });
  return command;
}

}  // namespace

void AddKeys(CLI::App& app, const ServerOptions& server, Action& chosen) {
  const auto options = std::make_shared<KeyOptions>();
  CLI::App* keys = app.add_subcommand("keys", "Keys with which programs call the server");
  keys->require_subcommand(1);
  AddCommand(*keys, "list", "The keys there are, revoked ones too", RunList, options, server,
             chosen);
  const auto with_id = [&](const char* name, const char* help, Run run) {
    CLI::App* command = AddCommand(*keys, name, help, run, options, server, chosen);
    command->add_option("ID", options->id, "Name of the key: a-z, 0-9 and dashes")->required();
    return command;
  };
  CLI::App* create = with_id("create", "Make a key; its secret is shown this once", RunCreate);
  create
      ->add_option("--grant", options->grants,
                   "What it may: operator@hamburg, or viewer for all sites; as often as needed")
      ->required();
  create->add_option("--expires", options->expires, "When: 90d, 12h or a time; else never");
  create->add_option("--description", options->description, "What it is for");
  create->add_option("--certificate", options->certificate,
                     "Instead of a secret: name in a client's certificate");
  with_id("show", "One key", RunShow);
  with_id("revoke", "Have a key open nothing any more, for good", RunRevoke);
  AddCommand(app, "whoami", "Whom the server takes you for, and what you may do", RunWhoAmI,
             options, server, chosen);
}

}  // namespace auscult::cli
