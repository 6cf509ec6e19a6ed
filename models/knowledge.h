#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/advance.h"
#include "models/fault.h"

namespace auscult::models {

enum class Language : unsigned char { kEnglish = 0, kChinese = 1 };

// "en", "zh" and what begins with them ("zh-CN", "en_US"); nothing for any other.
std::optional<Language> ParseLanguage(std::string_view code);

// What a person does about a fault mode in one condition, and how soon.
struct Advice {
  std::string action;
  std::string urgency;
};

// A fault mode in one language. Every field is filled.
struct FaultModeText {
  std::string name;
  std::string symptom;              // what the measurement shows
  std::vector<std::string> causes;  // possible ones, without order
  std::vector<std::string> checks;  // how to confirm it
  Advice watch, alert, alarm;

  // For alert and alarm as they stand; for every milder condition that of watch.
  const Advice& AdviceFor(Condition condition) const;
};

// What is known of a fault mode. The sentences are our own; `sources` are the published standards
// and books that stand behind them, written out.
struct FaultMode {
  std::string id;  // FaultName of a fault, else "sensor_fault", "missing_data", "process_departure"
  FaultModeText english;
  FaultModeText chinese;
  std::vector<std::string> sources;

  const FaultModeText& In(Language language) const {
    return language == Language::kChinese ? chinese : english;
  }
};

// What an alarm may be about beside the faults of the machine.
enum class Disturbance : unsigned char {
  kSensorFault = 0,
  kMissingData = 1,
  kProcessDeparture = 2
};

// The knowledge base: models/knowledge/*.json, compiled in. Static; any thread may read.
const FaultMode& KnowledgeOf(Fault fault);
const FaultMode& KnowledgeOf(Disturbance disturbance);

}  // namespace auscult::models
