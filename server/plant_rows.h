#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "auscult/v1/resources.pb.h"
#include "db/plant_store.h"

namespace auscult::server {

// Rows as the API shows them, without health, and back. Machine data, points and bearings are
// stored as the JSON of their message; a field that a newer release stored is passed over.
// INTERNAL if a row cannot be read at all.
v1::Site MessageOf(const db::Site& row);
absl::StatusOr<v1::Asset> MessageOf(const db::Asset& row);
absl::StatusOr<v1::Point> MessageOf(const db::Point& row);
absl::StatusOr<v1::Bearing> MessageOf(const db::Bearing& row);

// Keys come from the names, which must be well-formed.
db::Site RowOf(const v1::Site& site);
db::Asset RowOf(const v1::Asset& asset);
db::Point RowOf(const v1::Point& point);
db::Bearing RowOf(const v1::Bearing& bearing);

// Bearings of one site, by id.
using SiteBearings = std::map<std::string, v1::Bearing, std::less<>>;
absl::StatusOr<SiteBearings> LoadSiteBearings(db::Connection& connection, const std::string& site);

// stale_after_s of a stored point definition, without reading all of it.
int64_t StaleAfterSeconds(std::string_view definition);
// display_name of the same.
std::string DisplayName(std::string_view definition);

// A message as it is stored, and back: INTERNAL where it cannot be read; `what` says what it is of.
std::string StoredJson(const google::protobuf::Message& message);
absl::Status ReadStoredJson(std::string_view json, std::string_view what,
                            google::protobuf::Message& message);

}  // namespace auscult::server
