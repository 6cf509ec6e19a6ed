#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "features/feature_set.h"
#include "features/machine.h"
#include "models/baseline.h"

namespace auscult::models {

// What a learnt classifier sees of a vibration record: physics without a dimension, so that what is
// learnt on one machine holds for another. Families by existence and depth, each beside its rivals;
// impulsiveness and shape; lines as ratios to each other; rises over the machine's own baseline
// where it has one. No level, no speed, no geometry, from which a machine could be known again.
// A list is never changed: a new one gets a new number, and files made for an older one are
// refused.
inline constexpr int kClassifierInputsVersion = 1;

// Names by position, as in the recipe of a model.
std::span<const std::string_view> ClassifierInputNames();

// The channel whose outer, inner or ball family accuses most (features::Accusation), the first
// where none could be looked for: the one that a classifier judges. -1 for a record that is not of
// vibration or whose values do not fit its set.
int ClassifiedChannel(const features::FeatureVector& features);

// One value for each name; NaN where it is not known. `channel` exists. `baseline` may be null.
std::vector<float> ClassifierInputs(const features::FeatureVector& features, int channel,
                                    const features::Machine& machine, const Baseline* baseline);

}  // namespace auscult::models
