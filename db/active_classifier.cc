#include "db/active_classifier.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace auscult::db {
namespace {

absl::StatusOr<models::Classifier> Load(Connection& connection, const std::string& model,
                                        int version) {
  absl::StatusOr<std::string> file = ReadModelFile(connection, model, version);
  if (!file.ok()) return file.status();
  return models::Classifier::Parse(*file);
}

// Whether the trouble is with the stored version, and not with the way to it.
bool IsOfTheVersion(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsNotFound(status) || absl::IsFailedPrecondition(status);
}

}  // namespace

ActiveClassifier::Version ActiveClassifier::Get() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

absl::StatusOr<bool> ActiveClassifier::Refresh(Connection& connection) {
  const std::lock_guard refreshing(refreshing_);
  const absl::StatusOr<ActiveModel> active = FindActiveModel(connection, model_);
  if (!active.ok()) return active.status();
  {
    const std::lock_guard lock(mutex_);
    if (*active == wanted_) return false;
  }
  Version version;
  std::string problem;
  if (active->version > 0) {
    absl::StatusOr<models::Classifier> loaded = Load(connection, model_, active->version);
    if (loaded.ok()) {
      version = {active->version, std::make_shared<const models::Classifier>(*std::move(loaded))};
    } else if (IsOfTheVersion(loaded.status())) {
      problem = absl::StrCat("the stored file cannot be used: ", loaded.status().message());
    } else {
      return loaded.status();
    }
  }
  const std::lock_guard lock(mutex_);
  version_ = std::move(version);
  wanted_ = *active;
  problem_ = std::move(problem);
  return true;
}

int ActiveClassifier::wanted_version() const {
  const std::lock_guard lock(mutex_);
  return wanted_.version;
}

std::string ActiveClassifier::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

}  // namespace auscult::db
