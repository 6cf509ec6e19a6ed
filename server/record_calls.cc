#include "server/record_calls.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "server/names.h"
#include "server/stream_waveforms.h"

namespace auscult::server {
namespace {

constexpr int kMaxFeatureRecords = 1000;

absl::Status Missing(const std::string& field) {
  return MakeError(absl::StatusCode::kInvalidArgument, {.reason = "MISSING_FIELD",
                                                        .message = field + " is missing",
                                                        .remedy = "send it",
                                                        .field = field});
}

// A call that is answered later, from another thread. Lives until gRPC and everybody who may answer
// have let go of it.
class LateCall : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<LateCall> {
 public:
  // Before gRPC gets the reactor.
  void Hold() { held_by_grpc_ = shared_from_this(); }
  bool cancelled() const { return cancelled_; }

 private:
  void OnCancel() override { cancelled_ = true; }
  void OnDone() override { const std::shared_ptr<LateCall> last = std::move(held_by_grpc_); }

  std::atomic<bool> cancelled_{false};
  std::shared_ptr<LateCall> held_by_grpc_;
};

// Answers when every record has its result. The results are made beforehand, so that threads can
// fill different ones at the same time.
class FeaturesCall final : public LateCall {
 public:
  FeaturesCall(v1::IngestFeaturesResponse* response, int records)
      : response_(response), unanswered_(records) {
    for (int i = 0; i < records; ++i) response->add_results();
  }

  void Answer(int index, v1::IngestResult result) {
    *response_->mutable_results(index) = std::move(result);
    if (unanswered_.fetch_sub(1, std::memory_order_acq_rel) == 1) Finish(grpc::Status::OK);
  }

  void Reject(int index, const absl::Status& status) {
    v1::IngestResult result;
    result.set_outcome(v1::IngestResult::OUTCOME_REJECTED);
    *result.mutable_rejection() = ToRejection(status);
    Answer(index, std::move(result));
  }

 private:
  v1::IngestFeaturesResponse* const response_;
  std::atomic<int> unanswered_;
};

grpc::ServerUnaryReactor* Refuse(const absl::Status& status) {
  auto call = std::make_shared<LateCall>();
  call->Hold();
  call->Finish(ToGrpcStatus(status));
  return call.get();
}

absl::Status StatusOf(const v1::Rejection& rejection) {
  const Problem problem{.reason = rejection.reason(),
                        .message = rejection.message(),
                        .remedy = rejection.remedy(),
                        .field = rejection.field()};
  const absl::Status status = MakeError(static_cast<absl::StatusCode>(rejection.code()), problem);
  if (!rejection.has_retry_after()) return status;
  const auto& delay = rejection.retry_after();
  return AskToRetry(status,
                    std::chrono::milliseconds(delay.seconds() * 1000 + delay.nanos() / 1'000'000));
}

absl::Status CheckFeaturesRequest(const v1::IngestFeaturesRequest& request) {
  const absl::StatusOr<AssetName> parent = ParseAssetName(request.parent(), false, "parent");
  if (!parent.ok()) return parent.status();
  if (request.records().empty()) return Missing("records");
  if (request.records_size() > kMaxFeatureRecords) {
    return MakeError(
        absl::StatusCode::kInvalidArgument,
        {.reason = "TOO_MANY_RECORDS",
         .message = absl::StrCat("the request has ", request.records_size(), " records"),
         .remedy = absl::StrCat("send at most ", kMaxFeatureRecords, " in a call"),
         .field = "records"});
  }
  return absl::OkStatus();
}

// How the records of one call come in.
struct WayIn {
  ScoringPipeline* pipeline;
  Tenants* tenants;
  ChargedTo charged_to;
};

void SubmitRecord(const WayIn& way_in, const v1::IngestFeaturesRequest& request, int index,
                  const std::shared_ptr<FeaturesCall>& call) {
  const v1::FeatureRecord& record = request.records(index);
  const std::string place = absl::StrCat("records[", index, "]");
  if (!absl::StartsWith(record.point(), request.parent() + "/points/")) {
    call->Reject(index, MakeError(absl::StatusCode::kInvalidArgument,
                                  {.reason = "OTHER_PARENT",
                                   .message = "the point " + Quoted(record.point()) +
                                              " is not one of " + request.parent(),
                                   .remedy = "send the records of one asset in one call",
                                   .field = place + ".point"}));
    return;
  }
  Reservation reservation;
  const auto bytes =
      static_cast<int64_t>(record.ByteSizeLong()) + WaveformStream::kRecordOverheadBytes;
  if (const absl::Status status = way_in.tenants->Admit(way_in.charged_to, bytes, reservation);
      !status.ok()) {
    call->Reject(index, status);
    return;
  }
  way_in.pipeline->SubmitFeatures(
      std::make_unique<v1::FeatureRecord>(record), place, std::move(reservation),
      [call] { return call->cancelled(); },
      [call, index](v1::IngestResult result) { call->Answer(index, std::move(result)); });
}

}  // namespace

grpc::ServerUnaryReactor* IngestOneWaveform(ScoringPipeline* pipeline, Tenants* tenants,
                                            const std::shared_ptr<Tenant>& key,
                                            const v1::IngestWaveformRequest& request,
                                            v1::IngestWaveformResponse* response) {
  if (!request.has_waveform()) return Refuse(Missing("waveform"));
  Reservation reservation;
  // Twice, for gRPC keeps the request until the call is over.
  const auto bytes =
      2 * static_cast<int64_t>(request.ByteSizeLong()) + WaveformStream::kRecordOverheadBytes;
  const std::shared_ptr<Tenant> site = tenants->OfSite(request.waveform().point());
  const absl::Status admitted =
      tenants->Admit({.key = key.get(), .site = site.get()}, bytes, reservation);
  if (!admitted.ok()) return Refuse(admitted);
  auto call = std::make_shared<LateCall>();
  call->Hold();
  pipeline->Submit(
      std::make_unique<v1::Waveform>(request.waveform()), std::move(reservation),
      [call] { return call->cancelled(); },
      [call, response](v1::IngestResult result) {
        if (result.outcome() == v1::IngestResult::OUTCOME_REJECTED) {
          call->Finish(ToGrpcStatus(StatusOf(result.rejection())));
          return;
        }
        *response->mutable_result() = std::move(result);
        call->Finish(grpc::Status::OK);
      });
  return call.get();
}

grpc::ServerUnaryReactor* IngestFeatureRecords(ScoringPipeline* pipeline, Tenants* tenants,
                                               const std::shared_ptr<Tenant>& key,
                                               const v1::IngestFeaturesRequest& request,
                                               v1::IngestFeaturesResponse* response) {
  if (absl::Status status = CheckFeaturesRequest(request); !status.ok()) return Refuse(status);
  const int records = request.records_size();
  // What is finished before gRPC has the reactor ends only then, so the request outlives the loop.
  auto call = std::make_shared<FeaturesCall>(response, records);
  call->Hold();
  const std::shared_ptr<Tenant> site = tenants->OfSite(request.parent());
  const WayIn way_in{pipeline, tenants, {.key = key.get(), .site = site.get()}};
  for (int i = 0; i < records; ++i) SubmitRecord(way_in, request, i, call);
  return call.get();
}

}  // namespace auscult::server
