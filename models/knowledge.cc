#include "models/knowledge.h"

#include <array>
#include <nlohmann/json.hpp>

#include "models/embedded_knowledge.h"

namespace auscult::models {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 3> kDisturbances = {"sensor_fault", "missing_data",
                                                           "process_departure"};

Json FileOf(std::string_view name) {
  for (int i = 0; i < kKnowledgeCount; ++i) {
    if (kKnowledge[i].name == name) return Json::parse(kKnowledge[i].json, nullptr, false);
  }
  return Json();
}

// An empty text, or list, where the file has none: the tests see to it that none is missing.
std::string TextOf(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

std::vector<std::string> TextsOf(const Json& object, const char* key) {
  std::vector<std::string> texts;
  if (!object.contains(key) || !object[key].is_array()) return texts;
  for (const Json& text : object[key]) {
    if (text.is_string()) texts.push_back(text.get<std::string>());
  }
  return texts;
}

Advice AdviceOf(const Json& object, const char* condition) {
  if (!object.contains(condition)) return {};
  return {TextOf(object[condition], "action"), TextOf(object[condition], "urgency")};
}

FaultModeText FaultModeTextOf(const Json& file, const char* language) {
  if (!file.contains(language)) return {};
  const Json& object = file[language];
  return {TextOf(object, "name"),    TextOf(object, "symptom"), TextsOf(object, "causes"),
          TextsOf(object, "checks"), AdviceOf(object, "watch"), AdviceOf(object, "alert"),
          AdviceOf(object, "alarm")};
}

FaultMode FaultModeOf(std::string_view id, const Json& sources) {
  const Json file = FileOf(id);
  FaultMode mode{std::string(id), FaultModeTextOf(file, "en"), FaultModeTextOf(file, "zh"), {}};
  for (const std::string& key : TextsOf(file, "sources")) {
    mode.sources.push_back(TextOf(sources, key.c_str()));
  }
  return mode;
}

struct Knowledge {
  std::vector<FaultMode> faults;        // by their number
  std::vector<FaultMode> disturbances;  // by theirs

  Knowledge() {
    const Json sources = FileOf("sources");
    for (int i = 0; i < kFaultCount; ++i) {
      faults.push_back(FaultModeOf(FaultName(static_cast<Fault>(i)), sources));
    }
    for (const std::string_view id : kDisturbances) {
      disturbances.push_back(FaultModeOf(id, sources));
    }
  }
};

const Knowledge& TheKnowledge() {
  static const Knowledge knowledge;
  return knowledge;
}

}  // namespace

std::optional<Language> ParseLanguage(std::string_view code) {
  const std::string_view language = code.substr(0, code.find_first_of("-_"));
  if (language == "en") return Language::kEnglish;
  if (language == "zh") return Language::kChinese;
  return std::nullopt;
}

const Advice& FaultModeText::AdviceFor(Condition condition) const {
  if (condition == Condition::kAlarm) return alarm;
  return condition == Condition::kAlert ? alert : watch;
}

const FaultMode& KnowledgeOf(Fault fault) {
  return TheKnowledge().faults[static_cast<size_t>(fault)];
}

const FaultMode& KnowledgeOf(Disturbance disturbance) {
  return TheKnowledge().disturbances[static_cast<size_t>(disturbance)];
}

}  // namespace auscult::models
