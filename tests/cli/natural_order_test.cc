#include "cli/natural_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace auscult::cli {
namespace {

TEST(NaturalOrder, ComparesNumbersAsNumbers) {
  const std::vector<std::string> ordered = {"",
                                            "1.csv",
                                            "2.csv",
                                            "10.csv",
                                            "a",
                                            "a1b2",
                                            "a1b10",
                                            "a02",
                                            "a2",
                                            "a00000000000000000000000000000003",
                                            "acc_00009.csv",
                                            "acc_00010.csv",
                                            "b2003.10.22.12.06.24",
                                            "b2003.10.22.12.09.13"};
  for (size_t i = 0; i < ordered.size(); ++i) {
    for (size_t j = 0; j < ordered.size(); ++j) {
      EXPECT_EQ(NaturallyBefore(ordered[i], ordered[j]), i < j) << ordered[i] << " " << ordered[j];
    }
  }
}

}  // namespace
}  // namespace auscult::cli
