#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "features/feature_set.h"
#include "features/machine.h"
#include "models/health.h"
#include "models/novelty_null.h"
#include "models/usual_levels.h"

namespace auscult::models {

class ByteReader;

struct BaselineOptions {
  int skip_records = 5;     // run-in right after the first start
  int window_records = 60;  // good records needed
  float max_decline_db =
      2.0f;  // third-largest decline inside the window above which the machine has not settled
  // A point that stays healthy learns once more from so many records, unless in them the third-
  // largest rise (last third over first) is above max_rise_db: a growing fault is not learnt.
  int refined_window_records = 200;
  float max_rise_db = 1.0f;
};

// Location and scatter of one feature over a window (docs/models.md, Baseline):
// s^2 = max(MAD, 0.6 sd)^2 + (0.5 dB)^2 + (median of the last third - median of the first)^2.
struct Spread {
  float location;
  float scatter;
  float decline;  // median of the first third - median of the last; negative for a rise
};
Spread SpreadOf(std::span<const float> values_db);

// The healthy state of one point as learnt from its own records: for every learnt feature of every
// channel a robust location and scatter, after compensation for speed and load where the window
// held enough variation of them. Immutable once fitted, so any thread may use it.
class Baseline {
 public:
  // `healthy`: the records in measured_at order, all of one feature set and channel count, without
  // unscorable or stopped ones; needs skip + window of them and learns from the last `window`.
  // FAILED_PRECONDITION says why the window is not accepted yet (too few, nothing to learn from, or
  // still declining: rises never block it, else a growing fault would be learnt as normal): ask
  // again a few records later with the oldest dropped. INVALID_ARGUMENT for records that do not
  // belong together.
  static absl::StatusOr<Baseline> Fit(std::span<const features::FeatureVector> healthy,
                                      const BaselineOptions& options = {});

  // Deviation of each learnt feature from the baseline, in scatters, positive = above, within
  // +-kMaxDeviation; NaN for a feature the record lacks. Empty if `features` is of another set or
  // channel count.
  std::vector<float> Deviations(const features::FeatureVector& features) const;

  // Which feature deviation i is about: position in FeatureVector::values.
  std::span<const int> learnt() const { return learnt_; }

  // Speed or load that lies outside what was learnt, with a margin of 7 % of speed and 10 points of
  // load; unknown ones count as inside.
  OutsideLearnt Outside(const features::FeatureVector& features) const;

  // Speed in octaves above the middle of what was learnt, load in points; NaN where not known.
  float OctavesOff(const features::FeatureVector& features) const;
  float LoadPercentOff(const features::FeatureVector& features) const;

  // Positions among the deviations of the broadband level and of the peak level of each channel.
  std::span<const int> levels() const { return levels_; }
  std::span<const int> peaks() const { return peaks_; }

  // How severities of healthy records are distributed, from leaving out one block of the window
  // after the other; and the number of records in the window.
  const NoveltyNull& null() const { return null_; }
  int record_count() const { return record_count_; }

  // Location of a learnt feature at the speed and load of `features`; at the middle of what was
  // learnt where they are unknown.
  float Expected(int deviation_index, const features::FeatureVector& features) const;
  float Scatter(int deviation_index) const { return scatter_[deviation_index]; }

  // What the machine itself shows of what the diagnosis looks for; empty in baselines that were
  // stored before it was learnt.
  const UsualLevels& usual() const { return usual_; }

  int16_t set_id() const { return set_id_; }
  int channel_count() const { return channel_count_; }

  // Compact binary form with a version byte. Parse validates everything (counts, indices, finite
  // numbers) and answers DATA_LOSS for what it cannot trust. A baseline of an older feature set
  // comes back as one of the newest, which holds all that was learnt.
  std::string Serialize() const;
  static absl::StatusOr<Baseline> Parse(std::string_view bytes);

  static constexpr float kMaxDeviation = 1e4f;

 private:
  friend class BaselineFit;
  Baseline() = default;
  absl::Status ParseConditions(ByteReader& reader);
  absl::Status ParseFeatures(ByteReader& reader);
  absl::Status ParseNull(ByteReader& reader);
  void FindLevels();

  int16_t set_id_ = 0;
  int channel_count_ = 0;
  int record_count_ = 60;
  NoveltyNull null_;
  std::vector<int> learnt_;
  std::vector<int> levels_, peaks_;
  std::vector<float> location_;
  std::vector<float> scatter_;
  std::vector<float> speed_slope_;  // per octave of speed around reference_speed_rpm_
  std::vector<float> load_slope_;   // per percent of load around reference_load_percent_
  UsualLevels usual_;
  // NaN where the window did not know them.
  float reference_speed_rpm_ = features::kNotKnown;
  float reference_load_percent_ = features::kNotKnown;
  float speed_low_rpm_ = features::kNotKnown, speed_high_rpm_ = features::kNotKnown;
  float load_low_percent_ = features::kNotKnown, load_high_percent_ = features::kNotKnown;
};

}  // namespace auscult::models
