#include "server/spectrum_view.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "server/machine_lines.h"

namespace auscult::server {
namespace {

static_assert(std::endian::native == std::endian::little,
              "octets are floats as they lie in memory");

constexpr int kMostPeaks = 30;
constexpr float kPeakAboveMedian = 3;
// Of a line that falls between bins: places are sums of doubles.
constexpr double kBinSlack = 1e-6;

struct BinRange {
  int first = 0, end = 0;
};

BinRange BinsIn(const features::Band& band, double bin_hz, size_t bin_count) {
  const auto last = static_cast<double>(bin_count) - 1;
  const double low = std::ceil(band.low_hz / bin_hz - kBinSlack);
  const double high = band.high_hz > 0 ? std::floor(band.high_hz / bin_hz + kBinSlack) : last;
  if (low > last) return {};
  return {static_cast<int>(low), static_cast<int>(std::min(high, last)) + 1};
}

float MedianOf(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Middle of the line whose highest bin this is: its power leans to the side where it stands.
double CentreOf(const LineSpectrum& spectrum, int bin) {
  const std::span<const float> values =
      spectrum.measured.empty() ? spectrum.values : spectrum.measured;
  const int last = static_cast<int>(values.size()) - 1;
  const int low = std::max(0, bin - spectrum.lobe_bins);
  const int high = std::min(last, bin + spectrum.lobe_bins);
  double power = 0, moment = 0;
  for (int k = low; k <= high; ++k) {
    const auto value = static_cast<double>(values[static_cast<size_t>(k)]);
    power += value * value;
    moment += value * value * (k - bin);
  }
  return bin + (power > 0 ? moment / power : 0);
}

// Bins that are the highest within a lobe to either side and stand out of the rest, highest first.
std::vector<int> PeaksOf(const LineSpectrum& spectrum, BinRange bins) {
  std::vector<int> peaks;
  if (bins.first >= bins.end) return peaks;
  const std::span<const float> values(spectrum.values);
  const float floor =
      kPeakAboveMedian * MedianOf({values.begin() + bins.first, values.begin() + bins.end});
  const int last = static_cast<int>(values.size()) - 1;
  for (int k = std::max(1, bins.first); k < bins.end; ++k) {
    if (!(values[k] > floor)) continue;
    const int low = std::max(0, k - spectrum.lobe_bins);
    const int high = std::min(last, k + spectrum.lobe_bins);
    const auto highest = std::max_element(values.begin() + low, values.begin() + high + 1);
    if (highest - values.begin() == k) peaks.push_back(k);
  }
  const auto kept = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(peaks.size()), kMostPeaks);
  std::partial_sort(peaks.begin(), peaks.begin() + kept, peaks.end(),
                    [values](int a, int b) { return values[a] > values[b]; });
  peaks.resize(static_cast<size_t>(kept));
  return peaks;
}

}  // namespace

FrequencyPixels PixelsOf(const features::Band& band, double bin_hz, size_t bin_count,
                         int max_points) {
  const BinRange bins = BinsIn(band, bin_hz, bin_count);
  const int count = bins.end - bins.first;
  if (count <= 0) return {.start_hz = band.low_hz, .step_hz = bin_hz, .count = 0};
  const int bins_per_pixel = (count + max_points - 1) / max_points;
  return {.start_hz = bins.first * bin_hz,
          .step_hz = bins_per_pixel * bin_hz,
          .count = (count + bins_per_pixel - 1) / bins_per_pixel};
}

void AppendLargest(const LineSpectrum& spectrum, const FrequencyPixels& pixels,
                   std::vector<float>& values) {
  const auto bin_count = static_cast<int64_t>(spectrum.values.size());
  const double half_bin = 0.5;
  for (int i = 0; i < pixels.count; ++i) {
    const double low_hz = pixels.start_hz + i * pixels.step_hz;
    // A pixel takes the bins from its own place up to that of the next; where bins are coarser
    // than pixels, the nearest.
    auto first = static_cast<int64_t>(std::ceil(low_hz / spectrum.bin_hz - kBinSlack));
    auto end =
        static_cast<int64_t>(std::ceil((low_hz + pixels.step_hz) / spectrum.bin_hz - kBinSlack));
    if (first >= end) {
      first = static_cast<int64_t>(low_hz / spectrum.bin_hz + half_bin);
      end = first + 1;
    }
    end = std::min(end, bin_count);
    values.push_back(first < end ? *std::max_element(spectrum.values.begin() + first,
                                                     spectrum.values.begin() + end)
                                 : 0.0f);
  }
}

void ShowSpectrum(const LineSpectrum& spectrum, const features::Band& band, int max_points,
                  const std::vector<MachineLine>& lines, float speed_rpm, v1::NumberFormat format,
                  v1::Spectrum& out) {
  const FrequencyPixels pixels =
      PixelsOf(band, spectrum.bin_hz, spectrum.values.size(), max_points);
  std::vector<float> values;
  values.reserve(static_cast<size_t>(pixels.count));
  AppendLargest(spectrum, pixels, values);
  out.set_start_hz(pixels.start_hz);
  out.set_step_hz(pixels.step_hz);
  out.set_bin_hz(spectrum.bin_hz);
  SetNumbers(values, format, out.mutable_values(), out.mutable_octets());
  const bool turns = speed_rpm > 0;
  if (!std::isnan(speed_rpm)) out.set_speed_rpm(speed_rpm);
  const BinRange bins = BinsIn(band, spectrum.bin_hz, spectrum.values.size());
  for (const int bin : PeaksOf(spectrum, bins)) {
    v1::SpectralPeak& peak = *out.add_peaks();
    peak.set_hz(CentreOf(spectrum, bin) * spectrum.bin_hz);
    peak.set_amplitude(spectrum.values[static_cast<size_t>(bin)]);
    if (turns) peak.set_orders(peak.hz() / (static_cast<double>(speed_rpm) / 60));
    peak.set_line(NameOfLine(lines, peak.hz(), spectrum.bin_hz));
  }
  const double end_hz = pixels.start_hz + pixels.count * pixels.step_hz;
  for (const MachineLine& line : lines) {
    if (line.hz < pixels.start_hz || line.hz > end_hz) continue;
    v1::MachineLine& shown = *out.add_lines();
    shown.set_name(line.name);
    shown.set_hz(line.hz);
    if (line.orders) shown.set_orders(*line.orders);
  }
}

void SetNumbers(std::span<const float> values, v1::NumberFormat format,
                google::protobuf::RepeatedField<float>* field, std::string* octets) {
  if (format == v1::NUMBER_FORMAT_OCTETS) {
    octets->assign(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  } else {
    field->Add(values.begin(), values.end());
  }
}

}  // namespace auscult::server
