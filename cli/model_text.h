#pragma once

#include <string>

#include "auscult/v1/model_service.pb.h"
#include "cli/command.h"

namespace auscult::cli {

// Versions of the learnt classifier as a terminal shows them.

// "models/diagnosis/versions/3" of what a person typed: that, 3, diagnosis/3, or physics.
std::string ModelVersionName(const std::string& text);

void PrintModelVersions(const v1::ListModelVersionsResponse& response, const Terminal& terminal);
// All of one: what it can say, how it was made and how it was measured to do; with `json` for
// programs.
void PrintModelVersion(const v1::ModelVersion& version, bool json, const Terminal& terminal);
void PrintComparison(const v1::ModelComparison& comparison, const Terminal& terminal);

}  // namespace auscult::cli
