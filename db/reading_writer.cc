#include "db/reading_writer.h"

#include <cmath>
#include <vector>

#include "db/store_status.h"

namespace auscult::db {
namespace {

absl::Status Check(std::span<const Reading> readings) {
  for (const Reading& reading : readings) {
    const std::string name =
        "reading " + reading.quantity + " at " + *TimeUs(reading.measured_at_us);
    if (reading.measured_at_us < kEarliestUs || reading.measured_at_us >= kLatestUs) {
      return absl::InvalidArgumentError(
          name + " lies outside the years 1990 to 2099; set the clock of the sender");
    }
    // NaN fails the comparison too.
    if (!(std::abs(reading.value) <= kLargestReading)) {
      return absl::InvalidArgumentError(name +
                                        " is not a number of at most 1e30; leave out what was not "
                                        "measured");
    }
  }
  return absl::OkStatus();
}

// Held until the end, so that the asset is not deleted under its new readings.
absl::Status HoldAsset(Connection& connection, int64_t asset_id) {
  const Param values[] = {Int(asset_id)};
  absl::StatusOr<Rows> rows =
      connection.Query("SELECT FROM asset WHERE asset_id = $1 FOR KEY SHARE", values);
  if (!rows.ok()) return rows.status();
  return rows->count() == 1 ? absl::OkStatus()
                            : absl::NotFoundError("the asset of the readings was deleted");
}

absl::Status RefuseOtherValues(Connection& connection, std::span<const Param> values) {
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT sent.quantity, sent.measured_at::text, sent.value, stored.value"
      " FROM unnest($2::text[], $3::timestamptz[], $4::float8[]) WITH ORDINALITY"
      "  AS sent (quantity, measured_at, value, place)"
      " JOIN reading stored ON stored.asset_id = $1 AND stored.quantity = sent.quantity"
      "  AND stored.measured_at = sent.measured_at"
      " WHERE stored.value <> sent.value ORDER BY place LIMIT 1",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return absl::OkStatus();
  return absl::AlreadyExistsError(std::string("reading ")
                                      .append(rows->Text(0, 0))
                                      .append(" at ")
                                      .append(rows->Text(0, 1))
                                      .append(" is stored as ")
                                      .append(rows->Text(0, 3))
                                      .append(", not ")
                                      .append(rows->Text(0, 2))
                                      .append("; a reading never changes, send the new value "
                                              "under its own time"));
}

}  // namespace

absl::StatusOr<ReadingsWritten> WriteReadings(Connection& connection, PartitionCache& partitions,
                                              int64_t site_id, int64_t asset_id,
                                              std::span<const Reading> readings) {
  if (readings.empty()) return ReadingsWritten{};
  if (absl::Status status = Check(readings); !status.ok()) return status;
  std::vector<int64_t> instants_us;
  std::vector<Param> quantities, instants, numbers;
  for (const Reading& reading : readings) {
    instants_us.push_back(reading.measured_at_us);
    quantities.push_back(Text(reading.quantity));
    instants.push_back(TimeUs(reading.measured_at_us));
    numbers.push_back(Real(reading.value));
  }
  if (absl::Status status = partitions.EnsureFor(connection, instants_us); !status.ok()) {
    return status;
  }
  const Param values[] = {Int(asset_id), Array(quantities), Array(instants), Array(numbers),
                          Int(site_id)};
  ReadingsWritten written;
  const absl::Status status = InTransaction(connection, [&]() -> absl::Status {
    if (absl::Status held = HoldAsset(connection, asset_id); !held.ok()) return held;
    // In key order, so that two senders of the same readings wait for one another rather than
    // deadlock.
    absl::StatusOr<Rows> rows = connection.Query(
        "INSERT INTO reading (asset_id, quantity, measured_at, value, site_id)"
        " SELECT $1, quantity, measured_at, value, $5"
        " FROM unnest($2::text[], $3::timestamptz[], $4::float8[]) WITH ORDINALITY"
        "  AS sent (quantity, measured_at, value, place)"
        " ORDER BY quantity, measured_at, place"
        " ON CONFLICT (asset_id, quantity, measured_at) DO NOTHING",
        values);
    if (!rows.ok()) return rows.status();
    written.accepted = static_cast<int>(rows->affected());
    written.duplicates = static_cast<int>(readings.size()) - written.accepted;
    return written.duplicates == 0 ? absl::OkStatus()
                                   : RefuseOtherValues(connection, std::span(values).first(4));
  });
  if (!status.ok()) return status;
  return written;
}

}  // namespace auscult::db
