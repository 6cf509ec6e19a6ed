#include "server/record_check.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "server/content_hash.h"
#include "server/errors.h"

namespace auscult::server {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kFutureToleranceUs = 300 * kMicrosPerSecond;
constexpr int64_t kYear1990Us = 631'152'000 * kMicrosPerSecond;
constexpr int kMaxOtherConditions = 64;
constexpr size_t kMaxQuantityName = 63;

absl::Status Invalid(std::string_view reason, const std::string& place, const std::string& field,
                     std::string message, std::string remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument, {.reason = reason,
                                                        .message = std::move(message),
                                                        .remedy = std::move(remedy),
                                                        .field = absl::StrCat(place, ".", field)});
}

std::string TimeText(int64_t us) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(us), absl::UTCTimeZone());
}

// Shortest text that reads back as the same number.
std::string NumberText(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof(text), value).ptr);
}

absl::StatusOr<std::string> OtherConditions(const v1::Conditions& conditions,
                                            const std::string& place) {
  if (conditions.others_size() > kMaxOtherConditions) {
    return Invalid("BAD_CONDITION", place, "conditions.others",
                   absl::StrCat("the record has ", conditions.others_size(), " other conditions"),
                   absl::StrCat("send at most ", kMaxOtherConditions));
  }
  const std::map<std::string_view, double> sorted(conditions.others().begin(),
                                                  conditions.others().end());
  std::string json;
  for (const auto& [name, value] : sorted) {
    if (!IsQuantityName(name) || !std::isfinite(value)) {
      return Invalid("BAD_CONDITION", place, "conditions.others",
                     absl::StrFormat("condition \"%s\" is %g", name.substr(0, 64), value),
                     "name it with 1 to 63 of a-z, 0-9 and _, and send a finite number");
    }
    absl::StrAppend(&json, json.empty() ? "{\"" : ",\"", std::string(name),
                    "\":", NumberText(value));
  }
  if (!json.empty()) json += '}';
  return json;
}

std::optional<features::QualityFlags> FlagNamed(std::string_view name) {
  for (const features::QualityText& text : features::Describe(~features::QualityFlags{0})) {
    if (text.name == name) return features::Bit(text.flag);
  }
  return std::nullopt;
}

absl::StatusOr<features::QualityFlags> CheckQuality(const v1::FeatureRecord& sent,
                                                    const std::string& place) {
  features::QualityFlags flags = 0;
  for (const std::string& name : sent.quality()) {
    const std::optional<features::QualityFlags> flag = FlagNamed(name);
    if (!flag) {
      return Invalid("UNKNOWN_QUALITY", place, "quality",
                     absl::StrCat("\"", name.substr(0, 64), "\" is no quality flag"),
                     "send the names that the extraction of this release gives");
    }
    flags |= *flag;
  }
  // Whether a record comes late is for the server to say.
  return flags & ~features::Bit(features::QualityFlag::kLate);
}

absl::StatusOr<const features::FeatureSet*> CheckSet(const v1::FeatureRecord& sent,
                                                     const DirectoryEntry& entry,
                                                     const std::string& place) {
  const features::Signal signal = features::SignalOf(entry.channels[0].quantity);
  const auto sets = features::FeatureSets();
  const auto set = std::find_if(sets.begin(), sets.end(), [&](const features::FeatureSet& known) {
    return known.signal == signal && known.name == sent.feature_set();
  });
  if (set == sets.end()) {
    return Invalid("FEATURE_SET_MISMATCH", place, "feature_set",
                   absl::StrCat("feature set \"", sent.feature_set().substr(0, 64),
                                "\" is not that of the point ", entry.name),
                   absl::StrCat("send \"", std::string(features::NewestFeatureSet(signal).name),
                                "\", or an older set of that signal"));
  }
  const size_t expected = set->features.size() * entry.channels.size();
  if (static_cast<size_t>(sent.values_size()) != expected) {
    return Invalid("VALUE_COUNT", place, "values",
                   absl::StrCat("the record has ", sent.values_size(), " values"),
                   absl::StrCat("send ", expected, ": ", set->features.size(), " for each of ",
                                entry.channels.size(), " channels, NaN where not computed"));
  }
  for (int i = 0; i < sent.values_size(); ++i) {
    if (std::isinf(sent.values(i))) {
      return Invalid("NOT_FINITE", place, absl::StrCat("values[", i, "]"),
                     absl::StrCat("value ", i, " is infinite"),
                     "send a number, or NaN where the feature could not be computed");
    }
  }
  return &*set;
}

std::string HashOf(const v1::FeatureRecord& sent, features::QualityFlags quality,
                   const CheckedConditions& conditions) {
  ContentHash hash("features/1");
  hash.AddOctets(sent.feature_set());
  hash.AddInteger(static_cast<uint64_t>(sent.values_size()));
  for (const float value : sent.values()) hash.AddReal(value);
  hash.AddReal(conditions.running.speed_rpm);
  hash.AddReal(conditions.running.load_percent);
  hash.AddOctets(conditions.others);
  hash.AddInteger(quality);
  return hash.Digest();
}

}  // namespace

