#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace auscult::faults {

// Stands between clients and a server and is the bad network between them. What is set counts for
// all its connections, those that are open and those that come. Thread-safe.
class TcpProxy {
 public:
  // `target`: the port of 127.0.0.1 to connect to, asked for every connection; 0: nobody is there.
  explicit TcpProxy(std::function<int()> target);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  void Delay(std::chrono::milliseconds each_piece) { delay_ = each_piece; }
  void Throttle(int64_t bytes_per_s) { bytes_per_s_ = bytes_per_s; }  // 0: as fast as it may
  // Nothing passes, no end of a connection either: to each side the other is silent.
  void Stall(bool stalls) { stalls_ = stalls; }
  // All open connections, by a reset to both sides.
  void CutAll() { ++generation_; }
  // The connection over which, after so many more bytes of all clients, the last of them came; it
  // arrives.
  void CutAfter(int64_t bytes) { bytes_left_ = bytes; }
  // The connection whose server answers next. The answer is thrown away: what the client asked for
  // was done, and it never hears of it.
  void CutAtNextAnswer() { cuts_answer_ = true; }
  // Of CutAfter and CutAtNextAnswer.
  int cuts() const { return cuts_; }

 private:
  struct Connection;
  void Accept();
  void Relay(int client);
  bool Pass(Connection& connection, bool from_client);
  bool Cuts(bool from_client, int64_t size);

  const std::function<int()> target_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<std::chrono::milliseconds> delay_{std::chrono::milliseconds(0)};
  std::atomic<int64_t> bytes_per_s_{0}, bytes_left_{-1};
  std::atomic<bool> stalls_{false}, cuts_answer_{false}, closing_{false};
  std::atomic<int> generation_{0}, cuts_{0};
  std::vector<std::jthread> relays_;
  std::jthread acceptor_;
};

}  // namespace auscult::faults
