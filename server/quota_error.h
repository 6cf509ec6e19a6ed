#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace auscult::server {

// A delay around `middle`, by chance between half and one and a half of it, so that those who were
// refused together do not come back together.
std::chrono::milliseconds Jittered(std::chrono::duration<double> middle);

// RESOURCE_EXHAUSTED (QUOTA_EXCEEDED) with RetryInfo. Metadata of the ErrorInfo: `quota`, the name
// of what was set for `tenant` ("sites/{site}", "keys/{key}"), and `limit`, the field of
// auscult.v1.Quota that is spent. The delay is jittered upwards from `wait`.
absl::Status QuotaExceeded(std::string_view tenant, std::string_view limit,
                           std::chrono::duration<double> wait);

}  // namespace auscult::server