absl::StatusOr<int64_t> CheckMeasuredAt(const google::protobuf::Timestamp* measured_at,
                                        int64_t now_us, const std::string& place) {
  if (measured_at == nullptr) {
    return Invalid("MISSING_TIME", place, "measured_at", "measured_at is missing",
                   "send the time of the first sample");
  }
  constexpr int64_t kYear1Seconds = -62'135'596'800, kYear9999Seconds = 253'402'300'799;
  if (measured_at->seconds() < kYear1Seconds || measured_at->seconds() > kYear9999Seconds ||
      measured_at->nanos() < 0 || measured_at->nanos() > 999'999'999) {
    return Invalid("BAD_TIME", place, "measured_at",
                   absl::StrCat("measured_at has ", measured_at->seconds(), " seconds and ",
                                measured_at->nanos(), " nanos"),
                   "send seconds of the years 1 to 9999 and nanos from 0 to 999999999");
  }
  const int64_t us = measured_at->seconds() * kMicrosPerSecond + measured_at->nanos() / 1000;
  if (us < kYear1990Us) {
    return Invalid("ANCIENT_TIME", place, "measured_at",
                   absl::StrCat("measured_at is ", TimeText(us)),
                   "set the clock of the device; records from before 1990 are not taken");
  }
  if (us > now_us + kFutureToleranceUs) {
    return Invalid("FUTURE_TIME", place, "measured_at",
                   absl::StrCat("measured_at is ", TimeText(us), ", but the server's clock shows ",
                                TimeText(now_us)),
                   "correct the clock of the device; up to 5 minutes ahead are taken");
  }
  return us;
}

absl::StatusOr<CheckedConditions> CheckConditions(const v1::Conditions& conditions,
                                                  const std::string& place) {
  CheckedConditions checked;
  if (conditions.has_speed_rpm()) {
    const float speed_rpm = conditions.speed_rpm();
    if (!(speed_rpm >= 0 && speed_rpm <= features::Waveform::kMaxSpeedRpm)) {
      return Invalid("BAD_SPEED", place, "conditions.speed_rpm",
                     absl::StrFormat("speed_rpm is %g", speed_rpm),
                     absl::StrFormat("send the speed without its direction, 0 to %g, or leave it "
                                     "out where it is not known",
                                     features::Waveform::kMaxSpeedRpm));
    }
    checked.running.speed_rpm = speed_rpm;
  }
  if (conditions.has_load_percent()) {
    const float load_percent = conditions.load_percent();
    if (!(std::abs(load_percent) <= features::Waveform::kMaxLoadPercent)) {
      return Invalid("BAD_LOAD", place, "conditions.load_percent",
                     absl::StrFormat("load_percent is %g", load_percent),
                     absl::StrFormat("send the load in percent of the rated one, within +-%g, or "
                                     "leave it out where it is not known",
                                     features::Waveform::kMaxLoadPercent));
    }
    checked.running.load_percent = load_percent;
  }
  absl::StatusOr<std::string> others = OtherConditions(conditions, place);
  if (!others.ok()) return others.status();
  checked.others = *std::move(others);
  return checked;
}

std::string JsonOf(const CheckedConditions& conditions) {
  std::string json = "{";
  const auto add = [&json](std::string_view name, const std::string& value) {
    absl::StrAppend(&json, json.size() > 1 ? ",\"" : "\"", std::string(name), "\":", value);
  };
  const features::Conditions& running = conditions.running;
  if (!std::isnan(running.speed_rpm)) {
    add("speed_rpm", NumberText(static_cast<double>(running.speed_rpm)));
  }
  if (!std::isnan(running.load_percent)) {
    add("load_percent", NumberText(static_cast<double>(running.load_percent)));
  }
  if (!conditions.others.empty()) add("others", conditions.others);
  return json + "}";
}

bool IsQuantityName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxQuantityName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

db::Record RecordOf(const DirectoryEntry& entry) {
  db::Record record;
  record.site_id = entry.site_id;
  record.asset_id = entry.asset_id;
  record.point_id = entry.point_id;
  record.machine = entry.machine;
  record.limits = entry.limits;
  for (const DirectoryEntry::Channel& channel : entry.channels) {
    record.channel_ids.push_back(channel.id);
  }
  record.keep_raw_every = entry.keep_raw_every;
  record.false_alarms_per_point_year = entry.false_alarms_per_point_year;
  return record;
}

absl::StatusOr<db::Record> RecordOfFeatures(const v1::FeatureRecord& sent,
                                            const DirectoryEntry& entry, int64_t now_us,
                                            const std::string& place) {
  const absl::StatusOr<int64_t> measured_at_us =
      CheckMeasuredAt(sent.has_measured_at() ? &sent.measured_at() : nullptr, now_us, place);
  if (!measured_at_us.ok()) return measured_at_us.status();
  absl::StatusOr<CheckedConditions> conditions = CheckConditions(sent.conditions(), place);
  if (!conditions.ok()) return conditions.status();
  const absl::StatusOr<const features::FeatureSet*> set = CheckSet(sent, entry, place);
  if (!set.ok()) return set.status();
  const absl::StatusOr<features::QualityFlags> quality = CheckQuality(sent, place);
  if (!quality.ok()) return quality.status();

  db::Record record = RecordOf(entry);
  record.measured_at_us = *measured_at_us;
  record.source = db::Source::kEdgeFeatures;
  record.content_hash = HashOf(sent, *quality, *conditions);
  record.features.set_id = (*set)->id;
  record.features.channel_count = static_cast<int>(entry.channels.size());
  record.features.values.assign(sent.values().begin(), sent.values().end());
  features::BringToNewestSet(record.features);
  record.features.quality = *quality;
  record.features.speed_rpm = conditions->running.speed_rpm;
  record.features.load_percent = conditions->running.load_percent;
  record.conditions = std::move(conditions->others);
  return record;
}

}  // namespace auscult::server
