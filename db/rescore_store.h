#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "db/trend_query.h"

namespace auscult::db {

inline constexpr char kRescoreKind[] = "rescore";  // of its operation

// How far a re-scoring has come, summed over its shards.
struct RescoreCounts {
  int64_t points = 0, points_done = 0;
  int64_t records = 0, records_done = 0, records_left_out = 0;
  int64_t failed_points = 0;
  std::string problem;  // of one of them
};

// A re-scoring as it is stored, with what its operation says of it. `plan` is JSON, `metadata` and
// `error` are bytes; their meaning belongs to the server.
struct Rescore {
  int64_t id = 0;  // of the operation, and the run of its scores
  std::string scope;
  Period period;
  std::string plan = "{}";
  int classifier_version = 0;
  std::string description;
  std::optional<int64_t> schedule_id;
  std::string schedule_site, schedule_slug;  // "" without a schedule
  int64_t create_time_us = 0;
  bool planned = false;
  std::optional<int64_t> adopt_time_us, done_time_us;
  bool paused = false, cancel_requested = false;
  std::string metadata, error;
  RescoreCounts counts;
};

// Stores what was asked for: id, scope, period, plan, classifier_version, description, schedule_id.
absl::Status AddRescore(Connection& connection, const Rescore& rescore);
// NOT_FOUND.
absl::StatusOr<Rescore> GetRescore(Connection& connection, int64_t id);
// Latest first, those below `before`.
absl::StatusOr<std::vector<Rescore>> ListRescores(Connection& connection, int64_t before,
                                                  int limit);
// Those that are planned and whose operation is not done.
absl::StatusOr<std::vector<Rescore>> ListOpenRescores(Connection& connection);

// The oldest that is not planned, done or paused and that nobody holds.
absl::StatusOr<std::optional<int64_t>> FindUnplannedRescore(Connection& connection);

// Nobody begins another portion while it is paused. NOT_FOUND; FAILED_PRECONDITION once it is done.
absl::Status PauseRescore(Connection& connection, int64_t id, bool paused);

// The point that a shard is of, and what is expected of it.
struct PlannedShard {
  int64_t asset_id = 0, point_id = 0;
  Period period;
  int64_t record_count = 0;
};
// Adds the shards and marks the re-scoring as planned, in the caller's transaction. Points that are
// gone are passed over.
absl::Status StorePlan(Connection& connection, int64_t id, std::span<const PlannedShard> shards);

// How many records a point has in a period, by its key alone.
absl::StatusOr<int64_t> CountRecords(Connection& connection, int64_t asset_id, int64_t point_id,
                                     Period period);

// Deletes scores, extractions and shards of one point after the other, then the re-scoring and its
// operation. `go_on` is asked between the points; what is left can be deleted by another call.
// NOT_FOUND. The caller has made sure that it is done and not adopted.
absl::Status DeleteRescore(Connection& connection, int64_t id,
                           const std::function<absl::Status()>& go_on);

}  // namespace auscult::db
