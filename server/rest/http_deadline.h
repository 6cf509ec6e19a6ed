#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace auscult::rest {

using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;

// Calls `passed` on the strand when a time has passed that may be moved at no cost before. Used on
// the strand.
class HttpDeadline : public std::enable_shared_from_this<HttpDeadline> {
 public:
  HttpDeadline(const Strand& strand, std::function<void()> passed)
      : timer_(strand), passed_(std::move(passed)) {}

  void Set(std::chrono::milliseconds after) {
    at_ = Clock::now() + after;
    // A timer that fires before looks again; only an earlier time needs a new one.
    if (!runs_ || at_ < timer_.expiry()) Await();
  }
  void Clear() { at_ = Clock::time_point::max(); }
  // Nothing is called any more.
  void End() {
    ended_ = true;
    timer_.cancel();
  }

 private:
  using Clock = std::chrono::steady_clock;

  void Await() {
    runs_ = true;
    timer_.expires_at(at_);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error || self->ended_) return;  // replaced by an earlier one, or over
      self->runs_ = false;
      if (self->at_ == Clock::time_point::max()) return;
      if (Clock::now() < self->at_) {
        self->Await();
      } else {
        self->passed_();
      }
    });
  }

  boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Strand> timer_;
  const std::function<void()> passed_;
  Clock::time_point at_ = Clock::time_point::max();
  bool runs_ = false, ended_ = false;
};

}  // namespace auscult::rest
