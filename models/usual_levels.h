#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "features/feature_set.h"
#include "features/machine.h"

namespace auscult::models {

class ByteReader;
class ByteWriter;

// What one machine itself shows of the symptoms that the diagnosis compares with limits, learnt
// from its healthy records: bearing lines and their depth, impacts, shaft orders, gear sidebands. A
// machine that has always shown a line is not accused of it, and one that never did is accused
// sooner. Immutable once fitted, so any thread may use it.
class UsualLevels {
 public:
  struct Level {
    float middle = features::kNotKnown;   // median
    float high = features::kNotKnown;     // 95 % quantile
    float scatter = features::kNotKnown;  // robust standard deviation
    // What the machine hardly ever reaches by itself.
    float Reached() const { return high + kScatters * scatter; }
  };

  // `healthy`: records of one feature set and channel count. Symptoms that fewer than four fifths
  // of them hold, or fewer than kMinRecords, are left out.
  static UsualLevels Fit(std::span<const features::FeatureVector> healthy);

  // Nothing is known of a feature: all NaN.
  Level Of(int channel, int feature) const;
  bool empty() const { return entries_.empty(); }

  void Write(ByteWriter& writer) const;
  // False, and nothing read, for what cannot have been written. Levels of the older feature set
  // `set_id` come back in the places of the newest.
  bool Read(ByteReader& reader, int16_t set_id, int channel_count);

  static constexpr int kMinRecords = 20;
  static constexpr float kScatters = 3.0f;

 private:
  struct Entry {
    int channel;
    int feature;
    Level level;
  };
  std::vector<Entry> entries_;  // by channel, then feature
};

}  // namespace auscult::models
