#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "models/classifier.h"

namespace auscult::db {

// What is known of a version of a model, without its file. Version 0 is the physics: always there,
// never stored.
struct ModelVersion {
  std::string model;
  int version = 0;
  bool active = false;
  int64_t create_time_us = 0;    // 0 for the physics
  int64_t activate_time_us = 0;  // of the latest activation; 0 = never
  std::string description;
  int feature_set = 0;
  std::vector<models::Fault> faults;
  std::string recipe, metrics;  // JSON
  int64_t size_bytes = 0;
  std::string content_hash;  // SHA-256 of the file, hex
};

// Stores `file`, of which `classifier` was parsed, as a new version and answers its number. A file
// that is stored already is not stored again: the answer is the version that it is, and where the
// stored file was damaged, it is whole again.
absl::StatusOr<int> AddModelVersion(Connection& connection, const std::string& model,
                                    const models::Classifier& classifier, std::string_view file,
                                    const std::string& description);

// Latest first, the physics last; those below `before`, at most `limit`.
absl::StatusOr<std::vector<ModelVersion>> ListModelVersions(Connection& connection,
                                                            const std::string& model,
                                                            int64_t before, int limit);
// NOT_FOUND.
absl::StatusOr<ModelVersion> GetModelVersion(Connection& connection, const std::string& model,
                                             int version);
absl::StatusOr<std::string> ReadModelFile(Connection& connection, const std::string& model,
                                          int version);

// What was made active last; 0 where nothing was. `row` tells one state of the stored version from
// another.
struct ActiveModel {
  int version = 0;
  std::string row;

  bool operator==(const ActiveModel&) const = default;
};
absl::StatusOr<ActiveModel> FindActiveModel(Connection& connection, const std::string& model);
absl::StatusOr<int> ActiveModelVersion(Connection& connection, const std::string& model);
// The changes below take a lock until the end of the transaction, so run them in one.
// NOT_FOUND. Making the active version active changes nothing.
absl::Status ActivateModelVersion(Connection& connection, const std::string& model, int version,
                                  const std::string& actor);
// Takes back the latest activation that was not taken back before, and answers what is active then;
// versions that are gone are passed over. FAILED_PRECONDITION where nothing is left to take back.
absl::StatusOr<int> RollBackModel(Connection& connection, const std::string& model,
                                  const std::string& actor);
// NOT_FOUND; FAILED_PRECONDITION for the active version and the physics.
absl::Status DeleteModelVersion(Connection& connection, const std::string& model, int version);

}  // namespace auscult::db
