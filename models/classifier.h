#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "features/feature_set.h"
#include "features/machine.h"
#include "models/baseline.h"
#include "models/fault.h"
#include "models/tree_ensemble.h"

namespace auscult::models {

// What a classifier says of one record.
struct Classification {
  Fault fault = Fault::kAbstain;     // the class that is probable enough, else kAbstain
  std::vector<float> probabilities;  // by Classifier::classes(), together 1; empty where the record
                                     // has nothing to go by
  float probability = 0;             // the highest of them
  int channel = 0;                   // of the record, that was judged
  std::string reason, remedy;        // of an abstention
};

// Faults as learnt from labelled records by `Train` (models/train.h): trees on ClassifierInputs,
// with probabilities calibrated on rigs that were held out. Immutable, so any thread may use it.
class Classifier {
 public:
  static constexpr size_t kMaxBytes = 16u << 20;
  static constexpr size_t kMaxTextBytes = 64u << 10;
  // More probable than all faults together; a miss is seen at the next record, a false alarm is
  // work.
  static constexpr float kHealthyFrom = 0.5f;

  struct Parts {
    std::vector<Fault> classes;  // of the margins, ascending; healthy or a fault, never a refusal
    float temperature = 1;       // margins are divided by it; 0.05 to 20
    float threshold = 0.5f;      // probability from which a fault is named; 0 to 1
    std::string recipe;          // JSON object: data, options and seed, enough to train it again
    std::string metrics;         // JSON object: what was measured on rigs held out
    // Vibration set that the inputs were taken from; records of an older one lack some of them.
    int16_t set_id = features::kVibrationSet;
  };
  // INVALID_ARGUMENT says which part is wrong.
  static absl::StatusOr<Classifier> Create(TreeEnsemble trees, Parts parts);

  // A fault is named from its threshold on, health from kHealthyFrom. Abstains, with the reason,
  // where no class is probable enough, and where no bearing lines could be looked for (no speed, no
  // known bearing, too short, not vibration). `baseline` is that of the point, or null. Scorability
  // is the caller's to ask first.
  Classification Classify(const features::FeatureVector& features, const features::Machine& machine,
                          const Baseline* baseline = nullptr) const;
  // The same from ClassifierInputs.
  Classification Classify(std::span<const float> inputs) const;

  bool Knows(Fault fault) const;
  // Probability from which that class is named.
  float ThresholdOf(Fault fault) const {
    return fault == Fault::kHealthy ? kHealthyFrom : parts_.threshold;
  }
  const std::vector<Fault>& classes() const { return parts_.classes; }
  float temperature() const { return parts_.temperature; }
  float threshold() const { return parts_.threshold; }
  const std::string& recipe() const { return parts_.recipe; }
  const std::string& metrics() const { return parts_.metrics; }
  const TreeEnsemble& trees() const { return trees_; }
  int16_t set_id() const { return parts_.set_id; }

  // The model file: magic, version byte, parts, trees, checksum. Equal models have equal bytes.
  // Parse checks everything in a time bounded by kMaxBytes and answers DATA_LOSS with what is wrong
  // for what it cannot trust, FAILED_PRECONDITION for a sound file of inputs that this version does
  // not have.
  std::string Serialize() const;
  static absl::StatusOr<Classifier> Parse(std::string_view bytes);

 private:
  Classifier(TreeEnsemble trees, Parts parts);

  TreeEnsemble trees_;
  Parts parts_;
};

}  // namespace auscult::models
