#include "server/log.h"

#include <grpc/support/log.h>
#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"

namespace auscult::server {
namespace {

// Fields travel inside spdlog's payload, each behind this sign, name and value parted by the other.
constexpr char kFieldSign = '\x1e', kValueSign = '\x1f';

struct Line {
  std::string message;
  LogFields fields;
};

Line Split(std::string_view payload) {
  Line line;
  size_t end = std::min(payload.find(kFieldSign), payload.size());
  line.message = payload.substr(0, end);
  while (end < payload.size()) {
    const size_t start = end + 1;
    end = std::min(payload.find(kFieldSign, start), payload.size());
    const std::string_view field = payload.substr(start, end - start);
    const size_t parting = std::min(field.find(kValueSign), field.size());
    line.fields.emplace_back(field.substr(0, parting),
                             field.substr(std::min(parting + 1, field.size())));
  }
  return line;
}

const char* NameOf(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::debug:
      return "debug";
    case spdlog::level::warn:
      return "warn";
    case spdlog::level::err:
      return "error";
    default:
      return "info";
  }
}

std::string OneLine(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\n", "\\n"}, {"\r", "\\r"}});
}

std::string TextLine(const std::string& time, const char* level, const Line& line) {
  std::string text = absl::StrFormat("%s %-5s %s", time, level, OneLine(line.message));
  for (const auto& [name, value] : line.fields) {
    const bool plain = !value.empty() && value.find_first_of(" \t\n\r\"=") == std::string::npos;
    absl::StrAppend(&text, " ", name, "=");
    absl::StrAppend(&text, plain ? value : absl::StrCat("\"", OneLine(value), "\""));
  }
  return text;
}

std::string JsonLine(const std::string& time, const char* level, const Line& line) {
  nlohmann::ordered_json object = {{"time", time}, {"level", level}, {"message", line.message}};
  for (const auto& [name, value] : line.fields) object[name] = value;
  // Bytes that are no UTF-8 must not lose the line.
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class LineFormatter : public spdlog::formatter {
 public:
  explicit LineFormatter(bool json) : json_(json) {}
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ",
                                              absl::FromChrono(message.time), absl::UTCTimeZone());
    const Line line = Split({message.payload.data(), message.payload.size()});
    const std::string text = json_ ? JsonLine(time, NameOf(message.level), line)
                                   : TextLine(time, NameOf(message.level), line);
    out.append(text.data(), text.data() + text.size());
    out.push_back('\n');
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>(json_);
  }

 private:
  const bool json_;
};

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("auscultd",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_formatter(std::make_unique<LineFormatter>(false));
    return made;
  }();
  return *logger;
}

void TakeGrpcWords(gpr_log_func_args* args) {
  const char* slash = std::strrchr(args->file, '/');
  const std::string where =
      absl::StrCat(slash == nullptr ? args->file : slash + 1, ":", args->line);
  const LogFields fields = {{"grpc", where}};
  if (args->severity == GPR_LOG_SEVERITY_ERROR) {
    LogWarning(args->message, fields);
  } else {
    LogDebug(args->message, fields);
  }
}

void Write(spdlog::level::level_enum level, const std::string& message, const LogFields& fields) {
  if (!Logger().should_log(level)) return;
  std::string payload = message;
  for (const auto& [name, value] : fields) {
    payload.append(1, kFieldSign).append(name).append(1, kValueSign).append(value);
  }
  Logger().log(level, spdlog::string_view_t(payload));
}

}  // namespace

absl::Status SetUpLog(const std::string& level, const std::string& format) {
  const auto wanted = spdlog::level::from_str(level);
  if (wanted == spdlog::level::off && level != "off") {
    return absl::InvalidArgumentError(
        absl::StrCat("log_level \"", level, "\" is not one of debug, info, warn, error, off"));
  }
  Logger().set_formatter(std::make_unique<LineFormatter>(format == "json"));
  Logger().set_level(wanted);
  gpr_set_log_function(TakeGrpcWords);
  return absl::OkStatus();
}

void LogDebug(const std::string& message, const LogFields& fields) {
  Write(spdlog::level::debug, message, fields);
}
void LogInfo(const std::string& message, const LogFields& fields) {
  Write(spdlog::level::info, message, fields);
}
void LogWarning(const std::string& message, const LogFields& fields) {
  Write(spdlog::level::warn, message, fields);
}
void LogError(const std::string& message, const LogFields& fields) {
  Write(spdlog::level::err, message, fields);
}

}  // namespace auscult::server
