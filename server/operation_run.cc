#include "server/operation_run.h"

#include <memory>
#include <utility>

#include "server/acting.h"
#include "server/log.h"
#include "server/operation_view.h"

namespace auscult::server {
namespace {

std::string Serialized(const google::protobuf::Message& message) {
  google::protobuf::Any any;
  any.PackFrom(message);
  return any.SerializeAsString();
}

}  // namespace

OperationRun::OperationRun(std::string conninfo, db::OperationClaim claim, Timing timing,
                           const std::atomic<bool>* stopping)
    : conninfo_(std::move(conninfo)),
      claim_(std::move(claim)),
      timing_(timing),
      stopping_(stopping),
      cancel_requested_(claim_.operation.cancel_requested),
      held_until_((Clock::now() + timing.lease).time_since_epoch().count()),
      thread_([this] { Beat(); }) {}

OperationRun::~OperationRun() { StopBeating(); }

bool OperationRun::lost() const {
  return taken_over_ || Clock::now().time_since_epoch().count() > held_until_;
}

absl::Status OperationRun::Continue() const {
  if (cancel_requested_) return absl::CancelledError("the operation was cancelled");
  if (*stopping_) return absl::CancelledError("the server stops");
  if (lost()) return absl::CancelledError("another server may work on it by now");
  return absl::OkStatus();
}

void OperationRun::Report(const google::protobuf::Message& metadata) {
  std::string bytes = Serialized(metadata);
  const std::lock_guard lock(mutex_);
  metadata_ = std::move(bytes);
}

std::string OperationRun::TakeMetadata() {
  const std::lock_guard lock(mutex_);
  return std::exchange(metadata_, "");
}

void OperationRun::Beat() {
  std::unique_ptr<db::Connection> connection;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, timing_.beat, [this] { return ended_; })) {
    lock.unlock();
    RenewOnce(connection);
    lock.lock();
  }
}

void OperationRun::RenewOnce(std::unique_ptr<db::Connection>& connection) {
  // The lease begins no earlier than it is asked for.
  const Clock::time_point asked = Clock::now();
  if (connection == nullptr || !connection->healthy()) {
    auto opened = db::Connection::Open(conninfo_);
    if (!opened.ok()) return;
    connection = *std::move(opened);
  }
  const auto renewed =
      db::RenewLease(*connection, claim_.operation.id, claim_.fence, timing_.lease, TakeMetadata());
  if (!renewed.ok()) return;  // the next beat tries again, until the lease is over
  if (!*renewed) {
    taken_over_ = true;
    return;
  }
  held_until_ = (asked + timing_.lease).time_since_epoch().count();
  if ((*renewed)->cancel_requested) cancel_requested_ = true;
}

void OperationRun::StopBeating() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

absl::Status OperationRun::Finish(db::Connection& connection, const OperationResult& result) {
  StopBeating();
  const int64_t id = claim_.operation.id;
  const std::string metadata = TakeMetadata();
  const Acting acting(connection, claim_.operation);
  return db::InTransaction(connection, [&]() -> absl::Status {
    if (absl::Status status = db::LockClaim(connection, id, claim_.fence); !status.ok()) {
      return status;
    }
    const absl::StatusOr<google::protobuf::Any> response = result(connection);
    if (!response.ok()) return response.status();
    return db::FinishOperation(connection, id, claim_.fence, response->SerializeAsString(), "",
                               metadata);
  });
}

absl::Status OperationRun::Fail(db::Connection& connection, const absl::Status& error) {
  StopBeating();
  return db::FinishOperation(connection, claim_.operation.id, claim_.fence, "", ErrorBytes(error),
                             TakeMetadata());
}

absl::Status OperationRun::Release(db::Connection& connection, std::chrono::milliseconds pause,
                                   bool orderly) {
  StopBeating();
  return db::ReleaseClaim(connection, claim_.operation.id, claim_.fence, pause, orderly);
}

}  // namespace auscult::server
