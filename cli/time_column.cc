#include "cli/time_column.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace auscult::cli {
namespace {

constexpr char kRemedy[] =
    "; export the samples with an even clock, or leave the time column out and give the rate";

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Several rows share each tick of the clock.
Sampling CoarseClock(const std::vector<double>& ticks, const std::vector<int>& rows) {
  Sampling sampling;
  if (ticks.size() < 3) {
    sampling.problem = absl::StrCat("the time column holds only ", ticks.size(),
                                    " different times, too few to know the rate", kRemedy);
    return sampling;
  }
  // The first and the last tick may be cut.
  const auto [fewest, most] = std::minmax_element(rows.begin() + 1, rows.end() - 1);
  double count = 0;
  for (size_t i = 1; i + 1 < rows.size(); ++i) count += rows[i];
  sampling.sample_rate_hz = count / (ticks.back() - ticks[1]);
  if (*most - *fewest > 2) {
    sampling.problem = absl::StrFormat(
        "the time column holds %d to %d rows for each of its steps, about %.4g rows a second: the "
        "samples are not evenly spaced%s",
        *fewest, *most, sampling.sample_rate_hz, kRemedy);
  }
  return sampling;
}

Sampling FineClock(std::span<const double> times_s) {
  Sampling sampling;
  std::vector<double> steps(times_s.size() - 1);
  for (size_t i = 0; i < steps.size(); ++i) steps[i] = times_s[i + 1] - times_s[i];
  const double mean = (times_s.back() - times_s.front()) / static_cast<double>(steps.size());
  const double median = Median(steps);
  sampling.sample_rate_hz = 1.0 / mean;
  for (size_t i = 0; i < steps.size(); ++i) {
    // Times are often rounded, so that a step may be off by much of itself; two steps are not.
    if (steps[i] > 2.5 * median) {
      sampling.problem = absl::StrFormat(
          "the time column has a gap of %.4g s at sample %d, where %.4g s would "
          "follow%s",
          steps[i], i + 1, median, kRemedy);
      return sampling;
    }
  }
  if (std::abs(mean / median - 1) > 0.25) {
    sampling.problem = absl::StrFormat(
        "the steps of the time column are uneven (%.4g s on "
        "average, %.4g s mostly)%s",
        mean, median, kRemedy);
  }
  return sampling;
}

}  // namespace

Sampling SamplingOf(std::span<const double> times_s) {
  std::vector<double> ticks;
  std::vector<int> rows;
  for (size_t i = 0; i < times_s.size(); ++i) {
    if (!std::isfinite(times_s[i])) {
      return {0, absl::StrCat("the time of sample ", i, " is missing", kRemedy)};
    }
    if (!ticks.empty() && times_s[i] < ticks.back()) {
      return {0, absl::StrCat("the time column jumps back at sample ", i, kRemedy)};
    }
    if (ticks.empty() || times_s[i] > ticks.back()) {
      ticks.push_back(times_s[i]);
      rows.push_back(0);
    }
    ++rows.back();
  }
  if (times_s.size() < 2) return {};
  if (ticks.size() * 3 < times_s.size() * 2) return CoarseClock(ticks, rows);
  return FineClock(times_s);
}

}  // namespace auscult::cli
