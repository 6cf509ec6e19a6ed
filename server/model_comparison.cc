#include "server/model_comparison.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "db/baseline_store.h"
#include "db/point_history.h"
#include "google/protobuf/util/time_util.h"
#include "models/replay_comparison.h"
#include "server/health_view.h"
#include "server/model_calls.h"
#include "server/model_view.h"
#include "server/names.h"
#include "server/period.h"
#include "server/scope_points.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kMaxShown = 1000;
constexpr size_t kMaxChanges = 100;

v1::AlarmChange MessageOf(const models::ReplayComparison::AlarmChange& change) {
  v1::AlarmChange message;
  message.set_fault(FaultOf(static_cast<int>(change.fault)));
  message.set_condition(ConditionOf(static_cast<int>(change.condition)));
  if (change.base_us) {
    *message.mutable_base_time() = TimeUtil::MicrosecondsToTimestamp(*change.base_us);
  }
  if (change.candidate_us) {
    *message.mutable_candidate_time() = TimeUtil::MicrosecondsToTimestamp(*change.candidate_us);
  }
  return message;
}

void Add(const models::ReplayComparison::Distribution& counts, v1::HealthDistribution& sum) {
  sum.mutable_counts()->Resize(static_cast<int>(counts.size()), 0);
  for (size_t i = 0; i < counts.size(); ++i) {
    sum.set_counts(static_cast<int>(i), sum.counts(static_cast<int>(i)) + counts[i]);
  }
}

template <typename Message>  // ModelComparison or AssetComparison
void Add(const models::ReplayComparison::Result& result, Message& sum) {
  sum.set_record_count(sum.record_count() + result.record_count);
  sum.set_point_count(sum.point_count() + 1);
  sum.set_alarms_in_both(sum.alarms_in_both() + result.in_both);
  sum.set_alarms_gained(sum.alarms_gained() + result.gained);
  sum.set_alarms_lost(sum.alarms_lost() + result.lost);
  sum.set_alarms_earlier(sum.alarms_earlier() + result.earlier);
  sum.set_alarms_later(sum.alarms_later() + result.later);
  sum.set_verdicts_changed(sum.verdicts_changed() + result.verdicts_changed);
  Add(result.base_health, *sum.mutable_base_health());
  Add(result.candidate_health, *sum.mutable_candidate_health());
}

std::string AssetOf(const std::string& point) { return point.substr(0, point.rfind("/points/")); }

// The worst of what differs between two versions: most alarms gained or lost, then most verdicts.
template <typename Message>  // PointComparison or AssetComparison
class WorstFirst {
 public:
  void Add(int gained_or_lost, Message message) {
    kept_.push_back({gained_or_lost, std::move(message)});
    // Twice as many as are shown, so that they need not be sorted for each.
    if (kept_.size() >= 2 * kMaxShown) Trim();
  }

  void MoveTo(google::protobuf::RepeatedPtrField<Message>& shown) {
    Trim();
    for (Different& different : kept_) *shown.Add() = std::move(different.message);
  }

 private:
  struct Different {
    int gained_or_lost;
    Message message;
  };

  void Trim() {
    std::stable_sort(kept_.begin(), kept_.end(), [](const Different& a, const Different& b) {
      return std::pair(a.gained_or_lost, a.message.verdicts_changed()) >
             std::pair(b.gained_or_lost, b.message.verdicts_changed());
    });
    if (kept_.size() > kMaxShown) kept_.resize(kMaxShown);
  }

  std::vector<Different> kept_;
};

// Sums over points, and where something differs.
class Comparison {
 public:
  void Add(const std::string& point, const models::ReplayComparison::Result& result) {
    server::Add(result, sum_);
    v1::AssetComparison& asset = assets_[AssetOf(point)];
    server::Add(result, asset);
    if (result.changes.empty() && result.verdicts_changed == 0) return;
    v1::PointComparison different;
    different.set_point(point);
    different.set_record_count(result.record_count);
    different.set_verdicts_changed(result.verdicts_changed);
    for (size_t i = 0; i < std::min(kMaxChanges, result.changes.size()); ++i) {
      *different.add_alarms() = MessageOf(result.changes[i]);
    }
    points_.Add(result.gained + result.lost, std::move(different));
  }

  int64_t record_count() const { return sum_.record_count(); }

  v1::ModelComparison Finish() && {
    points_.MoveTo(*sum_.mutable_points());
    WorstFirst<v1::AssetComparison> worst;
    for (auto& [name, asset] : assets_) {
      const int gained_or_lost = asset.alarms_gained() + asset.alarms_lost();
      if (gained_or_lost + asset.alarms_earlier() + asset.alarms_later() +
              asset.verdicts_changed() ==
          0) {
        continue;
      }
      asset.set_asset(name);
      worst.Add(gained_or_lost, std::move(asset));
    }
    worst.MoveTo(*sum_.mutable_assets());
    return std::move(sum_);
  }

 private:
  v1::ModelComparison sum_;
  WorstFirst<v1::PointComparison> points_;
  std::map<std::string, v1::AssetComparison> assets_;  // by name
};

