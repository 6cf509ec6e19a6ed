#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/analysis_report.h"
#include "cli/number_format.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::ordered_json;

Json FeaturesJson(const Analysis& analysis) {
  Json features = Json::object();
  const features::FeatureSet* set = features::FindFeatureSet(analysis.features.set_id);
  if (set == nullptr) return features;
  if (analysis.features.speed_rpm > 0) {
    features["speed_rpm"] = {{"value", Shortest(analysis.features.speed_rpm)}, {"unit", "rpm"}};
  }
  const size_t size = set->features.size();
  for (size_t i = 0; i < analysis.features.values.size(); ++i) {
    const float value = analysis.features.values[i];
    if (!std::isfinite(value)) continue;
    const features::FeatureDefinition& definition = set->features[i % size];
    const auto channel = static_cast<int>(i / size);
    features[FeatureName(analysis, channel, definition.name)] = {
        {"value", Shortest(value)},
        {"unit", UnitOf(definition, analysis.channels[i / size].quantity)}};
  }
  return features;
}

Json RankingJson(const models::Diagnosis& diagnosis) {
  Json ranking = Json::array();
  for (const models::RankedFault& ranked : diagnosis.ranking) {
    Json evidence = Json::array();
    for (const models::Evidence& item : ranked.evidence) {
      evidence.push_back(item.supports ? item.text : "against: " + item.text);
    }
    ranking.push_back({{"fault", models::FaultName(ranked.fault)},
                       {"probability", Shortest(ranked.probability)},
                       {"evidence", std::move(evidence)}});
    if (ranked.severity.grade.empty()) continue;
    ranking.back()["severity"] = {{"value", Shortest(ranked.severity.value)},
                                  {"grade", ranked.severity.grade},
                                  {"basis", ranked.severity.basis}};
  }
  return ranking;
}

Json AdviceJson(const Analysis& analysis, models::Language language) {
  const AnalysisAdvice advice = AdviceOn(analysis, language);
  return {{"fault_name", advice.text.name},
          {"symptom", advice.text.symptom},
          {"causes", advice.text.causes},
          {"checks", advice.text.checks},
          {"action", advice.advice.action},
          {"urgency", advice.advice.urgency},
          {"sources", advice.mode.sources},
          {"language", language == models::Language::kChinese ? "zh" : "en"}};
}

}  // namespace

AnalysisAdvice AdviceOn(const Analysis& analysis, models::Language language) {
  const models::FaultMode& mode = models::KnowledgeOf(analysis.diagnosis.verdict);
  const models::FaultModeText& text = mode.In(language);
  const models::Condition condition =
      analysis.zone == features::Zone::kD   ? models::Condition::kAlarm
      : analysis.zone == features::Zone::kC ? models::Condition::kAlert
                                            : models::Condition::kWatch;
  return {mode, text, text.AdviceFor(condition)};
}

std::string AnalysisJson(const Analysis& analysis, models::Language language) {
  Json json;
  json["quality"] = Json::array();
  for (const QualityNote& note : analysis.quality) json["quality"].push_back(note.name);
  json["features"] = FeaturesJson(analysis);
  json["verdict"] = models::FaultName(analysis.diagnosis.verdict);
  if (!analysis.diagnosis.reason.empty()) {
    json["reason"] = analysis.diagnosis.reason;
    json["remedy"] = analysis.diagnosis.remedy;
  }
  json["ranking"] = RankingJson(analysis.diagnosis);
  json["bearing_ranking"] = Json::array();
  for (const models::Fault fault : analysis.diagnosis.bearing_ranking) {
    json["bearing_ranking"].push_back(models::FaultName(fault));
  }
  json["advice"] = AdviceJson(analysis, language);
  // Names of channels come from files and need not be UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace auscult::cli
