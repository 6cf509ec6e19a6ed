#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "db/waveform_store.h"
#include "features/waveform.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/call_pool.h"
#include "server/plant_directory.h"
#include "server/waveform_decode.h"

namespace auscult::server {

// NOT_FOUND (SAMPLES_NOT_KEPT) for a record whose samples are not there, with what decides about
// keeping them; UNKNOWN_RECORD where there is no such record at all. Anything else stays.
absl::Status WithoutSamples(CallScope& scope, const DirectoryEntry& point,
                            std::optional<int64_t> at_us, const absl::Status& status);

// The samples of the record that a request names by its time, or of the newest that has any.
absl::StatusOr<db::StoredWaveform> FindSamples(CallScope& scope, const DirectoryEntry& point,
                                               const google::protobuf::Timestamp* measured_at);

// The samples in SI units, decoded as they were when they came in. The record says itself which
// channels it has: those of the point may have changed since.
absl::StatusOr<features::Waveform> DecodeStored(db::StoredWaveform stored,
                                                const DirectoryEntry& point,
                                                WaveformDecoder& decoder);

// Index of the channel with this id, else of this number from 1; "" is the first that is no
// tachometer. NOT_FOUND (UNKNOWN_CHANNEL) lists those there are.
absl::StatusOr<int> ChannelIndex(const features::Waveform& waveform, const std::string& id);

}  // namespace auscult::server
