#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/tls/tls_files.h"

namespace auscult::server {

// The certificates in force: those of the files, read again when these change. Files that are
// broken leave the last good ones in force, for new connections too. Thread-safe.
class TlsWatch {
 public:
  // For the log.
  struct Told {
    std::function<void(const TlsMaterial& fresh)> renewed;  // holds for new connections
    std::function<void(const absl::Status& problem)> refused;
    // Less than kExpiryNotice is left: at the start, when it is renewed, and every day again.
    std::function<void(const TlsMaterial& material)> ends_soon;
  };
  static constexpr std::chrono::hours kExpiryNotice{14 * 24};

  // As ReadTlsFiles. Looks at the files every `period`.
  static absl::StatusOr<std::unique_ptr<TlsWatch>> Start(
      const TlsFiles& files, Told told, std::chrono::milliseconds period = std::chrono::seconds(2));
  ~TlsWatch();

  const TlsFiles& files() const;
  // Another object after each change.
  std::shared_ptr<const TlsMaterial> current() const;

 private:
  struct Parts;
  explicit TlsWatch(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace auscult::server
