#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "db/point_row.h"
#include "db/postgres.h"
#include "db/record_rows.h"
#include "db/sample_codec.h"
#include "db/trend_query.h"

namespace auscult::db {

// A channel of stored samples: what gives its octets a meaning.
struct StoredChannel {
  std::string id, unit;
  double scale = 1, offset = 0;
  ChannelLayout layout;
};

// That the samples of a record are stored, without them.
struct WaveformEntry {
  int64_t measured_at_us = 0;
  KeptFor kept_for = KeptFor::kBeingRecent;
  double sample_rate_hz = 0;
  std::vector<StoredChannel> channels;
  int64_t stored_bytes = 0;

  int64_t sample_count() const;  // of each channel
  int64_t size_bytes() const;    // as sent
};

// The samples of a record as they were sent, octet by octet, channel after channel.
struct StoredWaveform {
  WaveformEntry entry;
  std::string content_hash;
  std::string conditions;  // JSON of auscult.v1.Conditions as sent
  std::string samples;
};

// The record at `at_us`; nullopt: the newest that has samples. NOT_FOUND if there is none,
// DATA_LOSS for one that is damaged.
absl::StatusOr<StoredWaveform> ReadWaveform(Connection& connection, PointKey point,
                                            std::optional<int64_t> at_us);

// Newest first, of those in `period`, at most `limit`.
absl::StatusOr<std::vector<WaveformEntry>> ListWaveforms(Connection& connection, PointKey point,
                                                         Period period, int limit);

// When records with samples were measured, in time order.
absl::StatusOr<std::vector<int64_t>> ListWaveformTimes(Connection& connection, PointKey point,
                                                       Period period);

// Keeps the samples of the record for good. NOT_FOUND where they are gone.
absl::StatusOr<WaveformEntry> KeepWaveform(Connection& connection, PointKey point, int64_t at_us);

// Reads the stored samples of a point in time order. However long the period, no more than a few
// megabytes are held, or one record where it is larger.
class WaveformHistory {
 public:
  WaveformHistory(PointKey point, Period period) : point_(point), period_(period) {}
  // Those of given times, ascending; of which some may be gone meanwhile.
  WaveformHistory(PointKey point, std::vector<int64_t> times_us)
      : point_(point), period_{0, 0}, chosen_(std::move(times_us)) {}

  // One record of the period, or why it cannot be read: DATA_LOSS concerns this record alone, and
  // the next call goes on behind it.
  struct Item {
    int64_t measured_at_us = 0;
    absl::StatusOr<StoredWaveform> waveform;
  };
  // The next; nullopt where there are no more.
  absl::StatusOr<std::optional<Item>> Next(Connection& connection);

 private:
  struct Size {
    int64_t measured_at_us, bytes;
  };
  void List(const BinaryRows& rows);
  absl::Status ListMore(Connection& connection);
  absl::Status ListMoreChosen(Connection& connection);
  absl::Status ReadMore(Connection& connection);

  const PointKey point_;
  Period period_;  // of what is not listed yet
  std::vector<int64_t> chosen_;
  size_t next_chosen_ = 0;
  std::deque<Size> listed_;
  std::deque<Item> read_;
};

}  // namespace auscult::db
