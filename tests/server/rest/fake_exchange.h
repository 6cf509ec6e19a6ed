#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/rest/exchange.h"

namespace auscult::rest {

// A connection without sockets: keeps what it is told, and leaves when asked to.
class FakeExchange : public Exchange {
 public:
  void Answer(HttpResponse response) override {
    const std::lock_guard lock(mutex_);
    ++answers_;
    response_ = std::move(response);
    ended_ = true;
    changed_.notify_all();
  }

  void StartStream(HttpResponse head) override {
    const std::lock_guard lock(mutex_);
    ++answers_;
    response_ = std::move(head);
    changed_.notify_all();
  }

  void Send(std::string piece, std::function<void(bool)> taken) override {
    {
      const std::lock_guard lock(mutex_);
      response_.body += piece;
      pieces_.push_back(std::move(piece));
      if (hold_) {
        held_ = std::move(taken);
        taken = nullptr;
      }
      changed_.notify_all();
    }
    if (taken) taken(!has_left_);
  }

  void End() override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  void OnLeft(std::function<void()> left) override {
    const std::lock_guard lock(mutex_);
    left_ = std::move(left);
  }

  // The client goes away.
  void Leave() {
    std::function<void()> left;
    std::function<void(bool)> held;
    {
      const std::lock_guard lock(mutex_);
      has_left_ = true;
      left = std::exchange(left_, nullptr);
      held = std::exchange(held_, nullptr);
    }
    if (left) left();
    if (held) held(false);
  }

  // Pieces are not taken until Release.
  void Hold() {
    const std::lock_guard lock(mutex_);
    hold_ = true;
  }
  void Release() {
    std::function<void(bool)> held;
    {
      const std::lock_guard lock(mutex_);
      hold_ = false;
      held = std::exchange(held_, nullptr);
    }
    if (held) held(true);
  }

  // What was answered in the end; status 0 where nothing came within 20 s.
  HttpResponse Wait() {
    return WaitFor([this] { return ended_; });
  }
  // Until the body holds `text`.
  HttpResponse WaitForText(const std::string& text) {
    return WaitFor([&] { return response_.body.find(text) != std::string::npos; });
  }
  // Until the head of a stream has come.
  HttpResponse WaitForHead() {
    return WaitFor([this] { return answers_ > 0; });
  }

  int answers() {
    const std::lock_guard lock(mutex_);
    return answers_;
  }
  std::vector<std::string> pieces() {
    const std::lock_guard lock(mutex_);
    return pieces_;
  }

 private:
  HttpResponse WaitFor(const std::function<bool()>& done) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(20), done)) return {0, {}, "", ""};
    return response_;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  HttpResponse response_;
  std::vector<std::string> pieces_;
  std::function<void()> left_;
  std::function<void(bool)> held_;
  int answers_ = 0;
  bool hold_ = false;
  bool ended_ = false;
  bool has_left_ = false;
};

inline std::string HeaderOf(const HttpResponse& response, std::string_view name) {
  HttpRequest fields;
  fields.headers = response.headers;
  return std::string(fields.Header(name));
}

}  // namespace auscult::rest
