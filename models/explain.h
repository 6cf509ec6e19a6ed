#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "features/feature_set.h"

namespace auscult::models {

// A statistic of a record with the limit that healthy records exceed in 1 of 100 cases.
struct Statistic {
  double value = 0;
  double limit = 0;
};

// How much of a departure one feature explains: by how much the combined statistic falls when this
// feature alone is put where the others say it should be.
struct Reconstruction {
  int value_index = 0;  // position in FeatureVector::values
  float share = 0;      // of the combined statistic; shares overlap where features go together
  float value = 0;      // of the record, dB
  float usual = 0;      // median of the window, dB
};

// A record seen against a window of healthy ones. Explains, never decides: what alarms is the
// severity of models/advance.h.
struct Explanation {
  int records = 0;     // in the window
  int components = 0;  // principal ones kept
  Statistic t2;        // Hotelling's, inside the principal components; F limit
  Statistic q;         // squared residual outside them; chi-square limit (Box 1954)
  Statistic nearest;  // distance to the nearest record of the window, in scatters; its limit is the
                      // same distance inside the window
  double nearest_p = 1;  // conformal: share of the window that is as far from the rest
  std::vector<Reconstruction> contributions;  // largest first, at most ten
};

// `window`: at least 20 records of one set and channel count, the one of `record`. The covariance
// is that of winsorised values in robust scatters, shrunk (Ledoit and Wolf 2004);
// contributions are those of Alcala and Qin 2009 to T2/limit + Q/limit (Yue and Qin 2001).
// FAILED_PRECONDITION where the window is too small or shares too few levels with the record. Pure.
absl::StatusOr<Explanation> Explain(std::span<const features::FeatureVector> window,
                                    const features::FeatureVector& record);

}  // namespace auscult::models
