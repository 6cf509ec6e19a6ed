#include "server/plant_check.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/ascii.h"
#include "features/feature_set.h"
#include "features/units.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/machine_check.h"
#include "server/names.h"

namespace auscult::server {
namespace {

constexpr size_t kMaxTextBytes = 200;
constexpr size_t kMaxCommentBytes = 4000;
constexpr size_t kMaxChannelIdBytes = 32;
constexpr int kMaxChannels = 16;
constexpr Range kSampleRateHz = {1, 1e8};
constexpr Range kStaleAfterS = {0, 10.0 * 366 * 86400};
// A rate of 0 would say that no alarm may ever be wrong: no threshold does that.
constexpr Range kFalseAlarmsPerPointYear = {0.001f, 100};
constexpr Range kAlarmsPerWeek = {0.01f, 10000};
constexpr const char* kZoneInfo = "/usr/share/zoneinfo";

bool LooksLikeTimeZone(std::string_view zone) {
  if (zone.size() > 64 || zone.front() == '/' || zone.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(zone.begin(), zone.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '_' || c == '-' ||
           c == '+';
  });
}

// The files of the system's zone database begin with "TZif"; the folder holds lists too.
bool IsTimeZone(const std::string& zone) {
  if (!LooksLikeTimeZone(zone)) return false;
  std::error_code error;
  if (!std::filesystem::is_directory(kZoneInfo, error)) return true;
  const std::filesystem::path path = std::filesystem::path(kZoneInfo) / zone;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  char magic[4] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof(magic));
  return std::string_view(magic, sizeof(magic)) == "TZif";
}

absl::Status CheckChannelId(const v1::Channel& channel, bool alone, std::set<std::string>& seen,
                            const std::string& field) {
  const std::string& id = channel.id();
  if (id.empty() && !alone) {
    return BadField("NO_CHANNEL_ID", field, "the channel has no id",
                    "name each channel of a point that has several: \"H\", \"V\", \"L1\"");
  }
  const bool usable = std::all_of(id.begin(), id.end(), [](char c) {
    return c != '/' && !absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (!usable || id.size() > kMaxChannelIdBytes) {
    return BadField("BAD_CHANNEL_ID", field, Concat("the channel id is ", Quoted(id)),
                    Concat("use at most ", kMaxChannelIdBytes,
                           " bytes without slashes and control characters"));
  }
  if (seen.insert(id).second) return absl::OkStatus();
  return BadField("DUPLICATE_CHANNEL", field, Concat("two channels are named ", Quoted(id)),
                  "give each channel of a point its own id");
}

absl::Status CheckUnit(const v1::Channel& channel, const std::string& field) {
  const auto quantity = static_cast<features::Quantity>(channel.quantity());
  if (channel.unit().empty()) return absl::OkStatus();
  const absl::StatusOr<features::Unit> unit = features::ParseUnit(channel.unit());
  if (!unit.ok()) {
    return BadField("UNKNOWN_UNIT", field, Concat("unit ", Quoted(channel.unit()), " is not known"),
                    "use g, m/s2, mm/s, in/s, um, mil, A, mA, V, ...; docs/api.md lists them all");
  }
  if (unit->quantity == quantity) return absl::OkStatus();
  return BadField(
      "UNIT_MISMATCH", field,
      Concat(unit->symbol, " is a unit of ", features::QuantityName(unit->quantity),
             ", the channel measures ", features::QuantityName(quantity)),
      Concat("change the quantity, or give a unit of it such as ", features::SiUnit(quantity)));
}

// `allowed`: of the control characters.
absl::Status CheckWriting(std::string_view text, size_t max_bytes, std::string_view allowed,
                          const std::string& plainly, const std::string& field) {
  if (text.size() > max_bytes) {
    return BadField("TEXT_TOO_LONG", field, Concat("the text has ", text.size(), " bytes"),
                    Concat("use at most ", max_bytes, " bytes"));
  }
  const bool plain = std::none_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c)) &&
           allowed.find(c) == std::string_view::npos;
  });
  if (plain) return absl::OkStatus();
  return BadField("CONTROL_CHARACTER", field,
                  Concat("the text ", Quoted(text), " holds a control character"), plainly);
}

absl::Status CheckRates(const v1::Site& site, const std::string& field) {
  absl::Status status;
  if (site.has_false_alarms_per_point_year()) {
    status = CheckNumber(site.false_alarms_per_point_year(), kFalseAlarmsPerPointYear, "a year",
                         field + ".false_alarms_per_point_year");
  }
  if (status.ok() && site.has_alarm_budget_per_week()) {
    status = CheckNumber(site.alarm_budget_per_week(), kAlarmsPerWeek, "a week",
                         field + ".alarm_budget_per_week");
  }
  return status;
}

}  // namespace

absl::Status CheckSite(const v1::Site& site, const std::string& field) {
  if (absl::Status status = CheckText(site.display_name(), field + ".display_name"); !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckRates(site, field); !status.ok()) return status;
  return CheckTimeZone(site.time_zone(), field + ".time_zone");
}

