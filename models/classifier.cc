#include "models/classifier.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "models/classifier_inputs.h"

namespace auscult::models {
namespace {

constexpr float kLowestTemperature = 0.05f;
constexpr float kHighestTemperature = 20;

// A class is healthy or a fault; what a verdict may say besides these is no class.
bool IsClass(Fault fault) { return fault < Fault::kOther; }

bool IsJsonObject(const std::string& text) {
  return !text.empty() && text.front() == '{' && nlohmann::json::accept(text);
}

std::string ProblemOf(const TreeEnsemble& trees, const Classifier::Parts& parts) {
  const auto inputs = static_cast<int>(ClassifierInputNames().size());
  if (trees.feature_count() != inputs) {
    return absl::StrCat("trees of ", trees.feature_count(), " inputs, there are ", inputs);
  }
  if (parts.classes.size() != static_cast<size_t>(trees.class_count())) {
    return absl::StrCat(parts.classes.size(), " classes for trees of ", trees.class_count());
  }
  for (size_t i = 0; i < parts.classes.size(); ++i) {
    if (!IsClass(parts.classes[i])) {
      return absl::StrCat("class ", static_cast<int>(parts.classes[i]), " is no fault");
    }
    if (i > 0 && parts.classes[i] <= parts.classes[i - 1]) {
      return "classes out of order";
    }
  }
  if (!(parts.temperature >= kLowestTemperature && parts.temperature <= kHighestTemperature)) {
    return absl::StrCat("temperature ", parts.temperature);
  }
  const features::FeatureSet* const set = features::FindFeatureSet(parts.set_id);
  if (set == nullptr || set->signal != features::Signal::kVibration) {
    return absl::StrCat("feature set ", parts.set_id, " is none of vibration");
  }
  if (!(parts.threshold >= 0 && parts.threshold <= 1)) {
    return absl::StrCat("threshold ", parts.threshold);
  }
  if (std::max(parts.recipe.size(), parts.metrics.size()) > Classifier::kMaxTextBytes) {
    return absl::StrCat("a recipe or metrics beyond ", Classifier::kMaxTextBytes, " bytes");
  }
  if (!IsJsonObject(parts.recipe)) return "a recipe that is no JSON object";
  if (!IsJsonObject(parts.metrics)) return "metrics that are no JSON object";
  return "";
}

// Existence of outer race, inner race and ball stands first among the inputs.
bool HasFamilies(std::span<const float> inputs) {
  return std::any_of(inputs.begin(), inputs.begin() + 3, [](float x) { return std::isfinite(x); });
}

}  // namespace

Classifier::Classifier(TreeEnsemble trees, Parts parts)
    : trees_(std::move(trees)), parts_(std::move(parts)) {}

absl::StatusOr<Classifier> Classifier::Create(TreeEnsemble trees, Parts parts) {
  if (const std::string problem = ProblemOf(trees, parts); !problem.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("classifier: ", problem));
  }
  return Classifier(std::move(trees), std::move(parts));
}

bool Classifier::Knows(Fault fault) const {
  return std::binary_search(parts_.classes.begin(), parts_.classes.end(), fault);
}

Classification Classifier::Classify(const features::FeatureVector& features,
                                    const features::Machine& machine,
                                    const Baseline* baseline) const {
  const int channel = ClassifiedChannel(features);
  if (channel < 0) {
    Classification none;
    none.reason = "the learnt classifier judges vibration records only";
    none.remedy = "send vibration, or rely on the rules";
    return none;
  }
  Classification found = Classify(ClassifierInputs(features, channel, machine, baseline));
  found.channel = channel;
  return found;
}

Classification Classifier::Classify(std::span<const float> inputs) const {
  Classification found;
  if (!HasFamilies(inputs)) {
    found.reason = "the learnt classifier has no bearing lines to go by";
    found.remedy = "name the bearings of the machine, and send the speed with the record";
    return found;
  }
  found.probabilities.resize(parts_.classes.size());
  trees_.Margins(inputs, found.probabilities);
  TreeEnsemble::Softmax(found.probabilities, parts_.temperature);
  const auto best = std::max_element(found.probabilities.begin(), found.probabilities.end());
  const Fault likeliest = parts_.classes[static_cast<size_t>(best - found.probabilities.begin())];
  found.probability = *best;
  if (*best >= ThresholdOf(likeliest)) {
    found.fault = likeliest;
    return found;
  }
  found.reason = absl::StrFormat(
      "the learnt classifier is not sure enough: %s has a probability of %.2f, %.2f "
      "is asked for",
      FaultName(likeliest), *best, ThresholdOf(likeliest));
  found.remedy = "record again and longer, or at another sensor of the machine";
  return found;
}

}  // namespace auscult::models
