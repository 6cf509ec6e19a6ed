#include "cli/model_file.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "cli/file_bytes.h"

namespace auscult::cli {

absl::StatusOr<models::Classifier> ReadModelFile(const std::string& path) {
  const absl::StatusOr<std::string> bytes =
      ReadFileBytes(path, static_cast<int64_t>(models::Classifier::kMaxBytes));
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<models::Classifier> classifier = models::Classifier::Parse(*bytes);
  if (classifier.ok()) return classifier;
  return absl::Status(classifier.status().code(),
                      absl::StrCat(path, ": ", std::string(classifier.status().message())));
}

}  // namespace auscult::cli
