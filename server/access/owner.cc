#include "server/access/owner.h"

#include <memory>

#include "auscult/v1/model_service.pb.h"
#include "auscult/v1/rescore_service.pb.h"
#include "db/rescore_store.h"
#include "server/access/request_sites.h"
#include "server/model_calls.h"

namespace auscult::server {
namespace {

constexpr std::string_view kEverySite = "-";

absl::Status Hidden() { return absl::NotFoundError("not for this caller"); }

// The request of an operation; null where it cannot be read.
std::unique_ptr<google::protobuf::Message> RequestOf(const db::Operation& operation) {
  std::unique_ptr<google::protobuf::Message> request;
  if (operation.kind == kTrainKind) request = std::make_unique<v1::TrainModelRequest>();
  if (operation.kind == kCompareKind) request = std::make_unique<v1::CompareModelVersionsRequest>();
  if (operation.kind == db::kRescoreKind) request = std::make_unique<v1::StartRescoreRequest>();
  if (request != nullptr && !request->ParseFromString(operation.request)) request.reset();
  return request;
}

}  // namespace

absl::Status JudgeOwner(const CallScope& scope, std::string_view owner) {
  if (scope.rule == nullptr) return absl::OkStatus();
  const std::string_view site = SiteOf(owner) == kEverySite ? "" : SiteOf(owner);
  if (!Holds(*scope.caller, v1::ROLE_VIEWER, site)) return Hidden();
  return JudgeName(*scope.caller, *scope.rule, owner, "");
}

absl::Status JudgeOperation(const Caller& caller, const CallRule& rule,
                            const db::Operation& operation) {
  if (Holds(caller, rule.role, "")) return absl::OkStatus();
  const auto request = RequestOf(operation);
  const CallRule* const asked = request ? RuleOf(*request->GetDescriptor()) : nullptr;
  if (asked == nullptr) return Hidden();
  const CallRule seen{.method = rule.method, .role = v1::ROLE_VIEWER, .where = asked->where};
  if (!Judge(caller, seen, *request).ok()) return Hidden();
  const CallRule done{.method = rule.method, .role = rule.role, .where = asked->where};
  return Judge(caller, done, *request);
}

}  // namespace auscult::server
