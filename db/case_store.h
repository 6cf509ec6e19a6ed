#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "models/alarm_case.h"

namespace auscult::db {

// What people concluded. Stored: never reuse a number.
enum class Finding : unsigned char { kNone = 0, kConfirmed = 1, kFalseAlarm = 2, kOtherCause = 3 };

// A case with what people did to it. Of `alarm` the holds are not loaded.
struct StoredCase {
  int64_t asset_id = 0, site_id = 0;
  std::string site_slug, asset_slug, asset_display_name;
  models::AlarmCase alarm;
  std::vector<std::string> point_slugs;  // that hold it open, of a closed one those that did
  std::optional<int64_t> acknowledged_at_us, shelved_until_us;
  std::string acknowledged_by, assignee;
  Finding finding = Finding::kNone;
  std::optional<models::Fault> found_fault;
  std::string finding_text, work_order;
  int64_t revision = 0;
  int64_t now_us = 0;  // by the database's clock when it was read
};

struct CaseNote {
  int64_t create_time_us = 0;
  std::string actor, action, text;
};

// NOT_FOUND without it. `lock`: nobody changes it until the transaction ends.
absl::StatusOr<StoredCase> GetCase(Connection& connection, const std::string& site,
                                   int64_t alarm_id, bool lock = false);

// Oldest first.
absl::StatusOr<std::vector<CaseNote>> ListCaseNotes(Connection& connection, int64_t asset_id,
                                                    int64_t alarm_id);

// Writes what people may change: closing time, acknowledgement, assignee, shelving, finding, work
// order; and a note of it. After GetCase with `lock`, in the same transaction.
absl::Status SaveCase(Connection& connection, const StoredCase& changed, const CaseNote& note);

struct CaseFilter {
  // Open: not closed, and not shelved now.
  enum class State {
    kOpen = 1,
    kShelved = 2,
    kClosed = 3,
    kWithoutFinding = 4,
    kAll = 5,
    kNotClosed = 6
  };
  std::string site, asset;  // "": any
  State state = State::kOpen;
  std::vector<models::CaseKind> kinds;  // empty: all
  std::optional<int64_t> opened_from_us, opened_before_us;
};

// Where the next page starts: the last case seen.
struct CaseCursor {
  int condition = 0;
  int64_t opened_at_us = 0, alarm_id = 0;
};

// Worst first, then latest first.
absl::StatusOr<std::vector<StoredCase>> ListCases(Connection& connection, const CaseFilter& filter,
                                                  const std::optional<CaseCursor>& after,
                                                  int limit);

// Where somebody who follows the changes stands: "" at first, then a number of digits alone. It
// stays true over restarts and crashes of the database.
using ChangeCursor = std::string;

// None for a text that is no cursor.
std::optional<ChangeCursor> ParseChangeCursor(const std::string& text);

// Whether `cursor` was made by this database before `now` or at the same time. Neither is "".
bool IsNotAfter(const ChangeCursor& cursor, const ChangeCursor& now);

// Moves `cursor` to now and answers the cases that were changed by transactions which ended since
// it was made; a few may come again, with the revision they had before. Nothing with "".
absl::StatusOr<std::vector<StoredCase>> ListChangedCases(Connection& connection,
                                                         ChangeCursor& cursor);

// Open cases, shelved ones included, by asset: of an asset, of a site (`asset` ""), of everything
// (both "").
absl::StatusOr<std::unordered_map<int64_t, int>> CountOpenCases(Connection& connection,
                                                                const std::string& site,
                                                                const std::string& asset);
// Of given assets.
absl::StatusOr<std::unordered_map<int64_t, int>> CountOpenCases(Connection& connection,
                                                                std::span<const int64_t> asset_ids);

}  // namespace auscult::db
