#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "auscult/v1/model_service.pb.h"
#include "db/active_classifier.h"
#include "db/model_store.h"

namespace auscult::server {

// A stored version as the API shows it; `active` says what is wrong with the active one.
v1::ModelVersion MessageOf(const db::ModelVersion& version, const db::ActiveClassifier& active);

// NOT_FOUND (UNKNOWN_MODEL) for another model than the one there is, whose name `field` holds.
absl::Status CheckModel(std::string_view model, std::string_view field);
// NOT_FOUND (UNKNOWN_MODEL_VERSION).
absl::Status UnknownModelVersion(std::string_view name, std::string_view field);

// The version that `name` names, as the store has it.
absl::StatusOr<db::ModelVersion> FindModelVersion(db::Connection& connection, std::string_view name,
                                                  std::string_view field);

// Null for version 0. FAILED_PRECONDITION (MODEL_DAMAGED) where the stored file cannot be trusted.
absl::StatusOr<std::shared_ptr<const models::Classifier>> LoadClassifier(
    db::Connection& connection, const db::ModelVersion& version, std::string_view field);

}  // namespace auscult::server
