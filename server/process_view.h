#pragma once

#include <cstdint>

#include "auscult/v1/health.pb.h"
#include "db/process_store.h"

namespace auscult::server {

// Whether readings ended too long ago to speak for the machine: three days.
bool IsProcessStale(int64_t last_measured_at_us, int64_t now_us);

// What is stored of an asset's process readings as the API shows it; stale without a reading for
// three days, or for `now_us` 0 never.
v1::ProcessHealth ProcessHealthOf(const db::ProcessSummary& summary, int64_t now_us);

// Shows `process` beside the points of an asset. Where it is in watch, alert or alarm and the
// points are not that far, or none has sent anything, it decides: condition, index, since and
// summary are its own, and worst_point is empty.
void AddProcess(v1::ProcessHealth process, v1::AssetHealth& health);

}  // namespace auscult::server
