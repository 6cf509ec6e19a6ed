#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "auscult/v1/rescore_service.pb.h"
#include "db/rescore_store.h"

namespace auscult::server {

// "rescores/12".
std::string RescoreResource(int64_t id);
// INVALID_ARGUMENT (MALFORMED_NAME).
absl::StatusOr<int64_t> ParseRescoreName(std::string_view name);

// A stored re-scoring as the API shows it. INTERNAL where its plan cannot be read.
absl::StatusOr<v1::Rescore> MessageOf(const db::Rescore& rescore);

// How far it is, without the speed.
v1::RescoreMetadata ProgressOf(const db::Rescore& rescore);

}  // namespace auscult::server
