#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/access/caller.h"

namespace auscult::server {

// Says who bears a token. Thread-safe; waits for nothing.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  virtual absl::StatusOr<std::shared_ptr<const Caller>> Verify(std::string_view token) = 0;
};

}  // namespace auscult::server
