#include "models/persistence.h"

#include <algorithm>

namespace auscult::models {
namespace {

constexpr int kSevereRecords = 3;
constexpr int kMildRecords = 10;

}  // namespace

void Persist(PointState& state, int target, bool has_baseline) {
  const int current = RankOf(state.condition);
  const int pending = RankOf(state.pending);
  int next = current;
  if (target > current) {
    state.mild_records = 0;
    const int mildest = state.severe_records == 0 ? target : std::min(pending, target);
    state.pending = ConditionOf(mildest, has_baseline);
    if (++state.severe_records >= kSevereRecords) next = mildest;
  } else if (target < current) {
    state.severe_records = 0;
    const int worst = state.mild_records == 0 ? target : std::max(pending, target);
    state.pending = ConditionOf(worst, has_baseline);
    if (++state.mild_records >= kMildRecords) next = worst;
  }
  if (target == current || next != current) state.severe_records = state.mild_records = 0;
  state.condition = ConditionOf(next, has_baseline);
  if (state.severe_records == 0 && state.mild_records == 0) state.pending = state.condition;
}

}  // namespace auscult::models
