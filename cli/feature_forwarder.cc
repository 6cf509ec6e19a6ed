#include "cli/feature_forwarder.h"

#include <set>

#include "cli/server_channel.h"

namespace auscult::cli {
namespace {

bool IsWorthItsSamples(const v1::PointHealth& health) {
  switch (health.condition()) {
    case v1::CONDITION_WATCH:
    case v1::CONDITION_ALERT:
    case v1::CONDITION_ALARM:
      return true;
    default:
      return !health.outside_learnt().empty();
  }
}

// The call, not the record: the samples would fare no better now.
bool MayPass(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return true;
    default:
      return false;
  }
}

// The features are to blame, not the record; OTHER_CONTENT is what an earlier extraction left, with
// machine data that have changed since.
bool AreOnlyFeaturesRefused(const v1::Rejection& rejection) {
  static const std::set<std::string> reasons = {"FEATURE_SET_MISMATCH", "VALUE_COUNT",
                                                "UNKNOWN_QUALITY", "NOT_FINITE", "OTHER_CONTENT"};
  return reasons.contains(rejection.reason());
}

}  // namespace

FeatureForwarder::FeatureForwarder(ForwardState& state, const ServerOptions& server,
                                   WaveformSender::Limits limits, int samples_every)
    : Forwarder(state, server, std::move(limits)),
      extraction_(channel_, server, [&state](const std::string& line) { state.Say(line); }),
      stub_(v1::IngestService::NewStub(channel_)),
      samples_every_(samples_every) {}

absl::StatusOr<bool> FeatureForwarder::IsDoneWithoutSamples(const ForwardQueue::Item& item,
                                                            const v1::Waveform& waveform) {
  absl::StatusOr<v1::FeatureRecord> record = extraction_.Extract(waveform);
  if (absl::IsFailedPrecondition(record.status())) return false;
  if (!record.ok()) return record.status();
  v1::IngestFeaturesRequest request;
  request.set_parent(item.lane.substr(0, item.lane.find("/points/")));
  *request.add_records() = *std::move(record);
  grpc::ClientContext context;
  SetReadDeadline(context);
  v1::IngestFeaturesResponse response;
  const grpc::Status status = stub_->IngestFeatures(&context, request, &response);
  if (MayPass(status)) return ErrorOf(status, server_);
  if (!status.ok()) return false;
  if (response.results().empty()) return false;
  const v1::IngestResult& result = response.results(0);
  if (result.outcome() == v1::IngestResult::OUTCOME_REJECTED) {
    if (AreOnlyFeaturesRefused(result.rejection())) {
      extraction_.Refetch();
      return false;
    }
    state_.Settle(item.number, item.lane, result);
    return true;
  }
  const bool nth = samples_every_ > 0 && count_[item.lane]++ % samples_every_ == 0;
  if (nth || IsWorthItsSamples(result.health())) return false;
  ++state_.counts().features;
  state_.Settle(item.number, item.lane, result);
  return true;
}

}  // namespace auscult::cli
