#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "db/postgres.h"
#include "grpcpp/grpcpp.h"
#include "server/fair_queue.h"

namespace google::protobuf {
class Message;
}

namespace auscult::server {

class Gate;
struct Caller;
struct CallRule;
std::shared_ptr<const Caller> LocalCaller();

// What a handler may use while it runs.
struct CallScope {
  db::Connection& connection;
  // OK while somebody waits for the answer; CANCELLED or DEADLINE_EXCEEDED otherwise. Ask between
  // the steps of long work.
  std::function<absl::Status()> still_wanted;
  // Who calls, and the rule that let him.
  std::shared_ptr<const Caller> caller = LocalCaller();
  const CallRule* rule = nullptr;  // null: the server itself
};

// A few threads for calls that wait on the database, which gRPC's own threads must never do. Holds
// at most `queue_limit` calls that have not begun. Callers take turns, and one may have no more
// waiting than seven times the places that are free, so that nobody keeps the others out.
// Thread-safe.
class CallPool {
 public:
  CallPool(int threads, size_t queue_limit);
  // Runs what was taken, then stops.
  ~CallPool();
  CallPool(const CallPool&) = delete;
  CallPool& operator=(const CallPool&) = delete;

  // False if there is no place for one more of this caller; `task` is dropped then.
  bool TryRun(std::function<void()> task, const std::string& caller = {});

 private:
  void Work();
  const size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  FairQueue<std::string, std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// One unary call, with what it takes to answer it. Request and response live until it is finished.
struct UnaryCall {
  CallPool& pool;
  db::Pool& database;
  const Gate& gate;
  grpc::CallbackServerContext* context;
  const google::protobuf::Message* request;
  google::protobuf::Message* response;
};

// Runs `handler` on the pool with a connection of the database and finishes the call with its
// status, mapped by ToGrpcStatus, once the gate has admitted it. A call that nobody waits for any
// more is dropped before it begins; a full queue answers RESOURCE_EXHAUSTED with RetryInfo.
// `before`, where given, runs first, while no connection is held: for what takes one of its own.
grpc::ServerUnaryReactor* RunOnPool(const UnaryCall& call,
                                    std::function<absl::Status(CallScope&)> handler,
                                    std::function<absl::Status()> before = nullptr);

}  // namespace auscult::server
