#pragma once

#include <string>

#include "auscult/v1/rescore_service.pb.h"
#include "cli/command.h"

namespace auscult::cli {

// Re-scorings and stale results for people.
void Print(const v1::Rescore& rescore, const Terminal& terminal);
void Print(const v1::ListRescoresResponse& response, const Terminal& terminal);
void Print(const v1::ListStaleResultsResponse& response, const Terminal& terminal);

// "12,345 of 525,600 records, 51,234 a second, 10 s left".
std::string ProgressText(const v1::RescoreMetadata& progress);

}  // namespace auscult::cli
