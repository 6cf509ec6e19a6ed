#include "cli/truth.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace auscult::cli {
namespace {

using models::Fault;

struct Label {
  std::string_view words;
  Fault fault;
};

// In words as WordsOf gives them, beside the names of models::FaultName.
constexpr std::array kLabels = {Label{"normal", Fault::kHealthy},
                                Label{"n", Fault::kHealthy},
                                Label{"h", Fault::kHealthy},
                                Label{"ok", Fault::kHealthy},
                                Label{"good", Fault::kHealthy},
                                Label{"baseline", Fault::kHealthy},
                                Label{"no", Fault::kHealthy},  // "no fault"
                                Label{"none", Fault::kHealthy},
                                Label{"hlt", Fault::kHealthy},
                                Label{"hlthy", Fault::kHealthy},
                                Label{"正常", Fault::kHealthy},
                                Label{"inner", Fault::kInnerRace},
                                Label{"innerrace", Fault::kInnerRace},
                                Label{"inner ring", Fault::kInnerRace},
                                Label{"ir", Fault::kInnerRace},
                                Label{"i", Fault::kInnerRace},
                                Label{"内圈", Fault::kInnerRace},
                                Label{"内圈故障", Fault::kInnerRace},
                                Label{"outer", Fault::kOuterRace},
                                Label{"outerrace", Fault::kOuterRace},
                                Label{"outer ring", Fault::kOuterRace},
                                Label{"or", Fault::kOuterRace},
                                Label{"o", Fault::kOuterRace},
                                Label{"外圈", Fault::kOuterRace},
                                Label{"外圈故障", Fault::kOuterRace},
                                Label{"b", Fault::kBall},
                                Label{"re", Fault::kBall},
                                Label{"roller", Fault::kBall},
                                Label{"rolling element", Fault::kBall},
                                Label{"滚动体", Fault::kBall},
                                Label{"滚动体故障", Fault::kBall},
                                Label{"c", Fault::kCage},
                                Label{"保持架", Fault::kCage},
                                Label{"保持架故障", Fault::kCage},
                                Label{"imbalance", Fault::kUnbalance},
                                Label{"不平衡", Fault::kUnbalance},
                                Label{"misaligned", Fault::kMisalignment},
                                Label{"不对中", Fault::kMisalignment},
                                Label{"loose", Fault::kLooseness},
                                Label{"松动", Fault::kLooseness},
                                Label{"gear broken tooth", Fault::kGear},
                                Label{"broken tooth", Fault::kGear},
                                Label{"chipped tooth", Fault::kGear},
                                Label{"broken bar", Fault::kBrokenRotorBar},
                                Label{"broken bars", Fault::kBrokenRotorBar},
                                Label{"broken rotor bars", Fault::kBrokenRotorBar},
                                Label{"rotor bar", Fault::kBrokenRotorBar},
                                Label{"brb", Fault::kBrokenRotorBar},
                                Label{"断条", Fault::kBrokenRotorBar},
                                Label{"stator", Fault::kStatorWinding},
                                Label{"stator interturn", Fault::kStatorWinding},
                                Label{"stator inter turn", Fault::kStatorWinding},
                                Label{"interturn", Fault::kStatorWinding},
                                Label{"inter turn", Fault::kStatorWinding},
                                Label{"inter turn short", Fault::kStatorWinding},
                                Label{"itsc", Fault::kStatorWinding},
                                Label{"匝间短路", Fault::kStatorWinding}};

bool IsOfAWord(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_isalpha(byte) || byte >= 0x80;
}

// Lower case, words by one blank, digits and signs left out: "IR007_1" -> "ir". Words that only say
// that it is a fault are left out behind another.
std::string WordsOf(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : text) {
    if (IsOfAWord(c)) {
      if (!inside) words.emplace_back();
      words.back() += absl::ascii_tolower(static_cast<unsigned char>(c));
    }
    inside = IsOfAWord(c);
  }
  constexpr std::array kFillers = {"fault", "faults", "faulty", "defect", "damage", "failure"};
  while (words.size() > 1 &&
         std::find(kFillers.begin(), kFillers.end(), words.back()) != kFillers.end()) {
    words.pop_back();
  }
  return absl::StrJoin(words, " ");
}

std::optional<Fault> FaultOf(std::string_view text) {
  const std::string words = WordsOf(text);
  for (const Label& label : kLabels) {
    if (words == label.words) return label.fault;
  }
  const std::optional<Fault> fault = models::ParseFault(absl::StrReplaceAll(words, {{" ", "_"}}));
  // Abstention is an answer, not a truth.
  if (fault == Fault::kAbstain || fault == Fault::kUnscorable) return std::nullopt;
  return fault;
}

absl::Status Unknown(const std::string& label) {
  std::vector<std::string> known;
  for (int i = 0; i < models::kFaultCount; ++i) {
    const auto fault = static_cast<Fault>(i);
    if (fault != Fault::kAbstain && fault != Fault::kUnscorable) {
      known.emplace_back(models::FaultName(fault));
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "label \"", label, "\" is not known; write ", absl::StrJoin(known, ", "),
      ", what is usual for them (normal, inner, OR, broken-bar, ...), or run-to-failure"));
}

}  // namespace

bool Truth::Includes(Fault fault) const {
  return std::find(faults.begin(), faults.end(), fault) != faults.end();
}

absl::StatusOr<Truth> ParseTruth(const std::string& label) {
  const std::string said = label.substr(0, label.find_first_of("(:"));
  Truth truth;
  if (WordsOf(said).starts_with("run to")) {
    truth.run_to_failure = true;
    truth.name = "run_to_failure";
    return truth;
  }
  const std::string joined = absl::StrReplaceAll(absl::AsciiStrToLower(said), {{" and ", "+"}});
  const std::vector<std::string> parts = absl::StrSplit(joined, absl::ByAnyChar("+&,;/"));
  std::vector<std::string> names;
  for (const std::string& part : parts) {
    const std::optional<Fault> fault = FaultOf(part);
    const bool healthy_among_faults = fault == Fault::kHealthy && parts.size() > 1;
    if (!fault || healthy_among_faults) return Unknown(label);
    truth.faults.push_back(*fault);
    names.emplace_back(models::FaultName(*fault));
  }
  truth.name = absl::StrJoin(names, "+");
  return truth;
}

}  // namespace auscult::cli
