#include <gtest/gtest.h>

#include "tests/fuzz/plant_target.h"
#include "tests/fuzz/replay.h"

namespace auscult::fuzz {
namespace {

TEST(FuzzCorpus, IsReadAsAPlantAgain) { EXPECT_GE(Replay("plant", TryPlantFile), 5); }

}  // namespace
}  // namespace auscult::fuzz
