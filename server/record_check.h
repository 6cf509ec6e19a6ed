#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "auscult/v1/ingest_service.pb.h"
#include "db/trend_writer.h"
#include "features/waveform.h"
#include "server/plant_directory.h"

namespace auscult::server {

// What every kind of record has in common. Errors carry a Problem; `place` is where the record
// stands in the request ("waveform", "records[3]") and begins the path of the field to blame.

// Unix microseconds, cut. MISSING_TIME, BAD_TIME (no valid Timestamp), ANCIENT_TIME (before 1990: a
// clock that was never set) or FUTURE_TIME (more than five minutes after `now_us`). nullptr is a
// time that was not sent.
absl::StatusOr<int64_t> CheckMeasuredAt(const google::protobuf::Timestamp* measured_at,
                                        int64_t now_us, const std::string& place);

struct CheckedConditions {
  features::Conditions running;
  std::string others;  // JSON object with sorted names, "" for none
};

// BAD_SPEED, BAD_LOAD, or BAD_CONDITION for one of the others: at most 64 of them, named like
// readings, finite.
absl::StatusOr<CheckedConditions> CheckConditions(const v1::Conditions& conditions,
                                                  const std::string& place);

// The same as JSON of auscult.v1.Conditions, from which the message comes back bit by bit.
std::string JsonOf(const CheckedConditions& conditions);

// 1 to 63 of a-z, 0-9 and _: what readings and other conditions are called.
bool IsQuantityName(std::string_view name);

// A record of the point, its keys and policies filled in.
db::Record RecordOf(const DirectoryEntry& entry);

// A record that came as features. FEATURE_SET_MISMATCH, VALUE_COUNT, NOT_FINITE (infinite; NaN says
// "not computed"), UNKNOWN_QUALITY and what time and conditions may be guilty of.
absl::StatusOr<db::Record> RecordOfFeatures(const v1::FeatureRecord& sent,
                                            const DirectoryEntry& entry, int64_t now_us,
                                            const std::string& place);

}  // namespace auscult::server
