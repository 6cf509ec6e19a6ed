#include <gtest/gtest.h>

#include "tests/fuzz/config_target.h"
#include "tests/fuzz/replay.h"

namespace auscult::fuzz {
namespace {

TEST(FuzzCorpus, IsReadAsConfigurationAgain) { EXPECT_GE(Replay("config", TryConfig), 5); }

}  // namespace
}  // namespace auscult::fuzz
