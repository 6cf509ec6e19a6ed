#pragma once

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

namespace auscult::server {

// SIGTERM, SIGINT and SIGHUP (unless ignored, as nohup does) as a wish to stop. Make it before any
// other thread, which inherits the blocked signals. The second signal ends the process at once with
// exit code 1, and so does a stop that takes longer than `patience` after the first. One object in
// a process.
class StopSignals {
 public:
  explicit StopSignals(std::chrono::seconds patience);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  void Wait();

 private:
  void Listen();
  const std::chrono::seconds patience_;
  sigset_t signals_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false, done_ = false;
  std::thread thread_;
};

}  // namespace auscult::server
