#pragma once

#include "absl/status/status.h"
#include "auscult/v1/trend_service.pb.h"
#include "server/call_pool.h"
#include "server/plant_directory.h"

namespace auscult::server {

// TrendService.GetSpectrum, GetEnvelopeSpectrum and GetWaterfall. Errors beside those of finding
// the samples: UNKNOWN_CHANNEL, UNKNOWN_UNIT, UNIT_MISMATCH, BAD_BAND, BAD_MAX_POINTS.
absl::Status GetSpectrum(CallScope& scope, const DirectoryEntry& point,
                         const v1::GetSpectrumRequest& request, v1::Spectrum& response);
absl::Status GetEnvelopeSpectrum(CallScope& scope, const DirectoryEntry& point,
                                 const v1::GetEnvelopeSpectrumRequest& request,
                                 v1::Spectrum& response);
// Reads the records one after the other, so that it needs the memory of one record and of the
// answer.
absl::Status GetWaterfall(CallScope& scope, const DirectoryEntry& point,
                          const v1::GetWaterfallRequest& request, v1::Waterfall& response);

}  // namespace auscult::server
