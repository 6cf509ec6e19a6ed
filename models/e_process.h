#pragma once

namespace auscult::models {

// What a decision may say, whatever its p: an immaterial departure is no evidence against health,
// and hardly any is evidence for it.
enum class Weight : unsigned char { kAsItIs, kNoneAgainstHealth, kForHealth };

// A bet against "this point is healthy": the Shiryaev-Roberts sum of e-values, in logarithms. As
// long as the p-values it is fed with are valid, the mean number of decisions until it reaches
// ln(1/alpha) is at least 1/alpha (Shin, Ramdas and Rinaldo 2024). A value: kept in PointState.
struct EProcess {
  float log_sum = kNothing;
  int records_since_decision = 0;

  static constexpr float kNothing = -30.0f;  // ln M of a process that has seen nothing

  // Takes the next decision. `log_needed` is ln(1/alpha): no single one gives more than half of it.
  void Decide(double p, Weight weight, double log_needed);
  bool Reached(double log_needed) const { return static_cast<double>(log_sum) >= log_needed; }
};

// ln of the e-value (1 - p + p ln p) / (p ln^2 p) of Vovk and Wang 2021: the mean of all the bets
// k p^(k-1), 0 < k < 1, so that no size of departure has to be guessed.
double LogEValue(double p);

// ln(1/alpha): so many decisions are made, one in `thinning` records, in the time in which one
// false alarm is accepted.
double LogNeeded(double false_alarms_per_point_year, double interval_s, int thinning);

}  // namespace auscult::models
