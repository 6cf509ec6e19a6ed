#include "db/model_store.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "db/store_status.h"

namespace auscult::db {
namespace {

constexpr int kPhysics = 0;

std::string NameOf(const std::string& model, int version) {
  return ResourceName({"models", model, "versions", absl::StrCat(version)});
}

absl::Status LockActivations(Connection& connection) {
  return connection.Execute("LOCK TABLE model_activation IN SHARE ROW EXCLUSIVE MODE");
}

// All faults that the rules name.
std::vector<models::Fault> FaultsOfPhysics() {
  std::vector<models::Fault> faults = {models::Fault::kHealthy};
  for (int i = 0; i < models::kFaultCount; ++i) {
    const auto fault = static_cast<models::Fault>(i);
    if (NamesFault(fault) && fault != models::Fault::kOther) faults.push_back(fault);
  }
  return faults;
}

ModelVersion VersionOf(const Rows& rows, int row, const std::string& model) {
  ModelVersion version{.model = model,
                       .version = static_cast<int>(rows.Int(row, 0)),
                       .active = rows.Bool(row, 1),
                       .activate_time_us = rows.IsNull(row, 2) ? 0 : rows.Int(row, 2),
                       .description = {},
                       .faults = {},
                       .recipe = {},
                       .metrics = {},
                       .content_hash = {}};
  if (version.version == kPhysics) {
    version.description = "the physics rules alone";
    version.feature_set = features::kVibrationSet;
    version.faults = FaultsOfPhysics();
    return version;
  }
  version.create_time_us = rows.Int(row, 3);
  version.description = rows.Text(row, 4);
  version.feature_set = static_cast<int>(rows.Int(row, 5));
  for (const float fault : rows.FloatArray(row, 6)) {
    version.faults.push_back(static_cast<models::Fault>(fault));
  }
  version.recipe = rows.Text(row, 7);
  version.metrics = rows.Text(row, 8);
  version.size_bytes = rows.Int(row, 9);
  version.content_hash = rows.Text(row, 10);
  return version;
}

absl::StatusOr<bool> Exists(Connection& connection, const std::string& model, int version) {
  if (version == kPhysics) return true;
  const Param values[] = {Text(model), Int(version)};
  absl::StatusOr<Rows> rows =
      connection.Query("SELECT FROM model_version WHERE model = $1 AND version = $2", values);
  if (!rows.ok()) return rows.status();
  return rows->count() > 0;
}

absl::Status RecordActivation(Connection& connection, const std::string& model, int version,
                              const std::string& actor, bool rollback) {
  const Param values[] = {Text(model), Int(version), Text(actor), Bool(rollback)};
  return connection.Execute(
      "INSERT INTO model_activation (model, version, actor, rollback) VALUES ($1, $2, $3, $4)",
      values);
}

}  // namespace

absl::StatusOr<int> AddModelVersion(Connection& connection, const std::string& model,
                                    const models::Classifier& classifier, std::string_view file,
                                    const std::string& description) {
  std::vector<Param> faults;
  for (const models::Fault fault : classifier.classes()) {
    faults.push_back(Int(static_cast<int>(fault)));
  }
  const Param content[] = {Text(model), Bytes(file)};
  const Param values[] = {Text(model),   Text(description),         Int(classifier.set_id()),
                          Array(faults), Text(classifier.recipe()), Text(classifier.metrics()),
                          Bytes(file)};
  int version = 0;
  const absl::Status status = InTransaction(connection, [&]() -> absl::Status {
    if (absl::Status locked = LockActivations(connection); !locked.ok()) return locked;
    absl::Status healed = connection.Execute(
        "UPDATE model_version SET file = $2::bytea"
        " WHERE model = $1 AND content_hash = sha256($2::bytea) AND file <> $2::bytea",
        content);
    if (!healed.ok()) return healed;
    absl::StatusOr<Rows> rows = connection.Query(
        "SELECT version FROM model_version WHERE model = $1 AND content_hash = sha256($2::bytea)",
        content);
    if (rows.ok() && rows->count() == 0) {
      rows = connection.Query(
          "INSERT INTO model_version (model, description, feature_set, faults, recipe, metrics,"
          " content_hash, file)"
          " VALUES ($1, $2, $3, $4, $5, $6, sha256($7::bytea), $7::bytea) RETURNING version",
          values);
    }
    if (rows.ok()) version = static_cast<int>(rows->Int(0, 0));
    return rows.status();
  });
  if (!status.ok()) return status;
  return version;
}

absl::StatusOr<std::vector<ModelVersion>> ListModelVersions(Connection& connection,
                                                            const std::string& model,
                                                            int64_t before, int limit) {
  const Param values[] = {Text(model), Int(before), Int(limit)};
  absl::StatusOr<Rows> rows = connection.Query(
      "WITH known AS (SELECT version FROM model_version WHERE model = $1 UNION ALL SELECT 0)"
      " SELECT known.version,"
      "  known.version = coalesce((SELECT version FROM model_activation WHERE model = $1"
      "   ORDER BY activation_id DESC LIMIT 1), 0),"
      "  (SELECT unix_us(max(activated_at)) FROM model_activation a"
      "   WHERE a.model = $1 AND a.version = known.version),"
      "  unix_us(create_time), description, feature_set, faults, recipe, metrics,"
      "  octet_length(file), encode(content_hash, 'hex')"
      " FROM known LEFT JOIN model_version v ON v.model = $1 AND v.version = known.version"
      " WHERE known.version < $2::bigint ORDER BY known.version DESC LIMIT $3",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<ModelVersion> versions;
  versions.reserve(static_cast<size_t>(rows->count()));
  for (int row = 0; row < rows->count(); ++row) versions.push_back(VersionOf(*rows, row, model));
  return versions;
}

absl::StatusOr<ModelVersion> GetModelVersion(Connection& connection, const std::string& model,
                                             int version) {
  auto versions = ListModelVersions(connection, model, int64_t{version} + 1, 1);
  if (!versions.ok()) return versions.status();
  if (versions->empty() || versions->front().version != version) {
    return NoSuch(NameOf(model, version));
  }
  return std::move(versions->front());
}

absl::StatusOr<std::string> ReadModelFile(Connection& connection, const std::string& model,
                                          int version) {
  const Param values[] = {Text(model), Int(version)};
  absl::StatusOr<Rows> rows =
      connection.Query("SELECT file FROM model_version WHERE model = $1 AND version = $2", values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoSuch(NameOf(model, version));
  return rows->Bytes(0, 0);
}

absl::StatusOr<ActiveModel> FindActiveModel(Connection& connection, const std::string& model) {
  const Param values[] = {Text(model)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT a.version, coalesce(v.xmin::text, '')"
      " FROM model_activation a LEFT JOIN model_version v USING (model, version)"
      " WHERE a.model = $1 ORDER BY a.activation_id DESC LIMIT 1",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return ActiveModel{};
  return ActiveModel{.version = static_cast<int>(rows->Int(0, 0)),
                     .row = std::string(rows->Text(0, 1))};
}

absl::StatusOr<int> ActiveModelVersion(Connection& connection, const std::string& model) {
  const absl::StatusOr<ActiveModel> active = FindActiveModel(connection, model);
  if (!active.ok()) return active.status();
  return active->version;
}

absl::Status ActivateModelVersion(Connection& connection, const std::string& model, int version,
                                  const std::string& actor) {
  if (absl::Status status = LockActivations(connection); !status.ok()) return status;
  const absl::StatusOr<bool> exists = Exists(connection, model, version);
  if (!exists.ok()) return exists.status();
  if (!*exists) return NoSuch(NameOf(model, version));
  const absl::StatusOr<int> active = ActiveModelVersion(connection, model);
  if (!active.ok()) return active.status();
  if (*active == version) return absl::OkStatus();
  return RecordActivation(connection, model, version, actor, false);
}

absl::StatusOr<int> RollBackModel(Connection& connection, const std::string& model,
                                  const std::string& actor) {
  if (absl::Status status = LockActivations(connection); !status.ok()) return status;
  const Param values[] = {Text(model)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT version, rollback FROM model_activation WHERE model = $1 ORDER BY activation_id",
      values);
  if (!rows.ok()) return rows.status();
  // The activations that stand, the physics below all of them.
  std::vector<int> standing = {kPhysics};
  for (int row = 0; row < rows->count(); ++row) {
    const int version = static_cast<int>(rows->Int(row, 0));
    if (!rows->Bool(row, 1)) {
      standing.push_back(version);
      continue;
    }
    do {
      standing.pop_back();
    } while (standing.size() > 1 && standing.back() != version);
  }
  const int active = standing.back();
  while (standing.size() > 1) {
    standing.pop_back();
    const absl::StatusOr<bool> exists = Exists(connection, model, standing.back());
    if (!exists.ok()) return exists.status();
    if (!*exists || standing.back() == active) continue;
    absl::Status status = RecordActivation(connection, model, standing.back(), actor, true);
    if (!status.ok()) return status;
    return standing.back();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("nothing was active before ", NameOf(model, active)));
}

absl::Status DeleteModelVersion(Connection& connection, const std::string& model, int version) {
  if (absl::Status status = LockActivations(connection); !status.ok()) return status;
  const absl::StatusOr<int> active = ActiveModelVersion(connection, model);
  if (!active.ok()) return active.status();
  if (version == kPhysics) {
    return absl::FailedPreconditionError("the physics is no stored version");
  }
  if (*active == version) {
    return absl::FailedPreconditionError(absl::StrCat(NameOf(model, version), " is active"));
  }
  const Param values[] = {Text(model), Int(version)};
  absl::StatusOr<Rows> rows =
      connection.Query("DELETE FROM model_version WHERE model = $1 AND version = $2", values);
  if (!rows.ok()) return rows.status();
  return rows->affected() == 0 ? NoSuch(NameOf(model, version)) : absl::OkStatus();
}

}  // namespace auscult::db
