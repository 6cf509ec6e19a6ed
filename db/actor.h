#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace auscult::db {

// On whose behalf a connection works.
struct Actor {
  std::string principal;                         // as the audit log names it
  std::string request_id;                        // of the call; "": none
  std::optional<std::vector<int64_t>> site_ids;  // all that it can see; unset: every site
};

}  // namespace auscult::db
