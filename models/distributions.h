#pragma once

namespace auscult::models {

// Quantiles, 0 < p < 1, to 1e-6 relative; degrees of freedom above 0, not necessarily whole.
double FQuantile(double p, double numerator_freedom, double denominator_freedom);
double ChiSquareQuantile(double p, double freedom);

}  // namespace auscult::models
