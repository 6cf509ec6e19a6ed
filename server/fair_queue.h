#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <utility>

namespace auscult::server {

// A queue that serves its tenants by turns, each with about as much cost a round, whatever the
// others have waiting; what a tenant put in comes out in its order. Deficit round robin (Shreedhar
// and Varghese, SIGCOMM 1995). A tenant takes memory only while it has something waiting. Not
// thread-safe.
template <typename Tenant, typename Item>
class FairQueue {
 public:
  // `cost`, not negative: bytes, or whatever is to be shared out.
  void Push(const Tenant& tenant, int64_t cost, Item item) {
    assert(cost >= 0);
    const auto [place, is_new] = flows_.try_emplace(tenant);
    if (is_new) turns_.push_back(place);
    place->second.waiting.push_back({cost, std::move(item)});
    ++size_;
  }

  // Not to be called while it is empty.
  Item Pop() {
    assert(size_ > 0);
    for (;;) {
      const auto turn = turns_.front();
      Flow& flow = turn->second;
      if (flow.waiting.front().cost <= flow.deficit) return Take(turn);
      flow.deficit += kQuantum;
      turns_.splice(turns_.end(), turns_, turns_.begin());
    }
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  // Of one tenant.
  size_t CountOf(const Tenant& tenant) const {
    const auto found = flows_.find(tenant);
    return found == flows_.end() ? 0 : found->second.waiting.size();
  }

 private:
  // A round: what a record of 16,384 samples takes.
  static constexpr int64_t kQuantum = 64 << 10;
  struct Waiting {
    int64_t cost;
    Item item;
  };
  struct Flow {
    std::deque<Waiting> waiting;
    int64_t deficit = 0;
  };
  using Flows = std::map<Tenant, Flow>;

  Item Take(typename Flows::iterator turn) {
    Flow& flow = turn->second;
    Item item = std::move(flow.waiting.front().item);
    flow.deficit -= flow.waiting.front().cost;
    flow.waiting.pop_front();
    --size_;
    if (flow.waiting.empty()) {
      turns_.pop_front();
      flows_.erase(turn);
    }
    return item;
  }

  Flows flows_;
  std::list<typename Flows::iterator> turns_;
  size_t size_ = 0;
};

}  // namespace auscult::server
