#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "tests/models/healthy_point.h"

namespace auscult::models {

inline int IndexOf(const features::FeatureVector& record, std::string_view name, int channel = 0) {
  const features::FeatureSet& set = *features::FindFeatureSet(record.set_id);
  const int index = features::FeatureIndex(set, name);
  EXPECT_GE(index, 0) << name;
  return index + channel * static_cast<int>(set.features.size());
}

inline void Set(features::FeatureVector& record, std::string_view name, float value,
                int channel = 0) {
  record.values[IndexOf(record, name, channel)] = value;
}

}  // namespace auscult::models
