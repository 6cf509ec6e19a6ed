#include "server/config.h"

#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "server/access/token_verifier.h"
#include "server/conninfo.h"
#include "server/port_security.h"
#include "server/rest_proxy.h"
#include "server/roles.h"
#include "server/settings.h"

namespace auscult::server {
namespace {

// Half of them for gRPC, which holds a message in parts and as a whole.
constexpr int64_t kMessagesInBuffer = 4;
constexpr char kPrefix[] = "AUSCULT_";
constexpr char kFileVariable[] = "AUSCULT_CONFIG";
// Read by the client program, which people run from the same shell.
constexpr std::array<std::string_view, 7> kClientVariables = {
    "AUSCULT_SERVER", "AUSCULT_KEY",      "AUSCULT_TLS",     "AUSCULT_CA",
    "AUSCULT_CERT",   "AUSCULT_CERT_KEY", "AUSCULT_INSECURE"};

// Name of the setting -> where its value came from.
using Origins = std::map<std::string_view, std::string>;

std::string DidYouMean(const std::string& word, const std::vector<std::string>& known) {
  const std::string nearest = Nearest(word, known);
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
}

struct Flags {
  std::vector<std::string> values;  // parallel to Settings()
  std::vector<bool> given;
  std::string config_file;
  bool check_config = false, show_version = false, show_help = false;
  std::string help;
  std::vector<std::string> words;  // that are no flags
};

std::vector<std::string> KnownFlags() {
  std::vector<std::string> known = {"--config", "--check-config", "--version", "--help"};
  for (const Setting& setting : Settings()) known.push_back(FlagOf(setting));
  return known;
}

void AddSettings(CLI::App& app, Flags& flags, std::vector<CLI::Option*>& options) {
  const Config defaults;
  for (size_t i = 0; i < Settings().size(); ++i) {
    const Setting& setting = Settings()[i];
    const std::string value = FormatValue(setting, defaults);
    std::string text = setting.help;
    if (value != "\"\"") absl::StrAppend(&text, " [", value, "]");
    if (!setting.is_flag() && ValueHint(setting) != "text") {
      absl::StrAppend(&text, " (", ValueHint(setting), ")");
    }
    options.push_back(setting.is_flag() ? app.add_flag(FlagOf(setting), flags.values[i], text)
                                        : app.add_option(FlagOf(setting), flags.values[i], text));
    options.back()->type_name(setting.is_flag() ? "" : "VALUE");
  }
}

absl::StatusOr<Flags> ParseFlags(int argc, const char* const* argv) {
  Flags flags;
  flags.values.resize(Settings().size());
  CLI::App app("Auscult server: takes recordings of machines in over gRPC and says how they are.",
               "auscultd");
  app.set_help_flag("");
  app.allow_extras();
  app.get_formatter()->column_width(36);
  app.footer(
      "auscultd backup FOLDER copies the embedded database of a running auscultd, auscultd "
      "restore\n"
      "FOLDER makes a new data_dir of such a copy; both take the settings of the server.\n"
      "Every setting is also a variable (AUSCULT_COMMIT_RECORDS) and a key of the TOML file\n"
      "(commit_records). Flags win over variables, variables over the file.");
  app.add_flag("--help,-h", flags.show_help, "print this and end");
  app.add_flag("--version", flags.show_version, "print the version and end");
  app.add_flag("--check-config", flags.check_config, "print what would be in force and end");
  app.add_option("--config", flags.config_file, "TOML file (variable AUSCULT_CONFIG)")
      ->type_name("FILE");
  std::vector<CLI::Option*> options;
  AddSettings(app, flags, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.what(), "; see auscultd --help"));
  }
  for (const std::string& word : app.remaining()) {
    if (!word.starts_with('-')) {
      flags.words.push_back(word);
      continue;
    }
    const std::string name = word.substr(0, word.find('='));
    return absl::InvalidArgumentError(
        absl::StrCat("unknown flag ", name, DidYouMean(name, KnownFlags())));
  }
  for (const CLI::Option* option : options) flags.given.push_back(option->count() > 0);
  flags.help = app.help();
  return flags;
}

std::vector<std::string> KnownKeys() {
  std::vector<std::string> known;
  for (const Setting& setting : Settings()) known.emplace_back(setting.key);
  return known;
}

