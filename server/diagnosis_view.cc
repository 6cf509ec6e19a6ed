#include "server/diagnosis_view.h"

#include <cmath>
#include <string>

#include "server/concat.h"
#include "server/health_view.h"

namespace auscult::server {
namespace {

void Show(const models::Evidence& evidence, const DirectoryEntry& point, v1::Evidence& shown) {
  shown.set_text(evidence.text);
  if (!evidence.feature.empty()) {
    shown.set_feature(FeatureName(point, evidence.channel, evidence.feature));
  }
  if (std::isfinite(evidence.value)) shown.set_value(evidence.value);
  if (std::isfinite(evidence.limit)) shown.set_limit(evidence.limit);
  if (std::isfinite(evidence.frequency_hz)) shown.set_frequency_hz(evidence.frequency_hz);
  if (std::isfinite(evidence.order)) shown.set_order(evidence.order);
  shown.set_supports(evidence.supports);
}

}  // namespace

v1::Diagnosis MessageOf(const models::Diagnosis& diagnosis, const DirectoryEntry& point) {
  v1::Diagnosis message;
  message.set_verdict(FaultOf(static_cast<int>(diagnosis.verdict)));
  message.set_confidence(diagnosis.confidence);
  const models::Severity& severity = diagnosis.severity;
  if (std::isfinite(severity.value)) message.set_severity(severity.value);
  message.set_severity_text(severity.basis.empty() ? severity.grade
                                                   : Concat(severity.grade, ": ", severity.basis));
  for (const models::RankedFault& ranked : diagnosis.ranking) {
    v1::RankedFault& shown = *message.add_ranking();
    shown.set_fault(FaultOf(static_cast<int>(ranked.fault)));
    shown.set_probability(ranked.probability);
    if (std::isfinite(ranked.severity.value)) shown.set_severity(ranked.severity.value);
    for (const models::Evidence& evidence : ranked.evidence) {
      Show(evidence, point, *shown.add_evidence());
    }
  }
  message.set_reason(diagnosis.reason);
  message.set_remedy(diagnosis.remedy);
  return message;
}

void AddFeatures(const features::FeatureVector& record, const DirectoryEntry& point,
                 google::protobuf::RepeatedPtrField<v1::FeatureValue>& features) {
  const features::FeatureSet* const set = features::FindFeatureSet(record.set_id);
  if (set == nullptr) return;
  for (size_t i = 0; i < record.values.size(); ++i) {
    const size_t channel = i / set->features.size();
    const features::FeatureDefinition& feature = set->features[i % set->features.size()];
    v1::FeatureValue& shown = *features.Add();
    shown.set_feature(FeatureName(point, static_cast<int>(channel), feature.name));
    if (std::isfinite(record.values[i])) shown.set_value(record.values[i]);
    if (channel < point.channels.size()) {
      shown.set_unit(std::string(features::UnitOf(feature, point.channels[channel].quantity)));
    }
  }
}

std::string FeatureName(const DirectoryEntry& point, int channel, std::string_view feature) {
  const auto index = static_cast<size_t>(channel);
  if (point.channels.size() < 2 || index >= point.channels.size()) return std::string(feature);
  return Concat(point.channels[index].id, "/", feature);
}

std::string FeatureName(const DirectoryEntry& point, const features::FeatureSet& set,
                        int value_index) {
  const auto size = static_cast<int>(set.features.size());
  return FeatureName(point, value_index / size,
                     set.features[static_cast<size_t>(value_index % size)].name);
}

}  // namespace auscult::server
