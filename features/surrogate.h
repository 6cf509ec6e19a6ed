#pragma once

#include <span>
#include <vector>

#include "features/machine.h"

namespace auscult::features {

// Orders that mean nothing on a machine with a bearing: away from whole orders, from the families,
// their simple fractions and multiples, and their sidebands at the shaft and cage order. Remembers
// the last answer, since records of one machine come in rows. One for each thread.
class SurrogateOrders {
 public:
  // Evenly spread between `low` and `high`, at most `count`. Valid until the next call.
  std::span<const float> Find(const BearingOrders& orders, double low, double high, int count);

 private:
  struct Question {
    float bpfo, bpfi, bsf, ftf;
    double low, high;
    int count;
    bool operator==(const Question&) const = default;
  };
  Question asked_{};
  std::vector<float> found_;
};

// Robust centre and spread (1.4826 MAD, at least `least_spread`) of `values`, which are reordered.
struct Spread {
  float centre = 0;
  float spread = 1;
};
Spread RobustSpread(std::span<float> values, float least_spread);

}  // namespace auscult::features
