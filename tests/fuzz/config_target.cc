#include "tests/fuzz/config_target.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "server/config.h"
#include "server/conninfo.h"
#include "server/settings.h"
#include "tests/fuzz/memory_file.h"

namespace auscult::fuzz {
namespace {

using server::Invocation;

absl::StatusOr<Invocation> Parse(const std::vector<std::string>& flags,
                                 const std::vector<std::string>& environment) {
  std::vector<const char*> argv = {"auscultd"};
  for (const std::string& flag : flags) argv.push_back(flag.c_str());
  return server::ParseInvocation(static_cast<int>(argv.size()), argv.data(), environment);
}

// What is printed to be in force is a file that says the same, but for passwords.
void CheckEffective(const Invocation& invocation, MemoryFile& file) {
  file.Set(invocation.effective);
  const auto again = Parse({"--config", file.path()}, {"HOME=/tmp"});
  for (const server::Setting& setting : server::Settings()) {
    if (again.ok() &&
        FormatValue(setting, again->config) != FormatValue(setting, invocation.config)) {
      std::fprintf(stderr, "%s\n", setting.key);
      std::abort();
    }
  }
  if (again.ok()) return;
  std::fprintf(stderr, "%s\n%s\n", invocation.effective.c_str(), again.status().ToString().c_str());
  std::abort();
}

}  // namespace

void TryConfig(std::string_view bytes) {
  static MemoryFile file, effective;
  std::vector<std::string> flags, environment = {"HOME=/tmp"};
  const size_t end = std::min(bytes.size(), bytes.find('\0'));
  file.Set(bytes.substr(0, end));
  for (size_t at = end; at < bytes.size();) {
    const size_t next = std::min(bytes.size(), bytes.find('\0', at + 1));
    const std::string word(bytes.substr(at + 1, next - at - 1));
    // Another file would be one of this machine.
    if (word.find("onfig") == std::string::npos && word.find("ONFIG") == std::string::npos) {
      (word.starts_with('-') ? flags : environment).push_back(word);
    }
    at = next;
  }
  environment.push_back("AUSCULT_CONFIG=" + file.path());
  const auto invocation = Parse(flags, environment);
  if (!invocation.ok()) {
    if (invocation.status().message().empty()) std::abort();
    return;
  }
  const bool is_whole = !invocation->show_help && !invocation->show_version;
  if (is_whole && !server::HoldsPassword(invocation->config.database)) {
    CheckEffective(*invocation, effective);
  }
}

}  // namespace auscult::fuzz
