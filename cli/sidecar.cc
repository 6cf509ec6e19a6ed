#include "cli/sidecar.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/cell.h"
#include "cli/file_bytes.h"
#include "cli/nearest_name.h"

namespace auscult::cli {
namespace {

constexpr int64_t kMaxSidecarBytes = 1 << 20;

absl::Status Problem(const std::string& path, const YAML::Mark& mark, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ":", mark.line + 1, ":", mark.column + 1, ": ", std::string(what)));
}

// Reads the keys one by one; the first problem is kept.
class SidecarReader {
 public:
  explicit SidecarReader(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<Sidecar> Read(const YAML::Node& root) {
    if (!root.IsMap()) {
      return Problem(path_, root.Mark(),
                     "the description of raw samples is a map of keys, as in "
                     "\"encoding: int16_le\"");
    }
    for (const auto& item : root) {
      const std::string key = item.first.IsScalar() ? item.first.Scalar() : "";
      if (!seen_.insert(key).second)
        return Problem(path_, item.first.Mark(), "\"" + key + "\" stands twice");
      if (!TakeKey(key, item.second)) Fail(item.first, UnknownKey(key));
      if (!status_.ok()) return status_;
    }
    if (!seen_.contains("encoding")) {
      return Problem(path_, root.Mark(),
                     "\"encoding\" is missing; say int16_le, int32_le or float32_le");
    }
    return sidecar_;
  }

 private:
  bool TakeKey(const std::string& key, const YAML::Node& value) {
    if (key == "encoding") return TakeEncoding(value), true;
    if (key == "channels") return TakeChannels(value), true;
    if (key == "unit") return sidecar_.unit = Text(value), true;
    if (key == "start") return TakeStart(value), true;
    if (key == "rate_hz") return sidecar_.rate_hz = Number(value, 0, 1e9), true;
    if (key == "scale") return sidecar_.calibration.scale = Number(value, -1e30, 1e30), true;
    if (key == "offset") return sidecar_.calibration.offset = Number(value, -1e30, 1e30), true;
    if (key == "record_samples") return sidecar_.record_samples = Count(value), true;
    if (key == "records") return sidecar_.records = Count(value), true;
    if (key == "record_interval_s") {
      return sidecar_.record_interval_s = Number(value, 0, 1e9), true;
    }
    if (key == "speed_rpm")
      return sidecar_.speed_rpm = static_cast<float>(Number(value, 0, 1e6)), true;
    if (key == "load_percent") {
      return sidecar_.load_percent = static_cast<float>(Number(value, -1000, 1000)), true;
    }
    return false;
  }

  static std::string UnknownKey(const std::string& key) {
    static const std::vector<std::string> kKeys = {
        "encoding", "rate_hz",        "channels",          "scale", "offset",    "unit",
        "records",  "record_samples", "record_interval_s", "start", "speed_rpm", "load_percent"};
    const std::string nearest = NearestName(key, kKeys);
    return absl::StrCat("\"", key, "\" is not known",
                        nearest.empty() ? absl::StrCat("; known are ", absl::StrJoin(kKeys, ", "))
                                        : absl::StrCat("; did you mean \"", nearest, "\"?"));
  }

  void Fail(const YAML::Node& node, std::string_view what) {
    if (status_.ok()) status_ = Problem(path_, node.Mark(), what);
  }

  std::string Text(const YAML::Node& value) {
    if (value.IsScalar()) return value.Scalar();
    Fail(value, "expected one word here");
    return "";
  }

  double Number(const YAML::Node& value, double low, double high) {
    const std::optional<double> number = ParseNumber(Text(value));
    if (number && *number >= low && *number <= high) return *number;
    Fail(value, absl::StrCat("\"", Text(value), "\" is not a number from ", low, " to ", high));
    return 0;
  }

  int64_t Count(const YAML::Node& value) {
    const double number = Number(value, 1, 1e12);
    if (number != std::floor(number)) Fail(value, "expected a whole number");
    return static_cast<int64_t>(number);
  }

  void TakeEncoding(const YAML::Node& value) {
    const std::string name = Text(value);
    if (const std::optional<features::Encoding> encoding = ParseEncoding(name)) {
      sidecar_.encoding = *encoding;
    } else {
      Fail(value, absl::StrCat("encoding \"", name,
                               "\" is not known; use int16_le, int32_le or float32_le"));
    }
  }

  void TakeChannels(const YAML::Node& value) {
    sidecar_.channels.clear();
    if (value.IsScalar() && ParseNumber(value.Scalar())) {
      const int64_t count = Count(value);
      if (count > 64) return Fail(value, "at most 64 channels");
      for (int64_t i = 1; i <= count; ++i) {
        sidecar_.channels.push_back(count == 1 ? "" : absl::StrCat(i));
      }
    } else if (value.IsSequence() && value.size() > 0 && value.size() <= 64) {
      for (const auto& name : value) sidecar_.channels.push_back(Text(name));
    } else {
      Fail(value, "expected the names of 1 to 64 channels in brackets, or their number");
    }
  }

  void TakeStart(const YAML::Node& value) {
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, Text(value), &time, &error)) {
      return Fail(value, "expected a time like 2010-12-01T06:00:00Z");
    }
    sidecar_.start = time;
  }

  const std::string path_;
  Sidecar sidecar_;
  std::set<std::string> seen_;
  absl::Status status_;
};

}  // namespace

std::optional<features::Encoding> ParseEncoding(std::string_view name) {
  if (name == "int16_le" || name == "int16") return features::Encoding::kInt16Le;
  if (name == "int32_le" || name == "int32") return features::Encoding::kInt32Le;
  if (name == "float32_le" || name == "float32") return features::Encoding::kFloat32Le;
  return std::nullopt;
}

absl::StatusOr<Sidecar> ReadSidecar(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFileBytes(path, kMaxSidecarBytes);
  if (!text.ok()) return text.status();
  try {
    return SidecarReader(path).Read(YAML::Load(*text));
  } catch (const YAML::Exception& error) {
    return Problem(path, error.mark, error.msg);
  }
}

std::string FindSidecar(const std::string& path) {
  std::string stem = path;
  while (true) {
    for (const char* ending : {".json", ".yaml", ".yml"}) {
      std::error_code error;
      if (std::filesystem::is_regular_file(stem + ending, error)) return stem + ending;
    }
    const std::filesystem::path shorter = std::filesystem::path(stem).replace_extension();
    if (shorter == stem || shorter.filename().empty()) return "";
    stem = shorter.string();
  }
}

}  // namespace auscult::cli
