#include <nlohmann/json.hpp>

#include "cli/evaluation_report.h"
#include "cli/number_format.h"

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
  json["records"] = Json::array();
  for (const JudgedRecord& judged : evaluation.judged) {
    json["records"].push_back(RecordJson(judged, style.forced));
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
