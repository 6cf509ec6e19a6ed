#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "db/rescore_rows.h"
#include "db/trend_query.h"

namespace auscult::db {

// The right to score one point of a re-scoring until the lease ends by the database's clock, and
// where the one before came to. Every write names the fence; after somebody else claimed the shard
// it changes nothing.
struct ShardClaim {
  int64_t site_id = 0, asset_id = 0, point_id = 0, run = 0;
  std::string site, asset, point;  // slugs
  Period period;
  int64_t record_count = 0;
  std::string plan;  // JSON
  int classifier_version = 0;
  // Of the last record that is done; none at the beginning.
  std::optional<int64_t> scored_to_us;
  std::string state;  // of the replay after it
  int64_t records_done = 0, records_left_out = 0;
  int64_t fence = 0;
  int attempts = 0;  // this one included, since records were last done
};

// One that nobody holds: of the re-scoring on which the fewest are at work, the longest. Nothing
// where there is none.
absl::StatusOr<std::optional<ShardClaim>> ClaimShard(Connection& connection,
                                                     std::chrono::milliseconds lease);

// What became of a part of a shard's records.
struct ShardPortion {
  int64_t scored_to_us = 0;
  std::string state;
  int64_t records_done = 0, records_left_out = 0;  // of this portion
  RescoreRows rows;
};

enum class ShardFate {
  kGoOn,  // the lease is renewed
  kRest,  // stored, but somebody paused or cancelled the re-scoring: release the shard
  kLost,  // nothing was stored: somebody else has the shard, or it is gone
};

// Stores scores, place and state in one transaction, or nothing of it.
absl::StatusOr<ShardFate> StorePortion(Connection& connection, const ShardClaim& claim,
                                       ShardPortion& portion, std::chrono::milliseconds lease);

// The shard is done. `problem` says why it ends early, "" where it came to its end; then what is
// missing of the expected records counts as left out.
absl::Status FinishShard(Connection& connection, const ShardClaim& claim, std::string_view problem);

// Gives the claim back: others may take it after `pause`. `orderly`: the attempt does not count.
absl::Status ReleaseShard(Connection& connection, const ShardClaim& claim,
                          std::chrono::milliseconds pause, bool orderly);

}  // namespace auscult::db
