#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/model_service.pb.h"
#include "cli/command.h"
#include "cli/commands.h"

namespace auscult::cli {

// What the commands below `auscult models` take.
struct ModelOptions {
  std::string version, file, description, actor;
  std::vector<std::string> labels;
  bool use_findings = false;
  int64_t seed = 0;
  std::string base, from, to, scope;
  bool no_wait = false;
  bool json = false;
};

// "demo/pump-1/de:2026-03-01:2026-03-08:inner_race": point, from, to, fault; times may hold colons
// ("2026-03-01 06:00:00"). Wrong use says what is missing.
absl::StatusOr<v1::LabelledPeriod> ParseLabel(const std::string& text);

// Begin the work on the server, follow it and print what came out.
absl::Status RunTrain(const ModelOptions& options, const ServerOptions& server,
                      const Terminal& terminal);
absl::Status RunCompare(const ModelOptions& options, const ServerOptions& server,
                        const Terminal& terminal);

}  // namespace auscult::cli
