#pragma once

#include <string>
#include <string_view>

#include "auscult/v1/resources.pb.h"

namespace auscult::server {

// What the limits of a point are, as db::StaleChange takes it: `limits` that people set, as stored
// JSON, and the zones of ISO 20816 that follow from the machine.
std::string LimitJudgement(std::string_view limits, const v1::Machine& machine);

}  // namespace auscult::server
