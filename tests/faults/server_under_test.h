#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/faults/ledger.h"
#include "tests/support/auscultd_process.h"

namespace auscult::faults {

// The server has to be ready again within this. The sanitizers take several times as long, and then
// it is only a test that it comes back at all.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr double kReadyWithinS = 60;
#else
inline constexpr double kReadyWithinS = 5;
#endif
// Beside it, where senders had been asked to come again after so long.
inline constexpr double kComeAgainAfterS = 5;

// An auscultd that is killed and started again. address() may be asked from any thread.
class ServerUnderTest {
 public:
  // Starts it; `arguments` besides those for its ports.
  explicit ServerUnderTest(std::vector<std::string> arguments);

  void Start();
  void Kill();  // -9
  int Stop();   // SIGTERM; the exit code
  // "" while it is down.
  std::string address() const;
  support::AuscultdProcess& process() { return *process_; }
  // The status of a GET; 0: no answer within two seconds.
  int HttpStatus(const std::string& path) const;
  bool IsReady() const { return HttpStatus("/readyz") == 200; }
  // Waits for IsReady to be `ready`; false where that takes longer than `within`.
  bool AwaitReady(bool ready, std::chrono::seconds within = std::chrono::seconds(60)) const;
  // Seconds from `since` until it is ready and has acknowledged to every sender a record that was
  // first sent after this call; it fails the test where they are more than `within_s`.
  double ReadyAgainAfter(std::chrono::steady_clock::time_point since, const Ledger& ledger,
                         double within_s = kReadyWithinS) const;

 private:
  const std::vector<std::string> arguments_;
  std::unique_ptr<support::AuscultdProcess> process_;
  std::atomic<int> port_{0};
};

}  // namespace auscult::faults
