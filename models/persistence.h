#pragma once

#include "models/point_state.h"

namespace auscult::models {

// Moves the condition towards the rank `target` that a record asks for: up once 3 records in a row
// ask for worse (to the mildest of them), down once 10 in a row ask for better (to the worst).
void Persist(PointState& state, int target, bool has_baseline);

}  // namespace auscult::models
