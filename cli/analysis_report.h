#pragma once

#include <string>

#include "cli/analysis.h"

namespace auscult::cli {

// The analysis as one JSON object: quality, features (those that could be computed), verdict,
// ranking, bearing_ranking; reason and remedy beside them for the verdicts abstain and unscorable.
std::string AnalysisJson(const Analysis& analysis);

// The analysis for people: what was recorded, how good it is, the verdict and what speaks for and
// against it, and the features that matter most, or all of them.
struct ReportStyle {
  bool colours = false;
  bool all_features = false;
  int width = 100;
};
std::string AnalysisText(const Analysis& analysis, const ReportStyle& style);

}  // namespace auscult::cli
