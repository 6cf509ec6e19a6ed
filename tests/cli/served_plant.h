#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/run_program.h"
#include "tests/support/auscultd_process.h"

namespace auscult::cli {

// A server of its own for the real programs, and the file of a plant with one pump.
class ServedPlant : public testing::Test {
 protected:
  using Json = nlohmann::json;

  static constexpr char kPlant[] = R"(
site: {name: made}
assets:
  - name: pump
    machine: {rated_speed_rpm: 1480, bearings: [{position: drive end, bearing: skf-6205-2rs-jem}]}
points:
  - {name: pump/de, channels: [{quantity: acceleration, unit: g}], sample_rate_hz: 12800, keep_raw_every: 1}
)";

  ServedPlant() {
    chmod(folder_.Path("").c_str(), 0755);
    StartOn("data");
  }

  // Stops the server that runs.
  void StartOn(const std::string& data, std::vector<std::string> arguments = {}) {
    server_.reset();
    arguments.insert(arguments.end(), {"--data-dir", folder_.Path(data)});
    if (geteuid() == 0) arguments.insert(arguments.end(), {"--service-user", "postgres"});
    server_ = std::make_unique<support::AuscultdProcess>(AUSCULT_BIN_DIR "/auscultd", arguments,
                                                         folder_.Path("log"));
  }

  ProgramResult Run(const std::vector<std::string>& arguments) {
    return RunAuscult(arguments, server_->address());
  }
  Json RunJson(const std::vector<std::string>& arguments) {
    const ProgramResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Json::parse(result.out, nullptr, false);
  }

  MadeFolder folder_;
  std::unique_ptr<support::AuscultdProcess> server_;
};

}  // namespace auscult::cli
