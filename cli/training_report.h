#pragma once

#include <string>

#include "models/classifier.h"

namespace auscult::cli {

// What a classifier was measured to do on rigs that were held out: by rig, and which fault was
// taken for which; for people.
std::string TrainingText(const models::Classifier& classifier);

// Classes, threshold, recipe and metrics as one JSON object.
std::string TrainingJson(const models::Classifier& classifier);

}  // namespace auscult::cli
