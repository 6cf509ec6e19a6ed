#pragma once

#include <string>

#include "auscult/v1/trend_service.pb.h"
#include "db/trend_query.h"

namespace auscult::server {

// Fills the values of a series: as octets with `octets`, with last and count with `statistics`.
void ShowSeries(const db::TrendSeries& read, bool octets, bool statistics, v1::Series& series);

v1::ConditionChange ChangeOf(const db::ConditionEvent& event, const std::string& point);

}  // namespace auscult::server
