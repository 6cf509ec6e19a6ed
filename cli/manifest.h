#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/named_table.h"

namespace auscult::cli {

// A manifest is a list of recordings: a table with a header and one row for each file, or for each
// channel of it. Columns may stand in any order; what they are called elsewhere is understood
// (docs/client.md).

// True for a text table whose first line names a column "file", or one that means it.
bool IsManifest(const std::string& path);

// Fails as ReadNamedTable does, and for a table without a column that names files.
absl::StatusOr<NamedTable> ReadManifest(const std::string& path);

// The file that a row names, relative to the manifest.
std::string FileOfRow(const NamedTable& manifest, const NamedRow& row);

// Whether a row has the text of every condition "column=text". Wrong use names the condition and
// the columns there are.
absl::StatusOr<bool> RowIsWanted(const NamedTable& manifest, const NamedRow& row,
                                 const std::vector<std::string>& where);

}  // namespace auscult::cli