absl::Status CheckTimeZone(const std::string& zone, const std::string& field) {
  if (zone.empty() || IsTimeZone(zone)) return absl::OkStatus();
  return BadField("UNKNOWN_TIME_ZONE", field, Concat("time zone ", Quoted(zone), " is not known"),
                  "use an IANA name such as Europe/Berlin, or leave it empty");
}

absl::Status CheckAsset(const v1::Asset& asset, std::string_view site, const SiteBearings& bearings,
                        const std::string& field) {
  if (absl::Status status = CheckText(asset.display_name(), field + ".display_name");
      !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckText(asset.kind(), field + ".kind"); !status.ok()) return status;
  if (!asset.parent_asset().empty()) {
    const std::string path = field + ".parent_asset";
    const absl::StatusOr<AssetName> parent = ParseAssetName(asset.parent_asset(), false, path);
    if (!parent.ok()) return parent.status();
    if (parent->site != site) {
      return BadField("OTHER_SITE", path,
                      Concat(Quoted(asset.parent_asset()), " belongs to another site"),
                      "an asset and its parent stand in one site");
    }
  }
  return CheckMachine(asset.machine(), site, bearings, field + ".machine");
}

absl::Status CheckChannels(const v1::Point& point, const std::string& field) {
  const int count = point.channels_size();
  if (count < 1 || count > kMaxChannels) {
    return BadField("CHANNEL_COUNT", field, Concat("the point has ", count, " channels"),
                    Concat("give 1 to ", kMaxChannels, " channels"));
  }
  std::set<std::string> seen;
  for (int i = 0; i < count; ++i) {
    const v1::Channel& channel = point.channels(i);
    const std::string path = Concat(field, "[", i, "]");
    if (absl::Status status = CheckChannelId(channel, count == 1, seen, path + ".id");
        !status.ok()) {
      return status;
    }
    if (channel.quantity() == v1::QUANTITY_UNSPECIFIED ||
        !v1::Quantity_IsValid(channel.quantity())) {
      return BadField("UNKNOWN_QUANTITY", path + ".quantity",
                      Concat("quantity is ", static_cast<int>(channel.quantity())),
                      "use QUANTITY_ACCELERATION, QUANTITY_VELOCITY, QUANTITY_DISPLACEMENT, "
                      "QUANTITY_CURRENT, QUANTITY_VOLTAGE or QUANTITY_TACHOMETER");
    }
    if (absl::Status status = CheckUnit(channel, path + ".unit"); !status.ok()) return status;
    const auto set_of = [](const v1::Channel& c) {
      return features::FeatureSetFor(static_cast<features::Quantity>(c.quantity()));
    };
    if (channel.quantity() == v1::QUANTITY_TACHOMETER) {
      if (i > 0) continue;
      return BadField("TACHOMETER_FIRST", path + ".quantity",
                      "the first channel of the point is a tachometer",
                      "put the vibration or current that it belongs to before it");
    }
    if (set_of(channel) != set_of(point.channels(0))) {
      return BadField("MIXED_CHANNELS", path + ".quantity",
                      "vibration and electrical channels stand in one point",
                      "make a point of its own for each kind");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPoint(const v1::Point& point, const std::string& field) {
  absl::Status status = CheckText(point.display_name(), field + ".display_name");
  if (status.ok()) status = CheckChannels(point, field + ".channels");
  if (status.ok() && point.sample_rate_hz() != 0) {
    status = CheckNumber(point.sample_rate_hz(), kSampleRateHz, "Hz", field + ".sample_rate_hz");
  }
  if (status.ok()) {
    status = CheckNumber(static_cast<double>(point.stale_after_s()), kStaleAfterS, "s",
                         field + ".stale_after_s");
  }
  return status;
}

absl::Status CheckText(std::string_view text, const std::string& field) {
  return CheckWriting(text, kMaxTextBytes, "", "send one line of plain text", field);
}

absl::Status CheckComment(std::string_view text, const std::string& field) {
  return CheckWriting(text, kMaxCommentBytes, "\n\t", "send plain text", field);
}

absl::Status CheckNumber(double value, Range range, std::string_view unit,
                         const std::string& field) {
  const std::string_view space = unit.empty() ? "" : " ";
  const std::string remedy = Concat("send ", range.low, " to ", range.high, space, unit,
                                    "; what is not known is left out");
  if (!std::isfinite(value)) {
    return BadField("NOT_FINITE", field, Concat(field, " is not a finite number"), remedy);
  }
  if (value >= range.low && value <= range.high) return absl::OkStatus();
  return BadField("OUT_OF_RANGE", field, Concat(field, " is ", value, space, unit), remedy);
}

absl::Status BadField(std::string_view reason, const std::string& field, const std::string& message,
                      const std::string& remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument,
                   {.reason = reason, .message = message, .remedy = remedy, .field = field});
}

}  // namespace auscult::server
