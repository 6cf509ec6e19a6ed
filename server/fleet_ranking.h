#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "db/plant_store.h"
#include "server/call_pool.h"
#include "server/fleet_health.h"

namespace auscult::server {

// The assets of a fleet, worst first: by Urgency, equals by index, then by name. An asset of which
// nothing is known stands last.
struct FleetQuery {
  std::string site;                          // "": of all
  std::vector<v1::Condition> conditions;     // of these alone; empty: all
  std::string page_token, token_scope = {};  // as in server/paging.h
  int page_size = 0;
};

struct FleetPage {
  std::vector<db::Asset> assets;
  FleetHealth health;  // of these
  std::string next_page_token;
};

// Those that follow what the token was made after; its next_page_token is "" at the end. A page
// begins after the last asset shown as it was then: an asset whose health changes meanwhile may be
// shown twice, or not at all. A page of assets in watch, alert and alarm costs the same in every
// fleet; one that goes beyond them reads the whole fleet.
absl::StatusOr<FleetPage> WorstAssets(CallScope& scope, const FleetQuery& query);

}  // namespace auscult::server
