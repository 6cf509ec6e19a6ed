#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/file_source.h"

namespace auscult::cli {

// True for a CSV file whose first line names a column "file".
bool IsManifest(const std::string& path);

// The files that a manifest lists: a CSV with a header and one row for each file, or for each
// channel of it in rows that follow each other. Columns used, all but `file` optional: file
// (relative to the manifest), point, sampling_hz, speed_rpm (measured, not nominal), load_percent,
// unit, measured_at (RFC 3339). Where `send.point` holds names of columns in braces, they are
// replaced by what the row says, made into an id: "lab/{dataset}/{record_id}". `where`:
// "column=text" keeps the rows of that text only. INVALID_ARGUMENT names line and column.
absl::StatusOr<std::vector<ReplayFile>> ReadManifest(const std::string& path,
                                                     const SendOptions& send,
                                                     const std::vector<std::string>& where);

}  // namespace auscult::cli
