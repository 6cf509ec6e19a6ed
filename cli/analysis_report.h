#pragma once

#include <string>

#include "cli/analysis.h"
#include "models/knowledge.h"

namespace auscult::cli {

// The analysis as one JSON object: quality, features (those that could be computed), verdict,
// ranking, bearing_ranking, advice; reason and remedy beside them for the verdicts abstain and
// unscorable.
std::string AnalysisJson(const Analysis& analysis, models::Language language);

// What the knowledge base says of the verdict, and for the condition that one record alone can
// tell: alarm in zone D of ISO 20816-3, alert in zone C, else watch.
struct AnalysisAdvice {
  const models::FaultMode& mode;
  const models::FaultModeText& text;
  const models::Advice& advice;
};
AnalysisAdvice AdviceOn(const Analysis& analysis, models::Language language);

// The analysis for people: what was recorded, how good it is, the verdict and what speaks for and
// against it, and the features that matter most, or all of them.
struct ReportStyle {
  bool colours = false;
  bool all_features = false;
  int width = 100;
  models::Language language = models::Language::kEnglish;  // of the advice
};
std::string AnalysisText(const Analysis& analysis, const ReportStyle& style);

}  // namespace auscult::cli
