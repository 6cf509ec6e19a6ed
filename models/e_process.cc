#include "models/e_process.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace auscult::models {
namespace {

constexpr double kSecondsInYear = 365.25 * 86400;
constexpr double kForHealth = -0.3;
// Fewer decisions than these in the accepted time would make a single bet an alarm.
constexpr double kFewestDecisions = 100;

}  // namespace

double LogEValue(double p) {
  p = std::clamp(p, 1e-15, 1.0);
  const double log_p = std::log(p);
  // At p near 1 both sides vanish: 1/2 + (1 - p)/3 ...
  if (log_p > -1e-3) return std::log(0.5);
  return std::log((1 - p + p * log_p) / (p * log_p * log_p));
}

double LogNeeded(double false_alarms_per_point_year, double interval_s, int thinning) {
  const double years = 1 / std::max(false_alarms_per_point_year, 1e-6);
  const double decisions = years * kSecondsInYear / (std::max(interval_s, 1e-3) * thinning);
  return std::log(std::max(decisions, kFewestDecisions));
}

void EProcess::Decide(double p, Weight weight, double log_needed) {
  double log_e = std::min(LogEValue(p), log_needed / 2);
  if (weight == Weight::kNoneAgainstHealth) log_e = std::min(log_e, 0.0);
  if (weight == Weight::kForHealth) log_e = std::min(log_e, kForHealth);
  const double sum = std::log1p(std::exp(static_cast<double>(log_sum))) + log_e;
  // What is above the limit has nothing to add, and would only last longer. Rounded up, for rounded
  // down it would never be reached.
  auto most = static_cast<float>(log_needed);
  if (most < log_needed) most = std::nextafter(most, std::numeric_limits<float>::infinity());
  log_sum = std::clamp(static_cast<float>(sum), kNothing, most);
  records_since_decision = 0;
}

}  // namespace auscult::models
