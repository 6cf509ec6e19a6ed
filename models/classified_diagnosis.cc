#include "models/classified_diagnosis.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"

namespace auscult::models {
namespace {

constexpr std::string_view kFeature = "learnt_classifier";

bool IsNoFault(Fault fault) { return fault == Fault::kHealthy || fault == Fault::kAbstain; }

// The entry of the ranking for a class; "no fault" of the rules may be healthy or abstain.
RankedFault& EntryOf(Fault fault, Diagnosis& diagnosis) {
  const auto found = std::find_if(
      diagnosis.ranking.begin(), diagnosis.ranking.end(), [fault](const RankedFault& entry) {
        return entry.fault == fault || (fault == Fault::kHealthy && IsNoFault(entry.fault));
      });
  if (found != diagnosis.ranking.end()) return *found;
  return diagnosis.ranking.emplace_back(
      RankedFault{.fault = fault, .probability = 0, .evidence = {}});
}

float ProbabilityOf(Fault fault, const Classifier& classifier,
                    const Classification& classification) {
  const auto& classes = classifier.classes();
  const auto at = std::lower_bound(classes.begin(), classes.end(), fault);
  if (at == classes.end() || *at != fault) return 0;
  return classification.probabilities[static_cast<size_t>(at - classes.begin())];
}

Evidence Opinion(Fault fault, float probability, const Classifier& classifier, int channel) {
  Evidence opinion;
  opinion.text =
      absl::StrFormat("learnt classifier: %s with a probability of %.2f, called from %.2f",
                      FaultName(fault), probability, classifier.ThresholdOf(fault));
  opinion.feature = std::string(kFeature);
  opinion.channel = channel;
  opinion.value = probability;
  opinion.limit = classifier.ThresholdOf(fault);
  opinion.frequency_hz = opinion.order = features::kNotKnown;
  opinion.supports = probability >= opinion.limit;
  return opinion;
}

// What the classifier may share out of the whole. Where the rules call a fault that it does not
// know, what they left, but no more than keeps that fault in front. Else all but what the rules
// suspect besides, which shrinks as the classifier is sure, and at least what puts its choice in
// front.
float ShareOf(const Classification& classification, bool rules_called, float theirs,
              float highest) {
  constexpr float kMargin = 1.01f;
  if (theirs <= 0) return 1.0f;
  const float even = highest / (theirs * classification.probability + highest);
  if (rules_called) return std::min(1.0f - theirs, even / kMargin);
  return std::min(1.0f,
                  std::max(1.0f - theirs * (1.0f - classification.probability), even * kMargin));
}

void ShareOut(const Classifier& classifier, const Classification& classification, bool rules_called,
              Diagnosis& diagnosis) {
  float theirs = 0, highest = 0;  // of the rules alone
  for (RankedFault& entry : diagnosis.ranking) {
    if (classifier.Knows(entry.fault) || IsNoFault(entry.fault)) entry.probability = 0;
    theirs += entry.probability;
    highest = std::max(highest, entry.probability);
  }
  const float share = ShareOf(classification, rules_called, theirs, highest);
  for (RankedFault& entry : diagnosis.ranking) {
    if (theirs > 0) entry.probability *= (1.0f - share) / theirs;
  }
  for (const Fault fault : classifier.classes()) {
    const float probability = ProbabilityOf(fault, classifier, classification);
    RankedFault& entry = EntryOf(fault, diagnosis);
    entry.probability = share * probability;
    entry.evidence.insert(entry.evidence.begin(),
                          Opinion(fault, probability, classifier, classification.channel));
  }
}

// Puts the refusal before everything that it refuses to choose among.
void Abstain(const Classification& classification, Diagnosis& diagnosis) {
  const float doubt = std::max(0.51f, 1.0f - classification.probability);
  for (RankedFault& entry : diagnosis.ranking) entry.probability *= 1.0f - doubt;
  EntryOf(Fault::kAbstain, diagnosis).probability += doubt;
  diagnosis.reason = classification.reason;
  diagnosis.remedy = classification.remedy;
}

void RankBearingFaults(const Classifier& classifier, const Classification& classification,
                       Diagnosis& diagnosis) {
  std::stable_sort(diagnosis.bearing_ranking.begin(), diagnosis.bearing_ranking.end(),
                   [&](Fault a, Fault b) {
                     return ProbabilityOf(a, classifier, classification) >
                            ProbabilityOf(b, classifier, classification);
                   });
}

}  // namespace

Diagnosis WithClassifier(Diagnosis physics, const Classifier& classifier,
                         const Classification& classification) {
  // No opinion, or nothing to have one about.
  if (classification.probabilities.empty() || physics.ranking.empty() ||
      physics.verdict == Fault::kUnscorable) {
    return physics;
  }
  const bool rules_called = !IsNoFault(physics.verdict) && !classifier.Knows(physics.verdict);
  ShareOut(classifier, classification, rules_called, physics);
  RankBearingFaults(classifier, classification, physics);
  std::string gap = std::move(physics.reason);
  std::string remedy = std::move(physics.remedy);
  physics.reason = physics.remedy = "";
  if (!rules_called && classification.fault == Fault::kAbstain) Abstain(classification, physics);
  std::stable_sort(
      physics.ranking.begin(), physics.ranking.end(),
      [](const RankedFault& a, const RankedFault& b) { return a.probability > b.probability; });
  physics.verdict = physics.ranking.front().fault;
  physics.confidence = physics.ranking.front().probability;
  physics.severity = physics.ranking.front().severity;
  if (physics.verdict == Fault::kAbstain && physics.reason.empty()) {
    physics.reason = gap.empty()
                         ? "the learnt classifier sees no fault, but too little is known of "
                           "the record for silence to be health"
                         : std::move(gap);
    physics.remedy =
        remedy.empty() ? "record again and longer, with the speed measured" : std::move(remedy);
  }
  return physics;
}

}  // namespace auscult::models
