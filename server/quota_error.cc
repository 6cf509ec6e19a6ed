#include "server/quota_error.h"

#include <algorithm>
#include <random>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "server/concat.h"
#include "server/errors.h"

namespace auscult::server {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
// Sooner than this nobody need come back.
constexpr std::chrono::duration<double> kShortestWait{0.1};

double Chance() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

std::chrono::milliseconds Milliseconds(std::chrono::duration<double> time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time);
}

}  // namespace

std::chrono::milliseconds Jittered(std::chrono::duration<double> middle) {
  return Milliseconds(middle * (0.5 + Chance()));
}

absl::Status QuotaExceeded(std::string_view tenant, std::string_view limit,
                           std::chrono::duration<double> wait) {
  const std::string quota = Concat(tenant, "/quota");
  // Never before the time itself: it would be refused again.
  wait = std::max(wait, kShortestWait) * (1 + 0.5 * Chance());
  absl::Status status =
      Overloaded({.reason = "QUOTA_EXCEEDED",
                  .message = Concat(quota, " allows no more: ", limit, " is spent"),
                  .remedy = "send it again after the time given, or have the quota raised"},
                 Milliseconds(wait));
  google::rpc::ErrorInfo info;
  if (const auto payload = status.GetPayload(kErrorInfoUrl)) {
    info.ParseFromString(std::string(*payload));
  }
  (*info.mutable_metadata())["quota"] = quota;
  (*info.mutable_metadata())["limit"] = std::string(limit);
  status.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

}  // namespace auscult::server
