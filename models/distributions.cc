#include "models/distributions.h"

#include <cassert>
#include <cmath>

namespace auscult::models {
namespace {

// Continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by Lentz.
double BetaFraction(double x, double a, double b) {
  constexpr double kTiny = 1e-300;
  constexpr int kMostTerms = 10000;
  const auto kept = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / kept(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m < kMostTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / kept(1 + even * d);
    c = kept(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / kept(1 + odd * d);
    c = kept(1 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1) < 1e-13) break;
  }
  return fraction;
}

// Regularised incomplete beta function.
double Beta(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * BetaFraction(x, a, b) / a;
  return 1 - front * BetaFraction(1 - x, b, a) / b;
}

}  // namespace

double FQuantile(double p, double numerator_freedom, double denominator_freedom) {
  assert(p > 0 && p < 1 && numerator_freedom > 0 && denominator_freedom > 0);
  double low = -60, high = 60;  // of ln F
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    const double ratio = numerator_freedom * std::exp(middle);
    const double x = ratio / (ratio + denominator_freedom);
    (Beta(x, numerator_freedom / 2, denominator_freedom / 2) < p ? low : high) = middle;
  }
  return std::exp(0.5 * (low + high));
}

double ChiSquareQuantile(double p, double freedom) {
  constexpr double kAsGoodAsInfinite = 1e8;
  return freedom * FQuantile(p, freedom, kAsGoodAsInfinite);
}

}  // namespace auscult::models
