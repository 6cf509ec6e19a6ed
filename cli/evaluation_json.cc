#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/evaluation_report.h"
#include "cli/number_format.h"
#include "cli/severity_order.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::ordered_json;

Json CountsJson(const Counts& counts) {
  return {{"records", counts.records},
          {"faulty", counts.faulty},
          {"named", counts.named},
          {"ranked", counts.ranked},
          {"forced_right", counts.forced_right},
          {"healthy", counts.healthy},
          {"passed", counts.passed},
          {"accused", counts.accused},
          {"abstained", counts.abstained}};
}

Json RecordJson(const JudgedRecord& judged, bool by_forced_choice) {
  const LabelledRecord& record = *judged.record;
  Json json = {{"manifest", record.manifest},
               {"line", record.line},
               {"file", record.file},
               {"dataset", record.dataset},
               {"record_id", record.record_id},
               {"channel", record.channel},
               {"fault_size", record.fault_size}};
  if (judged.piece > 0) json["piece"] = judged.piece;
  if (!record.machine.bearings.empty()) {
    json["bearing"] = record.machine.bearings[0].designation;
  }
  if (judged.speed_rpm > 0) json["speed_rpm"] = Shortest(judged.speed_rpm);
  json["truth"] = record.truth.name;
  json["verdict"] = models::FaultName(judged.verdict);
  json["probability"] = Shortest(judged.confidence);
  json["ranking"] = Json::array();
  for (const models::RankedFault& ranked : judged.ranking) {
    json["ranking"].push_back({{"fault", models::FaultName(ranked.fault)},
                               {"probability", Shortest(ranked.probability)}});
  }
  json["forced"] = Json::array();
  for (const models::Fault fault : judged.forced) {
    json["forced"].push_back(models::FaultName(fault));
  }
  if (!judged.reason.empty()) json["reason"] = judged.reason;
  const bool forced = by_forced_choice && judged.IsBearingFault();
  json["right"] = forced ? judged.IsForcedRight() : judged.IsRight();
  return json;
}

Json ShareJson(const std::optional<double>& share) {
  return share ? Json(Shortest(static_cast<float>(*share))) : Json();
}

// Shares of life; null where it never happened.
Json LifeJson(const Life& life) {
  return {{"name", life.name},
          {"manifest", life.manifest},
          {"line", life.line},
          {"truth", life.truth.name},
          {"records", life.records},
          {"not_scored", life.not_scored},
          {"days", life.days},
          {"learnt", ShareJson(life.learnt)},
          {"first_watch", ShareJson(life.first_watch)},
          {"first_alert", ShareJson(life.first_alert)},
          {"first_alarm", ShareJson(life.first_alarm)},
          {"health_below_20", ShareJson(life.below_20)},
          {"alerts", life.alerts},
          {"alarms", life.alarms},
          {"alarms_in_first_tenth", life.early_alarms},
          {"accused_records", life.accused},
          {"health_at_end",
           std::isfinite(life.health_at_end) ? Json(Shortest(life.health_at_end)) : Json()},
          {"condition_at_end", models::ConditionName(life.condition_at_end)}};
}

Json MediansJson(const std::vector<Life>& lives) {
  std::vector<Life> failed;
  for (const Life& life : lives) {
    if (life.truth.run_to_failure) failed.push_back(life);
  }
  const auto median = [&](std::optional<double> Life::*share) {
    return ShareJson(MedianOf(failed, [&](const Life& life) { return life.*share; }));
  };
  return {{"learnt", median(&Life::learnt)},
          {"first_watch", median(&Life::first_watch)},
          {"first_alert", median(&Life::first_alert)},
          {"first_alarm", median(&Life::first_alarm)},
          {"health_below_20", median(&Life::below_20)}};
}

Json SeverityJson(const SeverityOrder& order) {
  Json records = Json::array();
  for (const SeverityOrder::Record& record : order.records) {
    records.push_back({{"record", record.judged->record->Name()},
                       {"size", record.size},
                       {"severity", Shortest(static_cast<float>(record.severity))}});
  }
  return {{"rig", order.rig},
          {"fault", models::FaultName(order.fault)},
          {"unit", order.unit},
          {"pairs", order.pairs},
          {"in_order", order.in_order},
          {"spearman", Shortest(static_cast<float>(order.spearman))},
          {"records", std::move(records)}};
}

}  // namespace

std::string EvaluationJson(const Evaluation& evaluation, const EvaluationStyle& style) {
  Json json;
  Counts total;
  for (const JudgedRecord& judged : evaluation.judged) total.Add(judged);
  json["total"] = CountsJson(total);
  json["confusion"] = ConfusionOf(evaluation.judged, style.forced);
  json["groups"] = Json::object();
  for (const std::string& column : style.groups) {
    Json groups = Json::object();
    for (const auto& [group, counts] : CountsBy(evaluation.judged, column)) {
      groups[group] = CountsJson(counts);
    }
    json["groups"][column] = std::move(groups);
  }
  json["severity_order"] = Json::array();
  for (const SeverityOrder& order : SeverityOrdersOf(evaluation.judged)) {
    json["severity_order"].push_back(SeverityJson(order));
  }
  json["records"] = Json::array();
  for (const JudgedRecord& judged : evaluation.judged) {
    json["records"].push_back(RecordJson(judged, style.forced));
  }
  if (!evaluation.lives.empty()) {
    json["lives"] = Json::array();
    for (const Life& life : evaluation.lives) json["lives"].push_back(LifeJson(life));
    json["life_medians"] = MediansJson(evaluation.lives);
  }
  json["bad_rows"] = Json::array();
  for (const BadRow& bad : evaluation.bad) {
    json["bad_rows"].push_back(
        {{"manifest", bad.manifest}, {"line", bad.line}, {"message", bad.message}});
  }
  // Cells of manifests need not be UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace auscult::cli
