#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "db/postgres.h"

namespace auscult::faults {

// How every sender of a ledger sends.
struct Pace {
  double per_second = 250;
  size_t window = 200;                         // sent and not acknowledged, at most
  int samples = 512;                           // of a record
  int first_point = 0;                         // of the eight; sender `index` takes the next ones
  std::chrono::milliseconds patience{10'000};  // without an answer, then it connects anew
};

// What a ledger and a database say of each other. All but the first three must be 0.
struct Tally {
  int64_t sent = 0, acked = 0, stored = 0;
  int64_t lost = 0;        // acknowledged and not stored
  int64_t duplicated = 0;  // stored more than once
  int64_t invented = 0;    // stored and never sent
  int64_t unanswered = 0;  // never acknowledged, though sent again and again
  int64_t refused = 0;     // refused for good, though there is nothing wrong with them
  int64_t astray = 0;      // scores, raw samples and counts in states that are not one a record
};

// Senders on StreamWaveforms, one a point of MakePlant. Each notes every record before it sends it
// and every ack after it came; what was not acknowledged when a stream broke, or was answered with
// the request to try again, is sent again. Thread-safe.
class Ledger {
 public:
  // Where sender `index` is to connect to now, "127.0.0.1:7070"; "" while there is nobody.
  using Whereto = std::function<std::string(int index)>;
  // The newest record that each sender has sent.
  using Mark = std::vector<int64_t>;

  Ledger(int senders, Whereto whereto, Pace pace = {});
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  int64_t acked() const;
  int64_t reconnects() const;
  int64_t retries_asked() const;  // answers that asked to try again
  int64_t resent() const;         // answered as duplicates: they were stored, and the ack was lost
  Mark MarkNow() const;
  // True once every sender was acknowledged a record that it first sent after `mark`.
  bool IsPast(const Mark& mark) const;
  // Waits for it, or until `count` more records are acknowledged; false where that takes too long.
  bool AwaitPast(const Mark& mark, std::chrono::seconds within = std::chrono::seconds(60)) const;
  bool AwaitAcks(int64_t count, std::chrono::seconds within = std::chrono::seconds(60)) const;

  // Makes no more records, waits until all are acknowledged (120 s at most), and compares.
  Tally Close(db::Connection& connection);

 private:
  class Sender;
  std::vector<std::unique_ptr<Sender>> senders_;
};

// The site, machine and eight points that ledgers send for.
void MakePlant(db::Connection& connection);

// Prints the line of the report, and expects that nothing was lost, duplicated, invented or left.
// `ready_s`: the longest time to be ready again; below 0: not measured.
void Conclude(const std::string& what, int faults, const Tally& tally, double ready_s = -1);

// How often to do something: what the environment says, or `short_form`.
int Count(const char* variable, int short_form);

}  // namespace auscult::faults
