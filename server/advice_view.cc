#include "server/advice_view.h"

#include "server/concat.h"
#include "server/names.h"
#include "server/plant_check.h"

namespace auscult::server {
namespace {

bool NamesFault(v1::Fault verdict) {
  return verdict > v1::FAULT_HEALTHY && verdict < v1::FAULT_ABSTAIN;
}

v1::Advice Show(models::Fault fault, models::Condition condition, models::Language language) {
  const models::FaultMode& mode = models::KnowledgeOf(fault);
  const models::FaultModeText& text = mode.In(language);
  v1::Advice advice;
  advice.set_fault(static_cast<v1::Fault>(static_cast<int>(fault) + 1));
  advice.set_fault_name(text.name);
  advice.set_symptom(text.symptom);
  for (const std::string& cause : text.causes) advice.add_causes(cause);
  for (const std::string& check : text.checks) advice.add_checks(check);
  advice.set_action(text.AdviceFor(condition).action);
  for (const std::string& source : mode.sources) advice.add_sources(source);
  advice.set_language_code(language == models::Language::kChinese ? "zh" : "en");
  return advice;
}

// The numbers of the API are those of the models, moved by one.
models::Fault FaultOf(v1::Fault fault) {
  return static_cast<models::Fault>(static_cast<int>(fault) - 1);
}

}  // namespace

absl::StatusOr<models::Language> LanguageOf(std::string_view code) {
  if (code.empty()) return models::Language::kEnglish;
  if (const auto language = models::ParseLanguage(code)) return *language;
  return BadField("UNKNOWN_LANGUAGE", "language_code",
                  Concat("there is no text in the language ", Quoted(code)),
                  "send \"en\" or \"zh\", or leave it out for English");
}

std::optional<v1::Advice> AdviceOn(v1::Fault verdict, v1::Condition condition,
                                   models::Language language) {
  const bool alert = condition == v1::CONDITION_ALERT || condition == v1::CONDITION_ALARM;
  if (!alert && (condition != v1::CONDITION_WATCH || !NamesFault(verdict))) return std::nullopt;
  const models::Fault fault = NamesFault(verdict) ? FaultOf(verdict) : models::Fault::kOther;
  return Show(fault, static_cast<models::Condition>(static_cast<int>(condition) - 1), language);
}

std::optional<v1::Advice> AdviceOnRecord(v1::Fault verdict, models::Language language) {
  if (!NamesFault(verdict) && verdict != v1::FAULT_UNSCORABLE) return std::nullopt;
  return Show(FaultOf(verdict), models::Condition::kAlert, language);
}

}  // namespace auscult::server
