#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/forward_intake.h"
#include "cli/waveform_message.h"

namespace auscult::cli {

struct ForwardFolderOptions {
  enum class Done { kRemove, kMove, kKeep };

  std::string folder;
  // What the files do not say. In `send.point`, {folder} is replaced by the folder of the file,
  // seen from `folder`, and {name} by its name up to the first dot.
  SendOptions send;
  std::string sidecar;
  double settle_s = 2;
  Done done = Done::kRemove;
  std::string done_folder;            // of kMove
  std::string journal;                // file that remembers what was taken, of kKeep
  bool once = false;                  // what is there, and no waiting for more
  std::vector<std::string> excluded;  // folders in it that are not looked into
};

// Watches a folder and those in it. A file is taken when its size and time of change have been the
// same for `settle_s`, in the order of names; it is moved or removed when all its records are safe
// in the spool, so that a crash between leaves it to be taken again: the server knows a record by
// point and time. A record without a time of its own gets that of the file's last change, for the
// same reason.
class ForwardFolder final : public ForwardInput {
 public:
  explicit ForwardFolder(ForwardFolderOptions options) : options_(std::move(options)) {}
  absl::Status Run(ForwardIntake& intake) override;

 private:
  struct Look {
    int64_t size = 0;
    int64_t changed_ns = 0;
    absl::Time since;
  };

  absl::Status ReadJournal();
  // Files that have settled; whether others are there that have not.
  absl::StatusOr<std::vector<std::string>> Settled(bool& more);
  absl::Status TakeFile(const std::string& path, ForwardIntake& intake);
  absl::Status TakeRecords(const std::string& path, ForwardIntake& intake);
  absl::Status Dispose(const std::string& path);
  absl::Status PutAside(const std::string& path, const absl::Status& why, ForwardIntake& intake);
  std::string JournalKey(const std::string& path) const;

  const ForwardFolderOptions options_;
  std::map<std::string, Look> looks_;
  std::set<std::string> taken_;  // what stays where it is
};

}  // namespace auscult::cli
