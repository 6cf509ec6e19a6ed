#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/recording.h"
#include "features/feature_set.h"
#include "features/iso20816.h"
#include "features/machine.h"
#include "features/units.h"
#include "models/classifier.h"
#include "models/diagnosis.h"

namespace auscult::cli {

// What the caller knows of a recording beyond what its file says; it outweighs the file.
struct AnalysisOptions {
  double rate_hz = 0;  // 0 = as the file says
  float speed_rpm = features::kNotKnown;
  bool exact_speed = false;  // speed_rpm was measured during the record; else it is nominal
  float load_percent = features::kNotKnown;
  std::string unit;                   // "" = as the file says, else g
  std::vector<std::string> channels;  // names or numbers from 1; empty = all that can be judged
  const models::Classifier* classifier = nullptr;  // learnt; null leaves the verdict to the rules
};

// A quality flag, or what else must be known before the result is believed.
struct QualityNote {
  std::string name;
  std::string meaning;
  std::string remedy;
};

// What is said of one recording.
struct Analysis {
  struct Channel {
    std::string name;
    std::string unit;  // of the samples as recorded
    features::Quantity quantity;
  };
  std::string source;
  std::vector<Channel> channels;
  size_t sample_count = 0;  // of each channel
  double sample_rate_hz = 0;
  float nominal_speed_rpm = features::kNotKnown;
  // No values where the recording cannot be judged: the diagnosis says why.
  features::FeatureVector features;
  features::Zone zone = features::Zone::kUnknown;
  models::Diagnosis diagnosis;
  std::vector<QualityNote> quality;
  std::vector<std::string> left_out;  // channels that were not analysed, and why
};

// Judges a recording without server and baseline. Fails where the question makes no sense (unknown
// channel or unit, no rate: wrong use); a recording that cannot be judged is an Analysis with the
// verdict unscorable.
absl::StatusOr<Analysis> Analyse(const Recording& recording, const AnalysisOptions& options,
                                 const features::Machine& machine);

// Name of a feature in an analysis: with its channel in front ("H/kurtosis") where there are
// several.
std::string FeatureName(const Analysis& analysis, int channel, std::string_view feature);

}  // namespace auscult::cli