// The value as text for Apply. Kinds are not mixed: a number where a text belongs is a slip.
std::optional<std::string> TextOf(const toml::node& node, const Setting& setting) {
  if (const auto* text = node.as_string()) {
    if (setting.is_text() || setting.is_size()) return text->get();
  } else if (const auto* number = node.as_integer()) {
    if (!setting.is_text() && !setting.is_flag()) return absl::StrCat(number->get());
  } else if (const auto* flag = node.as_boolean()) {
    if (setting.is_flag()) return flag->get() ? "true" : "false";
  }
  return std::nullopt;
}

absl::Status ApplyTable(const toml::table& table, const std::string& path, Config& config,
                        Origins& origins) {
  for (const auto& [key, node] : table) {
    const std::string where = absl::StrCat(path, ":", key.source().begin.line);
    const std::string name(key.str());
    const Setting* setting = FindSetting(name);
    if (setting == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": unknown key ", name, DidYouMean(name, KnownKeys())));
    }
    const std::optional<std::string> text = TextOf(node, *setting);
    if (!text) {
      const bool quoted = setting->is_text() || setting->is_size();
      return absl::InvalidArgumentError(absl::StrCat(
          where, ": the value of ", setting->key, " is of the wrong kind; write ",
          quoted ? "it in quotes" : "it without quotes", ", allowed: ", ValueHint(*setting)));
    }
    if (absl::Status status = Apply(*setting, *text, where, config); !status.ok()) return status;
    origins[setting->key] = where;
  }
  return absl::OkStatus();
}

absl::Status ReadConfigFile(const std::string& path, Config& config, Origins& origins) {
  std::ifstream file(path);
  std::stringstream text;
  if (!file || std::filesystem::is_directory(path) || !(text << file.rdbuf())) {
    struct stat found {};
    const int error = stat(path.c_str(), &found) != 0 ? errno : 0;
    if (error == 0 && found.st_size == 0 && S_ISREG(found.st_mode)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read the configuration file ", path, ": ",
                     error != 0 ? std::strerror(error) : "it is not a readable file"));
  }
  try {
    const toml::table table = toml::parse(text.str(), path);
    if (absl::Status status = ApplyTable(table, path, config, origins); !status.ok()) return status;
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":", error.source().begin.line, ": ", std::string(error.description())));
  }
  struct stat found {};
  if (HoldsPassword(config.database) && stat(path.c_str(), &found) == 0 &&
      (found.st_mode & 077) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        origins["database"], ": holds a password, and others may read the file; chmod 600 ", path));
  }
  return absl::OkStatus();
}

// Variables of ours, by name. Others are left alone.
absl::StatusOr<std::map<std::string, std::string>> OwnVariables(
    const std::vector<std::string>& environment) {
  std::vector<std::string> known = {kFileVariable};
  for (const Setting& setting : Settings()) known.push_back(VariableOf(setting));
  std::map<std::string, std::string> own;
  for (const std::string& entry : environment) {
    if (!entry.starts_with(kPrefix)) continue;
    const size_t equals = entry.find('=');
    const std::string name = entry.substr(0, equals);
    if (std::ranges::find(kClientVariables, name) != kClientVariables.end()) continue;
    if (std::ranges::find(known, name) == known.end()) {
      return absl::InvalidArgumentError(absl::StrCat("unknown environment variable ", name,
                                                     DidYouMean(name, known),
                                                     " Unset it if it is not meant for auscultd."));
    }
    own[name] = equals == std::string::npos ? "" : entry.substr(equals + 1);
  }
  return own;
}

std::string Variable(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& entry : environment) {
    if (entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=') {
      return entry.substr(name.size() + 1);
    }
  }
  return "";
}

absl::Status CheckRest(const Roles& roles, const Config& config) {
  if (absl::Status status = CheckRestSettings(config); !status.ok()) return status;
  if (roles.serves_grpc()) return absl::OkStatus();
  if (config.rest_listen.empty()) {
    return absl::InvalidArgumentError(
        "rest_listen is empty, and the role rest is the only one: nothing would be served");
  }
  if (config.rest_upstream.empty()) {
    return absl::InvalidArgumentError(
        "the role rest alone asks another server; name it with rest_upstream (--rest-upstream "
        "HOST:PORT, where that server takes gRPC)");
  }
  return absl::OkStatus();
}

