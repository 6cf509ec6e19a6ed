#include "features/welch.h"

#include <cassert>
#include <cmath>
#include <numbers>

namespace auscult::features {
namespace {

// Window = sum of coefficient[i] cos(2 pi i n / N).
constexpr double kHann[] = {0.5, -0.5};
constexpr double kFlatTop[] = {0.21557895, -0.41663158, 0.277263158, -0.083578947, 0.006947368};

std::span<const double> CosinesOf(Welch::Kind kind) {
  if (kind == Welch::Kind::kDensity) return kHann;
  return kFlatTop;
}

// Between the beginnings of segments.
int StepOf(Welch::Kind kind, int length) {
  return kind == Welch::Kind::kDensity ? length / 2 : length / 4;
}

struct Line {
  double mean;
  double slope;  // per sample, around the middle
};

Line TrendOf(std::span<const float> samples) {
  const auto count = static_cast<double>(samples.size());
  const double middle = (count - 1) / 2;
  double sum = 0;
  double moment = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto x = static_cast<double>(samples[i]);
    sum += x;
    moment += x * (static_cast<double>(i) - middle);
  }
  return {sum / count, moment * 12 / (count * (count * count - 1))};
}

}  // namespace

Welch::Welch(Kind kind, int segment_length)
    : kind_(kind),
      fft_(segment_length),
      window_(static_cast<size_t>(segment_length)),
      segment_(window_.size()),
      bins_(static_cast<size_t>(fft_.bin_count())),
      power_(bins_.size()) {
  assert(segment_length >= kShortestSegment);
  const std::span<const double> cosines = CosinesOf(kind);
  for (int n = 0; n < segment_length; ++n) {
    double value = 0;
    for (size_t i = 0; i < cosines.size(); ++i) {
      value +=
          cosines[i] * std::cos(2 * std::numbers::pi * static_cast<double>(i) * n / segment_length);
    }
    window_[n] = static_cast<float>(value);
    window_sum_ += value;
    window_square_sum_ += value * value;
  }
}

void Welch::Compute(std::span<const float> samples, double sample_rate_hz, AveragedSpectrum& out) {
  const auto length = static_cast<size_t>(fft_.length());
  assert(samples.size() >= length && sample_rate_hz > 0);
  power_.assign(bins_.size(), 0.0);
  out.segments = 0;
  const auto step = static_cast<size_t>(StepOf(kind_, fft_.length()));
  for (size_t begin = 0; begin + length <= samples.size(); begin += step) {
    AddSegment(samples.subspan(begin, length));
    ++out.segments;
  }
  out.resolution_hz = sample_rate_hz / fft_.length();
  out.enbw_hz = sample_rate_hz * window_square_sum_ / (window_sum_ * window_sum_);
  out.values.resize(power_.size());
  for (size_t k = 0; k < power_.size(); ++k) {
    const bool doubled = k > 0 && 2 * k != length;
    const double mean = power_[k] / out.segments;
    out.values[k] = static_cast<float>(
        kind_ == Kind::kDensity ? (doubled ? 2 : 1) * mean / (sample_rate_hz * window_square_sum_)
                                : (doubled ? 2 : 1) * std::sqrt(mean) / window_sum_);
  }
}

void Welch::AddSegment(std::span<const float> segment) {
  const Line trend = TrendOf(segment);
  const double start = trend.mean - trend.slope * static_cast<double>(segment.size() - 1) / 2;
  for (size_t i = 0; i < segment.size(); ++i) {
    const double level = start + trend.slope * static_cast<double>(i);
    segment_[i] = window_[i] * static_cast<float>(static_cast<double>(segment[i]) - level);
  }
  fft_.Forward(segment_, bins_);
  for (size_t k = 0; k < bins_.size(); ++k) {
    power_[k] += std::norm(std::complex<double>(bins_[k]));
  }
}

}  // namespace auscult::features
