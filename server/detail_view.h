#pragma once

#include <string_view>

#include "auscult/v1/health.pb.h"

namespace auscult::server {

// Evidence, contributions and what else is stored with a score: JSON of db::HealthDetail. What
// cannot be read is left out: an explanation that is lost must not take the condition with it.
void AddDetail(std::string_view detail, v1::PointHealth& health);

}  // namespace auscult::server
