#pragma once

#include <span>

namespace auscult::models {

// How the severity S of a healthy record is distributed, as far as a few correlated records tell:
// location and scale of a heavy-tailed law, and how many records apart two of them are about
// independent.
struct NoveltyNull {
  float location = 2.0f;
  float scale = 1.0f;
  int thinning = kMaxThinning;

  static constexpr int kMaxThinning = 10;

  // Probability that a healthy record has a severity this large or larger: the upper tail of
  // Student's t with 4 degrees of freedom.
  double TailProbability(float severity) const;
};

// From the severities of healthy records in measured_at order that had no part in the baseline they
// were scored with. At least 9 of them.
NoveltyNull NullOf(std::span<const float> severities);

// The same from moments: correlation is that of neighbours.
NoveltyNull NullOf(float location, float deviation, float correlation, double count);

}  // namespace auscult::models
