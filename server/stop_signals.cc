#include "server/stop_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <string>

#include "server/log.h"

namespace auscult::server {

StopSignals::StopSignals(std::chrono::seconds patience) : patience_(patience) {
  sigemptyset(&signals_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    struct sigaction current {};
    // A blocked signal is delivered to sigwait even where it was to be ignored.
    const bool ignored = sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
    if (!ignored) sigaddset(&signals_, signal);
  }
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  thread_ = std::thread([this] { Listen(); });
}

StopSignals::~StopSignals() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

void StopSignals::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return wanted_; });
}

void StopSignals::Listen() {
  int signal = 0;
  sigwait(&signals_, &signal);
  {
    const std::lock_guard lock(mutex_);
    if (done_) return;
    wanted_ = true;
  }
  LogInfo("stopping: finishing the calls that run; once more ends at once",
          {{"signal", sigabbrev_np(signal)}});
  changed_.notify_all();
  const timespec patience{patience_.count(), 0};
  signal = sigtimedwait(&signals_, nullptr, &patience);
  {
    const std::lock_guard lock(mutex_);
    if (done_) return;
  }
  LogError(signal < 0 ? "the stop took too long; what was not acknowledged is not stored"
                      : "ended at once; what was not acknowledged is not stored");
  _exit(1);
}

}  // namespace auscult::server
