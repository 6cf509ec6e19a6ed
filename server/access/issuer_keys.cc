#include "server/access/issuer_keys.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"
#include "server/access/http_fetch.h"
#include "server/concat.h"
#include "server/log.h"

namespace auscult::server {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr char kConfigurationPath[] = "/.well-known/openid-configuration";

bool IsUrl(const std::string& text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (file.bad() || text.empty()) {
    return absl::UnavailableError(Concat(path, " cannot be read or is empty"));
  }
  return text;
}

// Where the issuer says that its keys are (OpenID Connect Discovery 1.0, section 4).
absl::StatusOr<std::string> KeysUrlOf(const std::string& issuer) {
  const std::string url = Concat(std::string(absl::StripSuffix(issuer, "/")), kConfigurationPath);
  const absl::StatusOr<std::string> text = FetchUrl(url);
  if (!text.ok()) return text.status();
  const json configuration = json::parse(*text, nullptr, false);
  if (!configuration.is_object() || configuration.value("issuer", json()) != issuer) {
    return absl::UnavailableError(Concat(url, " is not the configuration of ", issuer));
  }
  const json keys = configuration.value("jwks_uri", json());
  if (!keys.is_string()) return absl::UnavailableError(Concat(url, " names no jwks_uri"));
  return keys.get<std::string>();
}

}  // namespace

IssuerKeys::IssuerKeys(Source source, Timing timing)
    : source_(std::move(source)), timing_(timing), next_fetch_(Clock::now()) {
  thread_ = std::thread([this] { Loop(); });
}

IssuerKeys::~IssuerKeys() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::shared_ptr<const IssuerKeys::Set> IssuerKeys::current() const {
  const std::lock_guard lock(mutex_);
  return set_;
}

bool IssuerKeys::AskForFresh() {
  {
    const std::lock_guard lock(mutex_);
    if (fetching_) return true;
    if (Clock::now() < earliest_fetch_) return false;
    next_fetch_ = Clock::now();
    fetching_ = true;
  }
  wake_.notify_all();
  return true;
}

void IssuerKeys::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (Clock::now() < next_fetch_) {
      wake_.wait_until(lock, next_fetch_);
      continue;
    }
    fetching_ = true;
    lock.unlock();
    Fetch();
    lock.lock();
    fetching_ = false;
  }
}

absl::StatusOr<std::string> IssuerKeys::Read() const {
  if (!source_.jwks.empty()) {
    return IsUrl(source_.jwks) ? FetchUrl(source_.jwks) : ReadFile(source_.jwks);
  }
  const absl::StatusOr<std::string> url = KeysUrlOf(source_.issuer);
  return url.ok() ? FetchUrl(*url) : url.status();
}

void IssuerKeys::Fetch() {
  absl::StatusOr<std::string> text = Read();
  absl::StatusOr<std::vector<JsonWebKey>> keys = text.ok() ? ParseKeySet(*text) : text.status();
  if (keys.ok() && keys->empty()) keys = absl::UnavailableError("no key of the set can be used");
  if (!keys.ok()) {
    LogWarning("the keys of the issuer of tokens could not be read",
               {{"issuer", source_.issuer}, {"status", keys.status().ToString()}});
  }
  const std::lock_guard lock(mutex_);
  earliest_fetch_ = Clock::now() + timing_.pause;
  next_fetch_ = keys.ok() ? Clock::now() + timing_.refresh : earliest_fetch_;
  if (!keys.ok() || set_->text == *text) return;
  set_ = std::make_shared<const Set>(
      Set{.number = set_->number + 1, .text = *std::move(text), .keys = *std::move(keys)});
}

}  // namespace auscult::server
