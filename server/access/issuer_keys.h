#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "server/access/json_web_key.h"

namespace auscult::server {

// The keys of an issuer, fetched by a thread of its own: at once, every ten minutes, sooner where a
// key is missed or the issuer did not answer. While it does not, the keys that were read last
// count. Thread-safe.
class IssuerKeys {
 public:
  struct Source {
    std::string issuer;  // URL
    std::string jwks;    // URL or file of the key set; "": as the issuer's configuration says
  };
  struct Timing {
    std::chrono::milliseconds refresh = std::chrono::minutes(10);
    // Between fetches at the least, whoever asks for them.
    std::chrono::milliseconds pause = std::chrono::seconds(30);
  };
  explicit IssuerKeys(Source source) : IssuerKeys(std::move(source), Timing()) {}
  IssuerKeys(Source source, Timing timing);
  // Waits for a fetch that is under way: some seconds.
  ~IssuerKeys();
  IssuerKeys(const IssuerKeys&) = delete;
  IssuerKeys& operator=(const IssuerKeys&) = delete;

  // Of one fetch. `number` grows when the keys change.
  struct Set {
    int64_t number = 0;
    std::string text;
    std::vector<JsonWebKey> keys;
  };
  // Empty, with number 0, before the first fetch.
  std::shared_ptr<const Set> current() const;

  // A key is missed: the set is fetched again, unless that was done a moment ago. True where keys
  // are on their way, so that it is worth to ask again.
  bool AskForFresh();

 private:
  void Loop();
  void Fetch();
  absl::StatusOr<std::string> Read() const;

  const Source source_;
  const Timing timing_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<const Set> set_ = std::make_shared<const Set>();
  std::chrono::steady_clock::time_point next_fetch_, earliest_fetch_;
  bool fetching_ = true;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace auscult::server
