#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "db/plant_store.h"
#include "server/call_pool.h"
#include "server/fleet_health.h"

namespace auscult::server {

// The assets of a site ("" = of all), worst first: by Urgency, equals by index, then by name. An
// asset without points stands last.
class FleetRanking {
 public:
  static absl::StatusOr<FleetRanking> Load(CallScope& scope, const std::string& site,
                                           const FleetHealth& fleet);

  // Assets whose condition is not among these are left out. Empty: all stay.
  void Keep(const std::vector<v1::Condition>& conditions);

  // Those that follow what `page_token` was made after, at most `page_size`; `next_page_token` ""
  // at the end. A page begins after the last asset shown as it was then: an asset whose health
  // changes meanwhile may be shown twice, or not at all. `token_scope` as in server/paging.h.
  struct Page {
    std::vector<const db::Asset*> assets;
    std::string next_page_token;
  };
  absl::StatusOr<Page> PageAfter(std::string_view page_token, std::string_view token_scope,
                                 int page_size) const;

 private:
  // What sorts an asset, and with it what a page token holds.
  struct Key {
    int urgency = 0;
    float index = 0;
    std::string name;
  };
  struct Ranked {
    Key key;
    v1::Condition condition;
    db::Asset row;
  };
  static bool Before(const Key& a, const Key& b);
  static Key KeyOf(const v1::AssetHealth& health, const db::Asset& row);
  static absl::StatusOr<Key> ParseKey(std::string_view token, std::string_view scope);

  std::vector<Ranked> ranked_;
};

}  // namespace auscult::server
