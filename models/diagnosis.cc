#include "models/diagnosis.h"

#include <algorithm>
#include <cmath>

#include "features/iso20816.h"
#include "features/quality.h"
#include "models/rules.h"
#include "models/sentence.h"

namespace auscult::models {
namespace {

// Log-odds of a fault against none over its strength, 1 being the limit from which it is called.
// Fitted to outcomes of windows of recordings by bench/calibrate_diagnosis.py: docs/models.md,
// Probabilities.
constexpr float kUncalledSlope = 4.5f;
constexpr float kCalledLogOdds = 1.6f;
constexpr float kCalledSlope = 12.0f;
// Silence that is less probable than not is no health.
constexpr float kLeastSupport = 0.5f;
// A speed that the record shows less clearly than this is said to be unsure; half of the log-odds
// go as it gets unsure. Below the second limit silence is no proof of health.
constexpr float kSureSpeed = 0.6f;
constexpr float kGuessedSpeed = 0.3f;

Diagnosis WithoutVerdict(Fault verdict, std::string reason, std::string remedy) {
  Diagnosis diagnosis;
  diagnosis.verdict = verdict;
  diagnosis.confidence = 1;
  diagnosis.ranking = {{verdict, 1.0f, {}}};
  diagnosis.reason = std::move(reason);
  diagnosis.remedy = std::move(remedy);
  return diagnosis;
}

// As the first of `flags` says.
Diagnosis WithoutVerdict(Fault verdict, features::QualityFlags flags) {
  const features::QualityText text = features::Describe(flags).front();
  return WithoutVerdict(verdict, Sentence("%s: %s", text.name, text.meaning),
                        std::string(text.remedy));
}

// How clearly the record shows the speed that orders are taken at; 1 where there is none to doubt.
float SpeedConfidence(const Observation& observation) {
  const int feature = features::FeatureIndex(observation.set, "speed_confidence");
  float confidence = features::kNotKnown;
  for (int c = 0; c < observation.features.channel_count; ++c) {
    confidence = std::fmax(confidence, observation.Value(c, feature));
  }
  return std::isnan(confidence) ? 1.0f : confidence;
}

// What speaks against every verdict in orders of a speed that nobody measured.
Evidence UnsureSpeed(const Observation& observation, float confidence) {
  const bool contradicted =
      features::Has(observation.features.quality, features::QualityFlag::kSpeedContradicted);
  return {.text = Sentence(
              "%s %.2f Hz was found in the record with a confidence of %.2f, sure from %.2f: "
              "lines may belong to another speed",
              contradicted ? "the speed sent has no lines;" : "the shaft speed of",
              observation.ShaftHz(), confidence, kSureSpeed),
          .feature = "speed_confidence",
          .channel = 0,
          .value = confidence,
          .limit = kSureSpeed,
          .frequency_hz = observation.ShaftHz(),
          .order = 1,
          .supports = false};
}

// What must be known before silence is health.
void NoteMissingKnowledge(const Observation& observation, Findings& findings) {
  using features::QualityFlag;
  const features::QualityFlags quality = observation.features.quality;
  for (const QualityFlag flag : {QualityFlag::kNoSpeed, QualityFlag::kTooShortForLines}) {
    if (!features::Has(quality, flag)) continue;
    const features::QualityText text = features::Describe(features::Bit(flag)).front();
    NoteGap(findings, std::string(text.meaning), std::string(text.remedy));
  }
  if (SpeedConfidence(observation) < kGuessedSpeed) {
    NoteGap(findings,
            "the shaft speed is hardly to be seen in the record, so that its lines may be missed",
            "send the speed measured with the record, or a nominal one that is nearer");
  }
  if (observation.machine.bearings.empty()) {
    NoteGap(findings,
            "no rolling bearing of this machine is known, so its lines cannot be looked for",
            "name the bearings of the machine, by catalogue designation or by their defect orders");
  }
}

Evidence VelocityEvidence(const Observation& observation) {
  const int feature = features::FeatureIndex(observation.set, "velocity_rms_mm_s");
  float worst = features::kNotKnown;
  int channel = 0;
  for (int c = 0; c < observation.features.channel_count; ++c) {
    const float velocity = observation.Value(c, feature);
    if (!(velocity <= worst) && std::isfinite(velocity)) {
      worst = velocity;
      channel = c;
    }
  }
  const auto limits = features::LimitsFor(observation.machine);
  const features::Zone zone = features::ZoneOf(worst, limits);
  Evidence evidence = {.text = "",
                       .feature = "velocity_rms_mm_s",
                       .channel = channel,
                       .value = worst,
                       .limit = limits ? limits->bc : features::kNotKnown,
                       .frequency_hz = features::kNotKnown,
                       .order = features::kNotKnown,
                       .supports = zone != features::Zone::kC && zone != features::Zone::kD};
  evidence.text =
      limits ? Sentence("velocity %.2f mm/s RMS, zone %s of ISO 20816-3, B/C limit %.1f mm/s",
                        worst, features::ZoneName(zone), limits->bc)
             : Sentence(
                   "velocity %.2f mm/s RMS; no ISO 20816-3 limit applies, as power or "
                   "foundation of the machine is unknown",
                   worst);
  return evidence;
}

// What stands for "no fault": healthy where enough is known, else abstain. Its evidence is what
// came closest to a fault.
RankedFault NoFault(const Observation& observation, Findings& findings, float probability) {
  const auto closest = std::max_element(
      findings.candidates.begin(), findings.candidates.end(),
      [](const Candidate& a, const Candidate& b) { return a.strength < b.strength; });
  if (probability < kLeastSupport && closest != findings.candidates.end() &&
      closest->strength < 1) {
    NoteGap(findings,
            Sentence("no fault reaches its limits, but %s comes close, and no fault at all "
                     "has a probability of %.2f only",
                     FaultName(closest->fault), probability),
            "record again, longer or under more load; one that repeats is to be believed");
  }
  RankedFault none = {findings.gap.empty() ? Fault::kHealthy : Fault::kAbstain, probability, {}};
  if (observation.set.signal == features::Signal::kVibration) {
    Evidence velocity = VelocityEvidence(observation);
    if (std::isfinite(velocity.value)) none.evidence.push_back(std::move(velocity));
  }
  if (closest != findings.candidates.end()) {
    none.evidence.reserve(closest->evidence.size() + 2);
    for (Evidence evidence : closest->evidence) {
      evidence.supports = !evidence.supports;  // what speaks against the fault speaks for health
      none.evidence.push_back(std::move(evidence));
    }
  }
  return none;
}

// Where a candidate ranks; without one, "no fault".
struct Place {
  float probability;
  Candidate* candidate;
};

Diagnosis Conclude(const Observation& observation, Findings findings) {
  const float confidence = SpeedConfidence(observation);
  const float sure = 0.5f + 0.5f * std::min(1.0f, confidence / kSureSpeed);
  const auto odds = [&](float strength) {
    const float over = strength - 1;
    return std::exp(sure *
                    (over < 0 ? kUncalledSlope * over : kCalledLogOdds + kCalledSlope * over));
  };
  float sum = 1;
  for (const Candidate& candidate : findings.candidates) sum += odds(candidate.strength);
  RankedFault none = NoFault(observation, findings, 1 / sum);
  std::vector<Place> places = {{none.probability, nullptr}};
  places.reserve(findings.candidates.size() + 1);
  for (Candidate& candidate : findings.candidates) {
    places.push_back({odds(candidate.strength) / sum, &candidate});
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.probability > b.probability; });
  Diagnosis diagnosis;
  diagnosis.bearing_ranking = findings.bearing_ranking;
  diagnosis.ranking.reserve(places.size());
  for (const auto& [probability, candidate] : places) {
    if (candidate == nullptr) {
      diagnosis.ranking.push_back(std::move(none));
    } else {
      diagnosis.ranking.push_back({candidate->fault, probability, std::move(candidate->evidence),
                                   std::move(candidate->severity)});
    }
  }
  if (confidence < kSureSpeed) {
    const Evidence unsure = UnsureSpeed(observation, confidence);
    for (RankedFault& fault : diagnosis.ranking) fault.evidence.push_back(unsure);
  }
  diagnosis.verdict = diagnosis.ranking.front().fault;
  diagnosis.confidence = diagnosis.ranking.front().probability;
  diagnosis.severity = diagnosis.ranking.front().severity;
  if (diagnosis.verdict == Fault::kAbstain) {
    diagnosis.reason = std::move(findings.gap);
    diagnosis.remedy = std::move(findings.remedy);
  }
  return diagnosis;
}

}  // namespace

