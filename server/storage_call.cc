#include <sys/statvfs.h>

#include "db/storage.h"
#include "google/protobuf/util/time_util.h"
#include "server/admin_calls.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr double kDayUs = 86400e6;
// Further ahead a forecast says nothing.
constexpr double kMostDaysAhead = 36'500;

void ShowDisk(const std::string& data_dir, v1::Storage& response) {
  struct statvfs disk {};
  if (data_dir.empty() || statvfs(data_dir.c_str(), &disk) != 0) return;
  const auto block = static_cast<int64_t>(disk.f_frsize);
  response.set_disk_free_bytes(static_cast<int64_t>(disk.f_bavail) * block);
  response.set_disk_total_bytes(static_cast<int64_t>(disk.f_blocks) * block);
}

}  // namespace

absl::Status GetStorage(CallScope& scope, const std::string& data_dir, v1::Storage& response) {
  const absl::StatusOr<db::Stored> stored = db::MeasureStorage(scope.connection);
  if (!stored.ok()) return stored.status();
  double bytes_per_day = 0;
  for (const db::StoredKind& kind : stored->kinds) {
    v1::StorageKind& shown = *response.add_kinds();
    shown.set_kind(kind.kind);
    shown.set_bytes(kind.bytes);
    shown.set_row_count(kind.row_count);
    shown.set_partition_count(kind.partition_count);
    if (kind.oldest_us) {
      *shown.mutable_oldest_time() = TimeUtil::MicrosecondsToTimestamp(*kind.oldest_us);
    }
    if (!kind.bytes_per_day) continue;
    shown.set_bytes_per_day(*kind.bytes_per_day);
    bytes_per_day += *kind.bytes_per_day;
  }
  response.set_database_bytes(stored->database_bytes);
  *response.mutable_sample_time() = TimeUtil::MicrosecondsToTimestamp(stored->now_us);
  ShowDisk(data_dir, response);
  const double days_left = static_cast<double>(response.disk_free_bytes()) / bytes_per_day;
  if (response.disk_total_bytes() > 0 && bytes_per_day > 0 && days_left < kMostDaysAhead) {
    *response.mutable_full_time() = TimeUtil::MicrosecondsToTimestamp(
        stored->now_us + static_cast<int64_t>(days_left * kDayUs));
  }
  return absl::OkStatus();
}

}  // namespace auscult::server
