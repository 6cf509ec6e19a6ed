#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "db/model_store.h"
#include "db/postgres.h"
#include "models/classifier.h"

namespace auscult::db {

// The version of a model that new records are judged by, in memory for all writers. It starts as
// the physics and changes when somebody calls Refresh: the server does once a second, and after
// each activation, so that a writer never asks the database. Thread-safe.
class ActiveClassifier {
 public:
  struct Version {
    int version = 0;                                       // 0: the physics
    std::shared_ptr<const models::Classifier> classifier;  // null with the physics
  };

  explicit ActiveClassifier(std::string model = "diagnosis") : model_(std::move(model)) {}

  Version Get() const;

  // Takes over what the database says is active; true where that changed anything. A version that
  // cannot be read or trusted is not used: the physics judges alone until another one is made
  // active or its file is stored again, and `problem` says why. When the database does not answer,
  // all stays as it was.
  absl::StatusOr<bool> Refresh(Connection& connection);

  // What the database says is active, and why it is not used; "" where it is.
  int wanted_version() const;
  std::string problem() const;

 private:
  const std::string model_;
  std::mutex refreshing_;  // one at a time, so that an older answer never replaces a newer one
  mutable std::mutex mutex_;
  Version version_;
  ActiveModel wanted_;
  std::string problem_;
};

}  // namespace auscult::db
