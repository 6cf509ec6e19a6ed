#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "models/classifier.h"

namespace auscult::cli {

// A model file as `auscult train` writes it. Every complaint names the file.
absl::StatusOr<models::Classifier> ReadModelFile(const std::string& path);

}  // namespace auscult::cli
