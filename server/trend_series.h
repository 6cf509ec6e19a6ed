#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "db/trend_query.h"
#include "features/feature_set.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "server/trend_sources.h"

namespace auscult::server {

// A series of a point as it was asked for: what to read, and its unit ("" for a plain number).
struct PointSeries {
  db::TrendSelection selection;
  std::string unit;
};

// "health", "severity", "{feature}" (of the first channel) or "{channel}/{feature}" of a point,
// with the features of the newest set of its signal. INVALID_ARGUMENT (UNKNOWN_SERIES) lists the
// names that come closest.
absl::StatusOr<PointSeries> FindPointSeries(std::string_view name, const TrendSource& point,
                                            const std::string& field);

// The series of a point that a request names, side by side: health with none, with "*" health,
// severity and every feature of every channel.
struct WantedSeries {
  std::vector<std::string> names, units;
  std::vector<db::TrendSelection> selections;
  absl::Status first_unknown;  // the first that the point does not have, if any
};
// One that the point does not have is refused with `strict`, else left out.
absl::StatusOr<WantedSeries> FindAllSeries(
    const google::protobuf::RepeatedPtrField<std::string>& series, const TrendSource& point,
    bool strict);

// INVALID_ARGUMENT unless `name` is one of `known`, the readings of an asset.
absl::Status CheckReadingName(std::string_view name, const std::vector<std::string>& known,
                              const std::string& field);

// The unit that stands last in the name of a reading: "°C" of "temperature_c", "" where the name
// ends in no unit that is known.
std::string ReadingUnit(std::string_view quantity);

// At most `count` of `known`, those that differ least from `name` first.
std::vector<std::string> ClosestNames(std::string_view name, std::vector<std::string> known,
                                      size_t count);

}  // namespace auscult::server
