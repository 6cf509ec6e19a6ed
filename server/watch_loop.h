#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/errors.h"

namespace auscult::server {

struct WatchPace {
  std::chrono::milliseconds poll{1000};
  std::chrono::milliseconds heartbeat{15000};
};

// The thread that serves all streams of one kind: it asks for news every so often while anybody
// watches, at once for who is new, and keeps silent streams alive. Streams are WatchStreams.
template <typename Stream>
class WatchLoop {
 public:
  // Tells the streams what is new, on the thread. Not called while nobody watches, but once with
  // none when the last has gone. A failure is passed over: it is tried again after the next pause.
  using Poll = std::function<absl::Status(std::span<const std::shared_ptr<Stream>>)>;

  // `remedy`: what to do when the server stops.
  WatchLoop(WatchPace pace, std::string remedy, Poll poll)
      : pace_(pace), remedy_(std::move(remedy)), poll_(std::move(poll)) {
    thread_ = std::thread([this] { Loop(); });
  }

  ~WatchLoop() {
    Stop();
    thread_.join();
  }
  WatchLoop(const WatchLoop&) = delete;
  WatchLoop& operator=(const WatchLoop&) = delete;

  // Starts the stream; gRPC may have it then.
  void Add(const std::shared_ptr<Stream>& stream) {
    stream->Start();
    bool stopping = false;
    {
      const std::lock_guard lock(mutex_);
      stopping = stopping_;
      streams_.push_back(stream);
      newcomers_ = true;
    }
    if (stopping) {
      stream->End(Stopping());
    } else {
      wake_.notify_all();
    }
  }

  // Every stream, new ones too, ends with UNAVAILABLE. Does not wait.
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (const std::shared_ptr<Stream>& stream : Streams()) stream->End(Stopping());
  }

 private:
  grpc::Status Stopping() const {
    return ToGrpcStatus(
        MakeError(absl::StatusCode::kUnavailable,
                  {.reason = "STOPPING", .message = "the server is stopping", .remedy = remedy_}));
  }

  void EndWhatMayNotGoOn() {
    for (const std::shared_ptr<Stream>& stream : Streams()) {
      const absl::Status status = stream->may_go_on ? stream->may_go_on() : absl::OkStatus();
      if (!status.ok()) stream->End(ToGrpcStatus(status));
    }
  }

  std::vector<std::shared_ptr<Stream>> Streams() {
    const std::lock_guard lock(mutex_);
    std::erase_if(streams_, [](const std::weak_ptr<Stream>& weak) {
      const std::shared_ptr<Stream> stream = weak.lock();
      return stream == nullptr || stream->ended();
    });
    std::vector<std::shared_ptr<Stream>> streams;
    for (const std::weak_ptr<Stream>& weak : streams_) {
      if (auto stream = weak.lock()) streams.push_back(std::move(stream));
    }
    return streams;
  }

  void Loop() {
    bool anybody = false;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      wake_.wait_for(lock, pace_.poll, [this] { return stopping_ || newcomers_; });
      if (stopping_) return;
      newcomers_ = false;
      lock.unlock();
      EndWhatMayNotGoOn();
      const std::vector<std::shared_ptr<Stream>> streams = Streams();
      // A database that is away is asked again after the pause; maintenance says so in the log.
      if (!streams.empty() || anybody) poll_(streams).IgnoreError();
      anybody = !streams.empty();
      for (const std::shared_ptr<Stream>& stream : streams) stream->Beat(pace_.heartbeat);
      lock.lock();
    }
  }

  const WatchPace pace_;
  const std::string remedy_;
  const Poll poll_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::weak_ptr<Stream>> streams_;
  bool newcomers_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace auscult::server
