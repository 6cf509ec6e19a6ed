#include <gtest/gtest.h>

#include "tests/fuzz/config_target.h"
#include "tests/fuzz/replay.h"
#include "tests/fuzz/token_target.h"

namespace auscult::fuzz {
namespace {

TEST(FuzzCorpus, IsReadAsConfigurationAgain) { EXPECT_GE(Replay("config", TryConfig), 5); }

TEST(FuzzCorpus, IsReadAsATokenAgain) { EXPECT_GE(Replay("token", TryToken), 10); }

}  // namespace
}  // namespace auscult::fuzz
