#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "server/plant_directory.h"

namespace auscult::server {

// A point or an asset whose trend is asked for.
struct TrendSource {
  std::string name, asset_slug, point_slug;  // point "": an asset
  int64_t asset_id = 0, point_id = 0;        // point 0: an asset
  std::vector<DirectoryEntry::Channel> channels;

  bool is_point() const { return point_id != 0; }
};

// What a request names: one source, or with "-" every one of an asset or a site, and more of the
// same site.
class TrendSelector {
 public:
  // `names` with a site as `name` stand alone. INVALID_ARGUMENT (MALFORMED_NAME) with the field.
  static absl::StatusOr<TrendSelector> Parse(const std::string& name,
                                             const std::vector<std::string>& names);

  // At most `limit` of them after the last one seen ("", "" at first), by asset and point, an asset
  // before its points. NOT_FOUND for one that is named and does not exist.
  absl::StatusOr<std::vector<TrendSource>> After(db::Connection& connection,
                                                 const std::string& asset, const std::string& point,
                                                 int limit) const;

  // Exactly one is named.
  bool single() const { return named_.size() == 1 && every_.empty(); }

 private:
  struct Named {
    std::string asset, point, name, field;
  };
  struct Every {
    std::string asset;  // "": of the site
    bool points = false;
    std::string name, field;
  };
  absl::Status Add(const std::string& name, const std::string& field);
  absl::Status AddEvery(db::Connection& connection, const Every& every, const std::string& asset,
                        const std::string& point, int limit,
                        std::vector<TrendSource>& sources) const;
  std::string site_;
  std::vector<Named> named_;  // sorted
  std::vector<Every> every_;
};

}  // namespace auscult::server
