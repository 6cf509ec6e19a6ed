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
  // Of what is read anew, for the log: OK with the new subject in `text`, or what is wrong.
  using Told = std::function<void(const absl::Status& status, const std::string& text)>;

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
