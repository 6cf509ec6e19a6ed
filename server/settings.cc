#include "server/settings.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/conninfo.h"
#include "server/rest/percent_code.h"

namespace auscult::server {
namespace {

constexpr int64_t kKilobyte = 1024;
constexpr int64_t kMegabyte = 1024 * kKilobyte;
constexpr int64_t kGigabyte = 1024 * kMegabyte;
constexpr int64_t kYear = 366 * 86400;

constexpr std::array<const char*, 5> kLogLevels = {"debug", "info", "warn", "error", "off"};
constexpr std::array<const char*, 3> kAuth = {"auto", "required", "off"};
constexpr std::array<const char*, 2> kLogFormats = {"text", "json"};

constexpr std::array<const char*, 2> kClientCerts = {"required", "optional"};

using C = Config;
constexpr Setting kSettings[] = {
    {"listen", &C::listen, "address and port of gRPC, 127.0.0.1:7070; port 0 takes a free one"},
    {"data_dir", &C::data_dir, "folder of the embedded database and its log"},
    {"database", &C::database, "URI or conninfo of a PostgreSQL; empty: the embedded one"},
    {"roles", &C::roles, "what it does: ingest, api, jobs, rest, with commas between"},
    {"rest_listen", &C::rest_listen,
     "address and port of HTTP, 127.0.0.1:7080; port 0 takes a free one, empty: no HTTP"},
    {"rest_upstream", &C::rest_upstream,
     "HOST:PORT of the gRPC server that HTTP asks; empty: this one"},
    {"rest_upstream_ca", &C::rest_upstream_ca,
     "CA that signs the certificate of rest_upstream (PEM file), or system; empty: no TLS to it"},
    {"web_dir", &C::web_dir, "folder of the dashboard; empty: found beside the program"},
    {"cors_origins", &C::cors_origins,
     "origins whose pages may call the REST API, with commas between"},
    {"rest_hosts", &C::rest_hosts,
     "names that HTTP is called by, besides addresses and localhost, with commas between"},
    {"auth", &C::auth, "whether callers show who they are; auto: once a key or an issuer is there",
     0, 0, kAuth},
    {"oidc_issuer", &C::oidc_issuer, "OpenID issuer whose tokens are taken; empty: none"},
    {"oidc_audience", &C::oidc_audience, "what its tokens have to be for"},
    {"oidc_jwks", &C::oidc_jwks,
     "URL or file of the issuer's keys; empty: as its configuration says"},
    {"oidc_roles_claim", &C::oidc_roles_claim,
     "claim with the roles, a list such as operator@hamburg"},
    {"tls_cert", &C::tls_cert, "certificate of gRPC and HTTP (PEM file); empty: no TLS"},
    {"tls_key", &C::tls_key, "its private key (PEM file), readable by nobody else"},
    {"tls_client_ca", &C::tls_client_ca,
     "CA that signs certificates of clients (PEM file); empty: none are asked for"},
    {"tls_client_certs", &C::tls_client_certs,
     "whether a client has to have one, where tls_client_ca is set", 0, 0, kClientCerts},
    {"service_user", &C::service_user, "user that PostgreSQL runs as when started by root"},
    {"postgres_bin_dir", &C::postgres_bin_dir, "folder of initdb and postgres; empty: the newest"},
    {"log_level", &C::log_level, "what is logged", 0, 0, kLogLevels},
    {"log_format", &C::log_format, "one line of text or one JSON object", 0, 0, kLogFormats},
    {"ingest_buffer_bytes", &C::ingest_buffer_bytes, "waveforms in memory, whole server", kMegabyte,
     1024 * kGigabyte},
    {"stream_buffer_bytes", &C::stream_buffer_bytes, "waveforms in memory, one stream", kMegabyte,
     1024 * kGigabyte},
    {"max_message_bytes", &C::max_message_bytes, "largest message taken", 64 * kKilobyte,
     kGigabyte},
    {"workers", &C::workers, "threads that extract features; 0: one per core", 0, 1024},
    {"writers", &C::writers,
     "threads that commit, with a connection each; 0: one for every four cores", 0, 64},
    {"job_threads", &C::job_threads,
     "threads that score history again, with three connections each; 0: one for every two cores", 0,
     256},
    {"job_share_percent", &C::job_share_percent,
     "of the time of such a thread, at least, while records come in; it leaves them the rest", 1,
     100},
    {"job_lease_s", &C::job_lease_s,
     "seconds after which others go on with the scoring that a dead server left", 1, 3600},
    {"database_connections", &C::database_connections, "connections for queries", 1, 1000},
    {"commit_records", &C::commit_records, "most records in one transaction", 1, 4096},
    {"baseline_cache_entries", &C::baseline_cache_entries, "baselines kept in memory", 1,
     10'000'000},
    {"raw_recent_s", &C::raw_recent_s, "how long all raw samples are kept, in seconds", 0,
     10 * kYear},
    {"shutdown_grace_s", &C::shutdown_grace_s, "time to finish calls at a stop, in seconds", 0,
     3600},
    {"allow_unsafe_database", &C::allow_unsafe_database,
     "accept a database with fsync off; for tests"},
};

struct SizeUnit {
  const char* name;
  int64_t bytes;
};
constexpr SizeUnit kSizeUnits[] = {{"GB", kGigabyte}, {"MB", kMegabyte}, {"KB", kKilobyte}};

std::optional<int64_t> ParseNumber(std::string text, bool is_size) {
  int64_t scale = 1;
  if (is_size) {
    absl::StripTrailingAsciiWhitespace(&text);
    absl::AsciiStrToUpper(&text);
    for (const SizeUnit& unit : kSizeUnits) {
      if (text.ends_with(unit.name)) {
        scale = unit.bytes;
        text.resize(text.size() - std::string_view(unit.name).size());
        break;
      }
    }
  }
  int64_t value = 0, scaled = 0;
  if (!absl::SimpleAtoi(text, &value) || __builtin_mul_overflow(value, scale, &scaled)) {
    return std::nullopt;
  }
  return scaled;
}

bool IsControl(char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }

std::optional<bool> ParseBool(const std::string& text) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower == "true" || lower == "yes" || lower == "on" || lower == "1") return true;
  if (lower == "false" || lower == "no" || lower == "off" || lower == "0") return false;
  return std::nullopt;
}

