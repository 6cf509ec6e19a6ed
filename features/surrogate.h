#pragma once

#include <span>
#include <vector>

#include "features/machine.h"

namespace auscult::features {

// Orders between `low` and `high` that mean nothing on a machine with this bearing: away from whole
// orders, from the families, their simple fractions and multiples, and their sidebands at the shaft
// and cage order. Evenly spread, at most `count`, into `surrogates`.
void SurrogateOrders(const BearingOrders& orders, double low, double high, int count,
                     std::vector<float>& surrogates);

// Robust centre and spread (1.4826 MAD, at least `least_spread`) of `values`, which are reordered.
struct Spread {
  float centre = 0;
  float spread = 1;
};
Spread RobustSpread(std::span<float> values, float least_spread);

}  // namespace auscult::features
