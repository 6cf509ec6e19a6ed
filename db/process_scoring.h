#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "db/process_store.h"
#include "db/reading_writer.h"

namespace auscult::db {

// A condition that the readings of an asset came to, worth telling the alarm cases: it asks for
// attention, or no longer does.
struct ProcessTurn {
  models::Condition condition = models::Condition::kNormal;
  int64_t measured_at_us = 0;
  std::string summary;  // without the condition
  std::string detail;
};

// What readings did to the row of their asset.
struct ProcessAdvance {
  std::vector<ProcessTurn> turns;  // in the order of their times
  // Learning was complete with these readings: the baseline is due.
  bool learnt = false;
};

// Advances the row with readings in any order: those of an instant together, in time order. A
// reading no newer than the newest of its quantity moves nothing: it is a duplicate, or late.
ProcessAdvance AdvanceReadings(ProcessRow& row, std::span<const Reading> readings);

}  // namespace auscult::db
