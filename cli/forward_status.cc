#include "cli/forward_status.h"

#include <fcntl.h>
#include <sys/file.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/durable_file.h"
#include "cli/health_text.h"
#include "cli/number_format.h"

namespace auscult::cli {
namespace {

struct StatusOptions {
  std::string spool;
  bool json = false;
};

std::string PathOf(const std::string& spool) { return spool + "/status.json"; }

bool IsRunning(const std::string& spool) {
  const FileDescriptor lock(open((spool + "/lock").c_str(), O_RDONLY | O_CLOEXEC));
  return lock.get() >= 0 && flock(lock.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::string Megabytes(const nlohmann::ordered_json& bytes) {
  return absl::StrFormat("%.1f MB", bytes.get<double>() / 1e6);
}

std::string TextOf(const nlohmann::ordered_json& json) {
  const auto count = [&](const char* name) { return ShownCount(json.at(name).get<int64_t>()); };
  const auto text = [&](const char* name) { return json.at(name).get<std::string>(); };
  std::string out = absl::StrCat(
      json.at("running").get<bool>() ? "running since " + text("since")
                                     : "not running; as it was at " + text("time"),
      "\nserver     ", text("server"),
      text("server_problem").empty() ? "" : "  " + text("server_problem"), "\nwaiting    ",
      count("backlog_records"), " records, ", Megabytes(json.at("backlog_bytes")), " (",
      Megabytes(json.at("disk_bytes")), " of ", Megabytes(json.at("limit_bytes")),
      json.at("full").get<bool>() ? ", full" : "", ")", ", oldest ",
      json.at("oldest_age_s").get<int64_t>(), " s\nanswered   ",
      text("last_answer").empty() ? "nothing yet" : text("last_answer"), "\ntaken      ",
      count("taken"), "\nstored     ", count("stored"), ", duplicate ", count("duplicate"),
      ", features only ", count("features_only"), "\nput aside  ", count("rejected"), " records, ",
      count("unreadable"), " unreadable, ", count("damaged"), " damaged; dropped ",
      count("dropped"), "\n");
  for (const auto& held : json.at("held")) {
    absl::StrAppend(&out, "refused    ", ShortName(held.at("point").get<std::string>()), ": ",
                    held.at("message").get<std::string>(), "; ",
                    held.at("remedy").get<std::string>(), "\n");
  }
  return out;
}

absl::Status Show(const StatusOptions& options, const Terminal& terminal) {
  std::ifstream file(PathOf(options.spool));
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(bytes, nullptr, false);
  if (!json.is_object()) {
    return absl::NotFoundError(
        absl::StrCat(options.spool, " is no spool that `auscult forward` has used"));
  }
  json["running"] = IsRunning(options.spool);
  if (options.json) {
    terminal.out << json.dump(2) << "\n";
    return absl::OkStatus();
  }
  try {
    terminal.out << TextOf(json);
  } catch (const nlohmann::json::exception&) {
    return absl::DataLossError(absl::StrCat(PathOf(options.spool), " is of another release"));
  }
  return absl::OkStatus();
}

}  // namespace

void WriteForwardStatus(const std::string& spool, const std::string& json) {
  const std::string path = PathOf(spool);
  const std::string fresh = path + ".new";
  bool whole = false;
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    whole = static_cast<bool>(file << json << std::flush);
  }
  if (whole) (void)std::rename(fresh.c_str(), path.c_str());
}

void AddForwardStatus(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* command = group.add_subcommand("status", "What waits in a spool, and what is wrong.");
  command->add_option("--spool", options->spool, "Folder of the spool")
      ->required()
      ->type_name("FOLDER");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &chosen] {
    chosen = [options](const Terminal& terminal) { return Show(*options, terminal); };
  });
}

}  // namespace auscult::cli
