#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/labelled_rows.h"
#include "models/train.h"

namespace auscult::cli {

// What manifests hold to learn from.
struct TrainingRecords {
  std::vector<models::LabelledRecord> records;
  std::vector<BadRow> bad;
};

// Features of every piece of every row, on `jobs` threads, in the order of the rows. `rig_column`
// names the column that says which records belong together and are held out together; a row without
// a text in it belongs to its manifest. Rows that cannot be learnt from (several faults at once,
// runs to failure, unreadable) are bad ones. `progress` is told how many rows are done.
TrainingRecords ReadTrainingRecords(const LabelledRows& rows, const Cut& cut,
                                    const std::string& rig_column, int jobs,
                                    const std::function<void(int64_t)>& progress);

}  // namespace auscult::cli