Diagnosis Diagnose(const features::FeatureVector& features, const features::Machine& machine,
                   const UsualLevels* usual) {
  constexpr features::QualityFlags kStopped = features::Bit(features::QualityFlag::kStopped);
  const features::QualityFlags broken = features.quality & features::kUnscorable;
  if (broken != 0) return WithoutVerdict(Fault::kUnscorable, broken);
  if ((features.quality & kStopped) != 0) return WithoutVerdict(Fault::kAbstain, kStopped);
  const features::FeatureSet* set = features::FindFeatureSet(features.set_id);
  if (set == nullptr || features.channel_count < 1 ||
      features.values.size() != set->features.size() * features.channel_count) {
    return WithoutVerdict(Fault::kUnscorable, "the features are of no set that this version knows",
                          "send the samples, or features of a set that this version lists");
  }
  const Observation observation = {features, machine, *set, usual};
  Findings findings;
  findings.candidates.reserve(kFaultCount);
  if (set->signal == features::Signal::kVibration) {
    NoteMissingKnowledge(observation, findings);
    JudgeBearings(observation, findings);
    JudgeShaft(observation, findings);
    JudgeGears(observation, findings);
  } else {
    JudgeCurrent(observation, findings);
  }
  return Conclude(observation, std::move(findings));
}

}  // namespace auscult::models
