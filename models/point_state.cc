#include "models/point_state.h"

#include <algorithm>
#include <cmath>

namespace auscult::models {
namespace {

float Stored(float deviation) {
  const float limit = PointState::kMaxDeviation;
  return std::round(std::clamp(deviation, -limit, limit) / PointState::kDeviationStep) *
         PointState::kDeviationStep;
}

}  // namespace

void RememberDeviations(std::span<const float> deviations, float peak_rise_db, PointState& state) {
  const size_t width = deviations.size();
  size_t count = state.recent_peak_rise.size();
  // A ring of another width belongs to another baseline.
  if (state.recent.size() != count * width) {
    state.recent.clear();
    state.recent_peak_rise.clear();
    count = 0;
  }
  if (count == static_cast<size_t>(kMedianRecords)) {
    state.recent.erase(state.recent.begin(),
                       state.recent.begin() + static_cast<std::ptrdiff_t>(width));
    state.recent_peak_rise.erase(state.recent_peak_rise.begin());
  }
  for (const float deviation : deviations) state.recent.push_back(Stored(deviation));
  state.recent_peak_rise.push_back(Stored(peak_rise_db));
}

void NoteUnsteady(int64_t measured_at_us, PointState& state) {
  std::vector<int64_t>& noted = state.unsteady_us;
  if (noted.size() == PointState::kUnsteadyKept) noted.erase(noted.begin());
  noted.push_back(measured_at_us);
}

}  // namespace auscult::models
