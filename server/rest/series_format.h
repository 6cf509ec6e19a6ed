#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "server/rest/exchange.h"
#include "server/rest/series_table.h"

namespace auscult::rest {

// All tables of an answer as one CSV (RFC 4180): a row for each time or place, the labels of its
// table before its numbers. A matrix has a column for each place on the axis. Cells that a table
// lacks, and what is not finite, are empty. Without a table: nothing at all.
std::string SeriesCsv(const google::protobuf::Message& answer);

// The columns of the answer's one table as little-endian octets, one after the other, as
// application/octet-stream. The header X-Series-Columns names them, "time_us;int64;1000,
// value;float32;1000", X-Series-Axis a regular axis, "hz;start=0;step=0.5". INVALID_ARGUMENT where
// there are several tables.
absl::Status SeriesOctets(const google::protobuf::Message& answer, HttpResponse& response);

}  // namespace auscult::rest
