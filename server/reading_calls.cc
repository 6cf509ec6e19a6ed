#include "server/reading_calls.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "db/plant_store.h"
#include "db/reading_writer.h"
#include "server/errors.h"
#include "server/names.h"
#include "server/process_view.h"
#include "server/record_check.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

constexpr int kMaxReadings = 10'000;

absl::Status Invalid(std::string_view reason, std::string field, std::string message,
                     std::string remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument, {.reason = reason,
                                                        .message = std::move(message),
                                                        .remedy = std::move(remedy),
                                                        .field = std::move(field)});
}

absl::StatusOr<db::Reading> CheckReading(const v1::Reading& sent, int64_t now_us,
                                         const std::string& place) {
  if (!IsQuantityName(sent.quantity())) {
    return Invalid("BAD_QUANTITY", place + ".quantity",
                   absl::StrCat("quantity is ", Quoted(sent.quantity())),
                   "name it with 1 to 63 of a-z, 0-9 and _, the unit last: temperature_c");
  }
  const absl::StatusOr<int64_t> measured_at_us =
      CheckMeasuredAt(sent.has_measured_at() ? &sent.measured_at() : nullptr, now_us, place);
  if (!measured_at_us.ok()) return measured_at_us.status();
  if (!std::isfinite(sent.value())) {
    return Invalid("NOT_FINITE", place + ".value",
                   absl::StrFormat("%s is %g", sent.quantity(), sent.value()),
                   "send only measured values, and leave the others out");
  }
  return db::Reading{
      .quantity = sent.quantity(), .measured_at_us = *measured_at_us, .value = sent.value()};
}

absl::StatusOr<std::vector<db::Reading>> CheckReadings(const v1::IngestReadingsRequest& request) {
  if (request.readings().empty() || request.readings_size() > kMaxReadings) {
    return Invalid(request.readings().empty() ? "MISSING_FIELD" : "TOO_MANY_READINGS", "readings",
                   absl::StrCat("the request has ", request.readings_size(), " readings"),
                   absl::StrCat("send 1 to ", kMaxReadings, " in a call"));
  }
  const int64_t now_us = absl::ToUnixMicros(absl::Now());
  std::vector<db::Reading> readings;
  readings.reserve(static_cast<size_t>(request.readings_size()));
  for (int i = 0; i < request.readings_size(); ++i) {
    absl::StatusOr<db::Reading> reading =
        CheckReading(request.readings(i), now_us, absl::StrCat("readings[", i, "]"));
    if (!reading.ok()) return reading.status();
    readings.push_back(*std::move(reading));
  }
  return readings;
}

}  // namespace

absl::Status StoreReadings(CallScope& scope, db::PartitionCache& partitions,
                           const v1::IngestReadingsRequest& request,
                           v1::IngestReadingsResponse* response) {
  const absl::StatusOr<AssetName> name = ParseAssetName(request.parent(), false, "parent");
  if (!name.ok()) return name.status();
  const absl::StatusOr<std::vector<db::Reading>> readings = CheckReadings(request);
  if (!readings.ok()) return readings.status();
  const absl::StatusOr<db::Asset> asset = db::GetAsset(scope.connection, name->site, name->asset);
  if (!asset.ok()) {
    return StoreError(FromStore(asset.status(), Resource::kAsset, request.parent(), "parent"));
  }
  const absl::StatusOr<db::ReadingsWritten> written =
      db::WriteReadings(scope.connection, partitions, asset->site_id, asset->asset_id, *readings);
  if (absl::IsAlreadyExists(written.status())) {
    return MakeError(written.status().code(),
                     {.reason = "OTHER_CONTENT",
                      .message = std::string(written.status().message()),
                      .remedy = "a stored reading is never changed; check the clock of the device",
                      .field = "readings"});
  }
  if (!written.ok()) return StoreError(written.status());
  response->set_accepted_count(written->accepted);
  response->set_duplicate_count(written->duplicates);
  *response->mutable_health() = ProcessHealthOf(written->health, 0);
  return absl::OkStatus();
}

}  // namespace auscult::server