std::string FormatSize(int64_t bytes) {
  for (const SizeUnit& unit : kSizeUnits) {
    if (bytes >= unit.bytes && bytes % unit.bytes == 0) {
      return absl::StrCat(bytes / unit.bytes, unit.name);
    }
  }
  return absl::StrCat(bytes);
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const Setting> Settings() { return kSettings; }

const Setting* FindSetting(std::string_view key) {
  const auto found =
      std::ranges::find_if(kSettings, [&](const Setting& setting) { return setting.key == key; });
  return found == std::end(kSettings) ? nullptr : found;
}

std::string FlagOf(const Setting& setting) {
  return absl::StrCat("--", absl::StrReplaceAll(setting.key, {{"_", "-"}}));
}

std::string VariableOf(const Setting& setting) {
  return absl::StrCat("AUSCULT_", absl::AsciiStrToUpper(setting.key));
}

std::string ValueHint(const Setting& setting) {
  if (setting.is_flag()) return "true or false";
  if (setting.is_text()) {
    return setting.choices.empty() ? "text" : absl::StrJoin(setting.choices, ", ");
  }
  if (setting.is_size()) {
    return absl::StrCat(FormatSize(setting.min), " to ", FormatSize(setting.max));
  }
  return absl::StrCat(setting.min, " to ", setting.max);
}

absl::Status Apply(const Setting& setting, const std::string& text, const std::string& source,
                   Config& config) {
  const auto refuse = [&] {
    return absl::InvalidArgumentError(absl::StrCat(
        source, ": \"", text, "\" is not a value of ", setting.key, "; allowed: ",
        ValueHint(setting), setting.is_size() ? ", in bytes or with KB, MB, GB (of 1024)" : ""));
  };
  if (const auto* member = std::get_if<std::string Config::*>(&setting.member)) {
    // What a configuration file could not say is not taken from elsewhere either.
    if (!rest::IsUtf8(text) || std::ranges::any_of(text, IsControl)) {
      return absl::InvalidArgumentError(
          absl::StrCat(source, ": the value of ", setting.key, " is not one line of UTF-8 text"));
    }
    if (!setting.choices.empty() &&
        std::ranges::find(setting.choices, text) == setting.choices.end()) {
      return refuse();
    }
    config.*(*member) = text;
    return absl::OkStatus();
  }
  if (const auto* member = std::get_if<bool Config::*>(&setting.member)) {
    const std::optional<bool> value = ParseBool(text);
    if (!value) return refuse();
    config.*(*member) = *value;
    return absl::OkStatus();
  }
  const std::optional<int64_t> value = ParseNumber(text, setting.is_size());
  if (!value || *value < setting.min || *value > setting.max) return refuse();
  if (const auto* member = std::get_if<int Config::*>(&setting.member)) {
    config.*(*member) = static_cast<int>(*value);
  } else {
    config.*std::get<int64_t Config::*>(setting.member) = *value;
  }
  return absl::OkStatus();
}

std::string FormatValue(const Setting& setting, const Config& config) {
  if (const auto* member = std::get_if<std::string Config::*>(&setting.member)) {
    return Quoted(WithoutPassword(config.*(*member)));
  }
  if (const auto* member = std::get_if<bool Config::*>(&setting.member)) {
    return config.*(*member) ? "true" : "false";
  }
  if (const auto* member = std::get_if<int Config::*>(&setting.member)) {
    return absl::StrCat(config.*(*member));
  }
  const int64_t value = config.*std::get<int64_t Config::*>(setting.member);
  return setting.is_size() ? Quoted(FormatSize(value)) : absl::StrCat(value);
}

std::string Nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  size_t fewest = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const size_t edits = EditDistance(word, candidate);
    if (edits < fewest) {
      fewest = edits;
      best = candidate;
    }
  }
  return best;
}

}  // namespace auscult::server
