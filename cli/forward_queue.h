#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace auscult::cli {

// Which record of a spool is sent next. Records of one lane go in their order, with a bounded
// number of them on their way; a lane that had a failure rests for a while, and holds up no other.
// With one on its way nothing can overtake, whatever the answers. Thread-safe.
class ForwardQueue {
 public:
  struct Item {
    uint64_t number = 0;
    std::string lane;
  };

  explicit ForwardQueue(size_t on_way_of_lane) : on_way_of_lane_(on_way_of_lane) {}

  void Add(uint64_t number, const std::string& lane);
  // The oldest that may be sent, which is then on its way. Waits for one until `deadline`, or until
  // Wake is called.
  std::optional<Item> Next(absl::Time deadline);
  // What was on its way is done, whatever became of it.
  void Done(uint64_t number, const std::string& lane);
  // What was on its way is to be sent again, not before `pause` has passed.
  void Return(uint64_t number, const std::string& lane, absl::Duration pause);
  // The same for all that is on its way, without a pause.
  void ReturnAll();
  void Wake();

  size_t on_way() const;
  bool empty() const;  // nothing waits and nothing is on its way

 private:
  struct Lane {
    std::deque<uint64_t> waiting;  // rising
    std::set<uint64_t> on_way;
    absl::Time rests_until = absl::InfinitePast();
  };
  using Lanes = std::map<std::string, Lane>;

  std::optional<Item> Take(absl::Time now);
  absl::Time FirstEndOfRest() const;
  void List(Lanes::iterator lane);
  void Unlist(Lanes::iterator lane);
  void PutBack(Lanes::iterator lane, uint64_t number);

  const size_t on_way_of_lane_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  Lanes lanes_;
  // Lanes that have something to send and room on the way, by their first number; those that rest.
  std::map<uint64_t, std::string> ready_;
  std::set<std::string> resting_;
  size_t on_way_ = 0;
};

}  // namespace auscult::cli
