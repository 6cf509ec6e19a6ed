#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "auscult/v1/resources.pb.h"
#include "server/plant_rows.h"

namespace auscult::server {

// What a site, an asset and a point may hold. Each answers INVALID_ARGUMENT with the path of the
// first field that is wrong, below `field` ("point", "plant.points[3]"), and what to send instead.
// Names are checked where they are parsed; that a parent exists, where it is written.
absl::Status CheckSite(const v1::Site& site, const std::string& field);
absl::Status CheckAsset(const v1::Asset& asset, std::string_view site, const SiteBearings& bearings,
                        const std::string& field);
absl::Status CheckPoint(const v1::Point& point, const std::string& field);
// The channels alone; here `field` is their own path.
absl::Status CheckChannels(const v1::Point& point, const std::string& field);

// Text for people: at most 200 bytes without control characters. May be empty.
absl::Status CheckText(std::string_view text, const std::string& field);
// What people write about something: at most 4000 bytes, over several lines if need be.
absl::Status CheckComment(std::string_view text, const std::string& field);

// A name of the IANA time zone database. May be empty.
absl::Status CheckTimeZone(const std::string& zone, const std::string& field);

// Inclusive.
struct Range {
  double low, high;
};
// Reason NOT_FINITE or OUT_OF_RANGE. `unit` may be empty.
absl::Status CheckNumber(double value, Range range, std::string_view unit,
                         const std::string& field);

// INVALID_ARGUMENT about one field.
absl::Status BadField(std::string_view reason, const std::string& field, const std::string& message,
                      const std::string& remedy);

}  // namespace auscult::server
