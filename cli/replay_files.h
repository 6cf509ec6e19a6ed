#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/file_source.h"

namespace auscult::cli {

// The files of a manifest that are to be replayed; rows that follow each other with the same file
// and point are one recording. Columns used, all but `file` optional: file, point, sampling_hz,
// speed_rpm (measured, not nominal), load_percent, unit, measured_at (RFC 3339). Where
// `send.point` holds names of columns in braces, they are replaced by what the row says, made into
// an id: "lab/{dataset}/{record_id}". `where`: "column=text" keeps the rows of that text only.
// INVALID_ARGUMENT names line and column.
absl::StatusOr<std::vector<ReplayFile>> ReplayFilesOf(const std::string& manifest_path,
                                                      const SendOptions& send,
                                                      const std::vector<std::string>& where);

}  // namespace auscult::cli
