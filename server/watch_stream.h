#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/grpcpp.h"
#include "server/errors.h"
#include "server/tenant.h"

namespace auscult::server {

// One call of a method that tells what changes. A derived class keeps what was not sent yet and
// hands it over one message at a time. Lives until gRPC and who watches have let go of it.
template <typename Response>
class WatchStream : public grpc::ServerWriteReactor<Response>,
                    public std::enable_shared_from_this<WatchStream<Response>> {
 public:
  using Clock = std::chrono::steady_clock;

  // To be called once, before gRPC gets the reactor.
  void Start() {
    held_by_grpc_ = this->shared_from_this();
    this->StartSendInitialMetadata();
  }

  bool ended() const {
    const std::lock_guard lock(mutex_);
    return finished_ || cancelled_;
  }

  // Of the key that it counts for; set before Start.
  OpenedStream opened;
  // Whether who watches still may; null: for ever. Set before Start.
  std::function<absl::Status()> may_go_on;

  // Of the thread that watches: whether what the stream begins with was sent.
  bool begun = false;

  // Sends an empty message when nothing was sent for so long.
  void Beat(std::chrono::milliseconds heartbeat) {
    {
      const std::lock_guard lock(mutex_);
      beat_due_ = Clock::now() - last_sent_ >= heartbeat;
    }
    Proceed();
  }

  // Ends with `status` as soon as no write is under way.
  void End(const grpc::Status& status) {
    {
      const std::lock_guard lock(mutex_);
      if (ending_ || cancelled_ || finished_) return;
      end_ = status;
      ending_ = true;
    }
    Proceed();
  }

 protected:
  WatchStream() = default;

  // Moves the next message to `response`; false if there is none. Called under `mutex_`.
  virtual bool Take(Response& response) = 0;

  bool over() const { return finished_ || cancelled_; }  // under mutex_

  // Does whatever can be done now, in this thread or in the one that is at it already; under no
  // lock.
  void Proceed() {
    // gRPC may be done with the call as soon as it is finished.
    const std::shared_ptr<WatchStream> self = this->shared_from_this();
    std::unique_lock lock(mutex_);
    proceed_again_ = true;
    if (proceeding_) return;
    proceeding_ = true;
    while (std::exchange(proceed_again_, false)) {
      for (Step step = NextStep(); step != Step::kNone; step = NextStep()) {
        lock.unlock();
        if (step == Step::kWrite) {
          this->StartWrite(&writing_);
        } else {
          this->Finish(end_);
        }
        lock.lock();
      }
    }
    proceeding_ = false;
  }

  mutable std::mutex mutex_;

 private:
  enum class Step { kNone, kWrite, kFinish };

  void OnWriteDone(bool ok) override {
    {
      const std::lock_guard lock(mutex_);
      writing_now_ = false;
      cancelled_ = cancelled_ || !ok;
    }
    Proceed();
  }

  void OnCancel() override {
    {
      const std::lock_guard lock(mutex_);
      cancelled_ = true;
    }
    Proceed();
  }

  void OnDone() override { const std::shared_ptr<WatchStream> last = std::move(held_by_grpc_); }

  Step NextStep() {
    if (finished_ || writing_now_) return Step::kNone;
    if (cancelled_ || ending_) {
      finished_ = true;
      return Step::kFinish;
    }
    writing_.Clear();
    if (!Take(writing_) && !beat_due_) return Step::kNone;
    beat_due_ = false;
    writing_now_ = true;
    last_sent_ = Clock::now();
    return Step::kWrite;
  }

  std::shared_ptr<WatchStream> held_by_grpc_;
  Response writing_;  // of gRPC while a write is under way
  bool beat_due_ = false;
  bool proceeding_ = false, proceed_again_ = false;
  bool writing_now_ = false, cancelled_ = false, ending_ = false, finished_ = false;
  grpc::Status end_;  // set before ending_, once
  Clock::time_point last_sent_ = Clock::now();
};

// A watch that is refused before it begins.
template <typename Response>
class RefusedWatch final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit RefusedWatch(const absl::Status& status) { this->Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

}  // namespace auscult::server
