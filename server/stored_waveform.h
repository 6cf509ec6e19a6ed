#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "auscult/v1/ingest_service.pb.h"
#include "auscult/v1/trend_service.pb.h"
#include "db/waveform_store.h"

namespace auscult::server {

// The message that brought the samples: sent again, it is a duplicate. Every channel is named and
// its octets are encoded, whatever the way they came in. Takes the samples out of `stored` where it
// can. DATA_LOSS where what was kept of the message cannot be read.
absl::StatusOr<v1::Waveform> WaveformMessage(db::StoredWaveform stored, const std::string& point);

v1::StoredWaveform StoredWaveformMessage(const db::WaveformEntry& entry);

}  // namespace auscult::server