// One comparison under way.
class ComparisonRun {
 public:
  ComparisonRun(OperationRun& run, db::Connection& connection, PlantDirectory& directory)
      : run_(run), connection_(connection), directory_(directory) {
    *metadata_.mutable_create_time() =
        TimeUtil::MicrosecondsToTimestamp(run.operation().create_time_us);
  }

  absl::StatusOr<OperationResult> Run() {
    v1::CompareModelVersionsRequest request;
    if (!request.ParseFromString(run_.operation().request)) {
      return absl::InternalError("the stored request cannot be read");
    }
    const auto period = RequiredPeriod(request, "");
    if (!period.ok()) return period.status();
    absl::Status status = Load(request.base(), "base", base_);
    if (status.ok()) status = Load(request.candidate(), "candidate", candidate_);
    if (!status.ok()) return status;
    const auto points = PointsOf(connection_, request.scope(), "scope");
    if (!points.ok()) return points.status();
    for (size_t i = 0; i < points->size(); ++i) {
      const double before = static_cast<double>(i) / static_cast<double>(points->size());
      status = ComparePoint((*points)[i], *period,
                            {.before = before, .span = 1.0 / static_cast<double>(points->size())});
      if (!status.ok()) return status;
    }
    v1::ModelComparison result = std::move(comparison_).Finish();
    return [result = std::move(result)](db::Connection&) -> absl::StatusOr<google::protobuf::Any> {
      google::protobuf::Any any;
      any.PackFrom(result);
      return any;
    };
  }

 private:
  // The part of the whole that a point is.
  struct Share {
    double before, span;
  };

  absl::Status Load(const std::string& name, std::string_view field,
                    std::shared_ptr<const models::Classifier>& classifier) {
    const auto version = FindModelVersion(connection_, name, field);
    if (!version.ok()) return version.status();
    auto loaded = LoadClassifier(connection_, *version, field);
    if (!loaded.ok()) return loaded.status();
    classifier = *std::move(loaded);
    return absl::OkStatus();
  }

  absl::Status ComparePoint(const ScopedPoint& point, db::Period period, Share share) {
    const auto entry = directory_.Find(point.name);
    if (absl::IsNotFound(entry.status())) return absl::OkStatus();  // deleted meanwhile
    if (!entry.ok()) return entry.status();
    std::optional<models::Baseline> baseline;
    if (point.model_version > 0) {
      auto loaded =
          db::LoadBaseline(connection_, point.asset_id, point.point_id, point.model_version);
      if (!loaded.ok()) return loaded.status();
      baseline = *std::move(loaded);
    }
    models::PointModel model{.machine = (*entry)->machine.get(),
                             .baseline = baseline ? &*baseline : nullptr,
                             .classifier = base_.get()};
    if ((*entry)->limits != nullptr) model.limits = *(*entry)->limits;
    const models::PointModel base = model;
    model.classifier = candidate_.get();
    models::AlarmPolicy policy;
    policy.false_alarms_per_point_year = (*entry)->false_alarms_per_point_year;
    models::ReplayComparison replay(base, model, policy);
    db::PointHistory history(point.asset_id, point.point_id, period);
    int64_t records = 0;
    for (;;) {
      if (absl::Status status = run_.Continue(); !status.ok()) return status;
      const auto page = history.Next(connection_);
      if (!page.ok()) return page.status();
      if (page->empty()) break;
      for (const db::MeasuredRecord& record : *page) {
        replay.Next(record.features, record.measured_at_us);
      }
      records += static_cast<int64_t>(page->size());
      const double done = static_cast<double>(page->back().measured_at_us - period.start_us) /
                          static_cast<double>(period.end_us - period.start_us);
      Report(share.before + share.span * done, records);
    }
    if (records > 0) comparison_.Add(point.name, replay.Finish());
    Report(share.before + share.span, 0);
    return absl::OkStatus();
  }

  void Report(double progress, int64_t records_of_point) {
    metadata_.set_progress(static_cast<float>(progress));
    metadata_.set_record_count(comparison_.record_count() + records_of_point);
    run_.Report(metadata_);
  }

  OperationRun& run_;
  db::Connection& connection_;
  PlantDirectory& directory_;
  std::shared_ptr<const models::Classifier> base_, candidate_;
  Comparison comparison_;
  v1::CompareMetadata metadata_;
};

}  // namespace

absl::Status CompleteComparison(db::Connection& connection,
                                v1::CompareModelVersionsRequest& request) {
  if (request.base().empty()) {
    const absl::StatusOr<int> active = db::ActiveModelVersion(connection, kDiagnosisModel);
    if (!active.ok()) return active.status();
    request.set_base(ModelVersionResource(kDiagnosisModel, *active));
  }
  absl::Status status = FindModelVersion(connection, request.candidate(), "candidate").status();
  if (status.ok()) status = FindModelVersion(connection, request.base(), "base").status();
  if (status.ok()) status = PointsOf(connection, request.scope(), "scope").status();
  if (status.ok()) status = RequiredPeriod(request, "").status();
  return status;
}

OperationRunner::Handler ComparisonHandler(PlantDirectory* directory) {
  return [directory](OperationRun& run, db::Connection& connection) {
    return ComparisonRun(run, connection, *directory).Run();
  };
}

}  // namespace auscult::server
