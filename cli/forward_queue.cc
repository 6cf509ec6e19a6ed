#include "cli/forward_queue.h"

#include <algorithm>
#include <cassert>

#include "absl/time/clock.h"

namespace auscult::cli {

void ForwardQueue::List(Lanes::iterator lane) {
  const Lane& in = lane->second;
  if (in.waiting.empty() || in.on_way.size() >= on_way_of_lane_) return;
  if (in.rests_until > absl::Now()) {
    resting_.insert(lane->first);
  } else {
    ready_.emplace(in.waiting.front(), lane->first);
  }
}

void ForwardQueue::Unlist(Lanes::iterator lane) {
  resting_.erase(lane->first);
  if (!lane->second.waiting.empty()) ready_.erase(lane->second.waiting.front());
}

void ForwardQueue::Add(uint64_t number, const std::string& lane) {
  const std::lock_guard lock(mutex_);
  const auto in = lanes_.try_emplace(lane).first;
  Unlist(in);
  in->second.waiting.push_back(number);
  List(in);
  changed_.notify_all();
}

absl::Time ForwardQueue::FirstEndOfRest() const {
  absl::Time first = absl::InfiniteFuture();
  for (const std::string& lane : resting_) first = std::min(first, lanes_.at(lane).rests_until);
  return first;
}

std::optional<ForwardQueue::Item> ForwardQueue::Take(absl::Time now) {
  for (auto lane = resting_.begin(); lane != resting_.end();) {
    const auto rested = lanes_.find(*lane);
    ++lane;
    if (rested->second.rests_until > now) continue;
    Unlist(rested);
    List(rested);
  }
  if (ready_.empty()) return std::nullopt;
  const auto in = lanes_.find(ready_.begin()->second);
  Unlist(in);
  const Item item{in->second.waiting.front(), in->first};
  in->second.waiting.pop_front();
  in->second.on_way.insert(item.number);
  ++on_way_;
  List(in);
  return item;
}

std::optional<ForwardQueue::Item> ForwardQueue::Next(absl::Time deadline) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (std::optional<Item> item = Take(absl::Now())) return item;
    const absl::Time until = std::min(deadline, FirstEndOfRest());
    if (woken_ || absl::Now() >= deadline) break;
    changed_.wait_for(
        lock, absl::ToChronoMilliseconds(until - absl::Now()) + std::chrono::milliseconds(1));
  }
  woken_ = false;
  return std::nullopt;
}

void ForwardQueue::Done(uint64_t number, const std::string& lane) {
  const std::lock_guard lock(mutex_);
  const auto in = lanes_.find(lane);
  if (in == lanes_.end() || in->second.on_way.erase(number) == 0) return;
  --on_way_;
  Unlist(in);
  if (in->second.waiting.empty() && in->second.on_way.empty()) {
    lanes_.erase(in);
  } else {
    List(in);
  }
  changed_.notify_all();
}

void ForwardQueue::PutBack(Lanes::iterator lane, uint64_t number) {
  std::deque<uint64_t>& waiting = lane->second.waiting;
  waiting.insert(std::lower_bound(waiting.begin(), waiting.end(), number), number);
}

void ForwardQueue::Return(uint64_t number, const std::string& lane, absl::Duration pause) {
  const std::lock_guard lock(mutex_);
  const auto in = lanes_.find(lane);
  if (in == lanes_.end() || in->second.on_way.erase(number) == 0) return;
  --on_way_;
  Unlist(in);
  PutBack(in, number);
  in->second.rests_until = std::max(in->second.rests_until, absl::Now() + pause);
  List(in);
  changed_.notify_all();
}

void ForwardQueue::ReturnAll() {
  const std::lock_guard lock(mutex_);
  for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
    if (lane->second.on_way.empty()) continue;
    Unlist(lane);
    for (const uint64_t number : lane->second.on_way) PutBack(lane, number);
    lane->second.on_way.clear();
    List(lane);
  }
  on_way_ = 0;
}

void ForwardQueue::Wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

size_t ForwardQueue::on_way() const {
  const std::lock_guard lock(mutex_);
  return on_way_;
}

bool ForwardQueue::empty() const {
  const std::lock_guard lock(mutex_);
  return lanes_.empty();
}

}  // namespace auscult::cli
