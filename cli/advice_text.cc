#include "cli/advice_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace auscult::cli {
namespace {

void ShowList(std::string label, const google::protobuf::RepeatedPtrField<std::string>& texts,
              LabelledLines& lines) {
  for (const std::string& text : texts) {
    lines.Add(label, "- " + text);
    label.clear();
  }
}

}  // namespace

void ShowEvidence(const google::protobuf::RepeatedPtrField<v1::Evidence>& evidence,
                  LabelledLines& lines) {
  std::string label = "evidence";
  for (const v1::Evidence& item : evidence) {
    lines.Add(label, absl::StrCat(item.supports() ? "+ " : "against: ", item.text()));
    label.clear();
  }
}

void ShowAdvice(const v1::Advice& advice, LabelledLines& lines) {
  lines.Add("fault", advice.fault_name());
  lines.Add("symptom", advice.symptom());
  ShowList("causes", advice.causes(), lines);
  ShowList("checks", advice.checks(), lines);
  lines.Add("action", advice.action());
  lines.Add("sources", absl::StrJoin(advice.sources(), "; "), Colour::kDim);
}

}  // namespace auscult::cli
