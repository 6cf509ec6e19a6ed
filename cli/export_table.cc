#include "cli/export_table.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "cli/health_text.h"
#include "cli/number_format.h"
#include "features/feature_set.h"

namespace auscult::cli {
namespace {

std::string RfcTime(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", TimeOf(time), absl::UTCTimeZone());
}

// "H/" of "H/kurtosis", "" where the channel has no name.
std::string ChannelOf(const std::string& name) {
  const size_t slash = name.rfind('/');
  return slash == std::string::npos ? "" : name.substr(0, slash + 1);
}

std::string Number(float value) {
  return std::isfinite(value) ? absl::StrFormat("%.9g", Shortest(value)) : "";
}

}  // namespace

std::string CsvCell(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

absl::Status ExportTable::Begin(const std::vector<std::string>& names,
                                const v1::ExportedRecord& record, std::ostream& out) {
  const auto sets = features::FeatureSets();
  const auto set = std::find_if(sets.begin(), sets.end(), [&](const features::FeatureSet& known) {
    return known.name == record.feature_set();
  });
  if (set == sets.end() || names.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("this release does not know the feature set \"", record.feature_set(),
                     "\"; use the auscult of the server's release"));
  }
  std::vector<std::string> channels;
  for (const std::string& name : names) {
    const std::string channel = ChannelOf(name);
    if (channels.empty() || channels.back() != channel) channels.push_back(channel);
  }
  for (const std::string& channel : channels) {
    for (const features::FeatureDefinition& feature :
         features::NewestFeatureSet(set->signal).features) {
      columns_.push_back(absl::StrCat(channel, std::string(feature.name)));
    }
  }
  out << "point,time,feature_set,quality,speed_rpm,load_percent,condition,health,severity,verdict,"
         "confidence,zone";
  for (const std::string& column : columns_) out << "," << CsvCell(column);
  out << "\n";
  return absl::OkStatus();
}

absl::Status ExportTable::Add(const std::string& point, const std::vector<std::string>& names,
                              const v1::ExportedRecord& record, std::ostream& out) {
  if (columns_.empty()) {
    if (absl::Status status = Begin(names, record, out); !status.ok()) return status;
  }
  std::map<std::string, float> values;
  for (int i = 0; i < record.features_size() && static_cast<size_t>(i) < names.size(); ++i) {
    values.emplace(names[static_cast<size_t>(i)], record.features(i));
  }
  const auto optional = [](bool has, float value) { return has ? Number(value) : ""; };
  out << CsvCell(ShortName(point)) << "," << RfcTime(record.measured_at()) << ","
      << record.feature_set() << "," << CsvCell(absl::StrJoin(record.quality(), " ")) << ","
      << optional(record.has_speed_rpm(), record.speed_rpm()) << ","
      << optional(record.has_load_percent(), record.load_percent()) << ","
      << ConditionText(record.condition()) << "," << optional(record.has_health(), record.health())
      << "," << optional(record.has_severity(), record.severity()) << ","
      << FaultText(record.verdict()) << "," << Number(record.confidence()) << ","
      << ZoneText(record.zone());
  for (const std::string& column : columns_) {
    out << ",";
    const auto value = values.find(column);
    if (value == values.end()) continue;
    out << Number(value->second);
    values.erase(value);
  }
  out << "\n";
  if (values.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      point, " has features that the points before it have not (", values.begin()->first,
      "); export points of different kinds into files of their own"));
}

}  // namespace auscult::cli
