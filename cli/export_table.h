#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "auscult/v1/trend_service.pb.h"

namespace auscult::cli {

// Records as CSV, one line each. The columns are those of the newest feature set of the first
// record's signal, for every channel: records of older sets leave what they lack empty.
class ExportTable {
 public:
  // `names`: of the record's features. FAILED_PRECONDITION for features that have no column: of
  // a set that this release does not know, or of a point of another kind.
  absl::Status Add(const std::string& point, const std::vector<std::string>& names,
                   const v1::ExportedRecord& record, std::ostream& out);

 private:
  absl::Status Begin(const std::vector<std::string>& names, const v1::ExportedRecord& record,
                     std::ostream& out);
  std::vector<std::string> columns_;
};

// A cell of CSV, quoted where it must be.
std::string CsvCell(const std::string& text);

}  // namespace auscult::cli
