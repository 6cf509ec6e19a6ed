#pragma once

#include <span>
#include <string>

#include "features/feature_set.h"
#include "models/advance.h"
#include "models/score.h"

namespace auscult::db {

// How far learning has come: good records so far, of those needed.
struct Learning {
  int learnt = 0;
  int needed = 0;
};

// Why the health is what it is.
struct HealthDetail {
  // {"evidence":[{"text","feature","value","limit","frequency_hz","order","supports"}],
  //  "contributions":[{"feature","deviation","rise"}],"summary":"one sentence"}. A number that does
  // not apply is left out. Features are "kurtosis", on a point with several channels "H/kurtosis".
  std::string json;
  std::string summary;
};

// `channel_ids` may be shorter than the record has channels: then they are numbered from 0.
HealthDetail DescribeHealth(const models::Health& health, const models::Score& score,
                            const features::FeatureVector& features,
                            std::span<const std::string> channel_ids, Learning learning);

// The detail of a point of which there is nothing to say but that sentence.
std::string SummaryJson(std::string_view summary);

// Whether a score row needs the detail: a record of a healthy or learning machine that no rule
// accuses says nothing that its numbers do not say.
bool IsWorthDetail(const models::Health& health);

}  // namespace auscult::db
