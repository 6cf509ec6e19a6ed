#include <gtest/gtest.h>

#include "tests/fuzz/http_target.h"
#include "tests/fuzz/json_target.h"
#include "tests/fuzz/replay.h"

namespace auscult::fuzz {
namespace {

TEST(FuzzCorpus, IsReadAsHttpAgain) { EXPECT_GE(Replay("http", TryHttp), 4); }

TEST(FuzzCorpus, IsReadAsARequestAgain) { EXPECT_GE(Replay("json", TryJson), 10); }

}  // namespace
}  // namespace auscult::fuzz