// Settles data_dir and looks at what no single setting can tell.
absl::Status Complete(const std::vector<std::string>& environment, Config& config) {
  if (absl::Status status = CheckPorts(config); !status.ok()) return status;
  const absl::StatusOr<Roles> roles = ParseRoles(config.roles);
  if (!roles.ok()) return roles.status();
  if (absl::Status status = CheckRest(*roles, config); !status.ok()) return status;
  if (absl::Status status = CheckTokenSettings(config); !status.ok()) return status;
  if (config.max_message_bytes > config.ingest_buffer_bytes / kMessagesInBuffer) {
    return absl::InvalidArgumentError(absl::StrCat(
        "ingest_buffer_bytes has to hold ", kMessagesInBuffer, " messages of max_message_bytes; ",
        "lower max_message_bytes (--max-message-bytes) or raise ingest_buffer_bytes"));
  }
  if (config.data_dir.empty()) {
    const std::string state = Variable(environment, "XDG_STATE_HOME");
    const std::string home = Variable(environment, "HOME");
    if (geteuid() == 0) {
      config.data_dir = "/var/lib/auscult";
    } else if (!state.empty()) {
      config.data_dir = state + "/auscult";
    } else if (!home.empty()) {
      config.data_dir = home + "/.local/state/auscult";
    } else {
      return absl::InvalidArgumentError(
          "data_dir is not set, and without HOME there is no default; give --data-dir FOLDER");
    }
  }
  config.data_dir = std::filesystem::absolute(config.data_dir).lexically_normal().string();
  return absl::OkStatus();
}

std::string Effective(const Config& config, const Origins& origins) {
  std::string text;
  for (const Setting& setting : Settings()) {
    const auto origin = origins.find(setting.key);
    absl::StrAppend(&text, setting.key, " = ", FormatValue(setting, config), "  # ",
                    origin == origins.end() ? "default" : origin->second, "\n");
  }
  return text;
}

// Nothing: it serves.
absl::Status ReadTask(const std::vector<std::string>& words, Invocation& invocation) {
  if (words.empty()) return absl::OkStatus();
  if (words[0] == "backup") {
    invocation.task = Invocation::Task::kBackUp;
  } else if (words[0] == "restore") {
    invocation.task = Invocation::Task::kRestore;
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("unexpected argument \"", words[0],
                     "\"; auscultd takes flags, backup FOLDER or restore FOLDER, see --help"));
  }
  if (words.size() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("auscultd ", words[0], " takes one folder: auscultd ", words[0], " FOLDER"));
  }
  if (!invocation.config.database.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "auscultd ", words[0], " is for the embedded database, and `database` is set; ",
        "use the tools of that PostgreSQL"));
  }
  invocation.backup_folder = std::filesystem::absolute(words[1]).lexically_normal().string();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Invocation> ParseInvocation(int argc, const char* const* argv,
                                           const std::vector<std::string>& environment) {
  absl::StatusOr<Flags> flags = ParseFlags(argc, argv);
  if (!flags.ok()) return flags.status();
  Invocation invocation;
  invocation.help = flags->help;
  invocation.show_help = flags->show_help;
  invocation.show_version = flags->show_version;
  invocation.check_config = flags->check_config;
  if (flags->show_help || flags->show_version) return invocation;

  auto variables = OwnVariables(environment);
  if (!variables.ok()) return variables.status();
  invocation.config_file = flags->config_file;
  if (invocation.config_file.empty()) {
    invocation.config_file = (*variables)[kFileVariable];
  }
  Config& config = invocation.config;
  Origins origins;
  absl::Status status;
  if (!invocation.config_file.empty()) {
    status = ReadConfigFile(invocation.config_file, config, origins);
    if (!status.ok()) return status;
  }
  for (size_t i = 0; i < Settings().size(); ++i) {
    const Setting& setting = Settings()[i];
    const std::string variable = VariableOf(setting);
    if (const auto found = variables->find(variable); found != variables->end()) {
      status.Update(Apply(setting, found->second, variable, config));
      origins[setting.key] = variable;
    }
    if (flags->given[i]) {
      status.Update(Apply(setting, flags->values[i], FlagOf(setting), config));
      origins[setting.key] = FlagOf(setting);
      if (setting.member == decltype(setting.member)(&Config::database) &&
          HoldsPassword(config.database)) {
        return absl::InvalidArgumentError(
            "--database holds a password, which every user of this machine can read; put it into "
            "AUSCULT_DATABASE, a configuration file or ~/.pgpass");
      }
    }
  }
  status.Update(Complete(environment, config));
  status.Update(ReadTask(flags->words, invocation));
  if (!status.ok()) return status;
  invocation.effective = Effective(config, origins);
  return invocation;
}

}  // namespace auscult::server
