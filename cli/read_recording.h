#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/record_file.h"

namespace auscult::cli {

// Opens any file that holds recordings, by its content: WAV, AIFF, FLAC (libsndfile), MATLAB
// (libmatio), text tables (CSV, IMS, FEMTO; gzip-compressed too), and raw samples where `sidecar`,
// or a file beside it, describes them. Errors name the file, what is wrong in it and where, and
// what to do.
absl::StatusOr<std::unique_ptr<RecordFile>> OpenRecordFile(const std::string& path,
                                                           const std::string& sidecar = "");

// True for a file whose content says nothing of what it is, so that a description must: neither
// sound nor MATLAB nor text.
bool IsRaw(const std::string& path);

// True for names that OpenRecordFile may make something of when a folder is read: neither hidden,
// nor a description or a manifest.
bool LooksLikeRecordFile(const std::string& file_name);

}  // namespace auscult::cli
