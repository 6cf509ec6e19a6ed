#pragma once

#include "models/point_model.h"
#include "models/point_state.h"

namespace auscult::models {

// What the severity of one more comparable record says for or against health: bets on it when a
// decision is due, and learns from it how healthy records of this point are distributed.
void TakeSeverity(float severity, const Baseline& baseline, const AlarmPolicy& policy,
                  PointState& state);

// Where the bets stand.
NoveltyEvidence EvidenceOf(const PointState& state, const Baseline& baseline,
                           const AlarmPolicy& policy);

}  // namespace auscult::models
