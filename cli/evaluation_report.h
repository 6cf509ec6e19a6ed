#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/evaluation.h"

namespace auscult::cli {

// How often the verdicts on some recordings were right.
struct Counts {
  int records = 0;
  int faulty = 0;        // by their truth
  int named = 0;         // of those, the verdict names the fault
  int ranked = 0;        // faulty ones whose truth is inner race, outer race or ball
  int forced_right = 0;  // of those, the forced choice begins with it
  int healthy = 0;       // by their truth
  int passed = 0;        // of those, called healthy
  int accused = 0;       // of those, a fault is named
  int abstained = 0;     // of all

  void Add(const JudgedRecord& judged);
};

// Counts by the text of a column, for records of the same text together; "truth" is the label as
// understood.
std::map<std::string, Counts> CountsBy(const std::vector<JudgedRecord>& judged,
                                       const std::string& column);

// How often which verdict was given for which truth. With `forced`, that of the forced choice for
// recordings of the three bearing faults, and no others.
using Confusion = std::map<std::string, std::map<std::string, int>>;
Confusion ConfusionOf(const std::vector<JudgedRecord>& judged, bool forced);

// Median of a share over the lives that learnt a baseline; one where it never happened counts as
// later than all others, and nothing is the answer where the median is such a one.
std::optional<double> MedianOf(const std::vector<Life>& lives,
                               const std::function<std::optional<double>(const Life&)>& share);

struct EvaluationStyle {
  std::vector<std::string> groups = {"dataset", "truth", "fault_size"};
  bool forced = false;       // judge by the forced choice of inner race, outer race and ball
  bool all_records = false;  // list every recording, not only those that are wrong
  bool colours = false;
};

// Every life with its shares, medians, and alarms of healthy ones for each record and year; ""
// where there is none.
std::string LivesText(const std::vector<Life>& lives);

// Confusion, accuracy by group, false accusations, failures, and abstentions with their reasons,
// for people.
std::string EvaluationText(const Evaluation& evaluation, const EvaluationStyle& style);

// The same as one JSON object, with every recording: truth, verdict, probability, ranking, forced.
std::string EvaluationJson(const Evaluation& evaluation, const EvaluationStyle& style);

}  // namespace auscult::cli
