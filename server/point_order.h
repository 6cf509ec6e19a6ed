#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace auscult::server {

// Brings what several threads work on back into the order in which it came, point by point. A turn
// is taken when the work comes in; when the work is done, its last step runs as soon as every
// earlier turn of the same point has ended. Turns of different points do not wait for each other.
// Thread-safe.
class PointOrder {
 public:
  struct Turn {
    std::string point;
    std::function<void()> last_step;
    bool ended = false;
  };

  std::shared_ptr<Turn> Take(const std::string& point);

  // Ends the turn, once. `last_step` (may be empty) runs in this thread or in the one that ends the
  // turn before it, under a lock: it may hand over, not wait.
  void End(const std::shared_ptr<Turn>& turn, std::function<void()> last_step);

 private:
  // By a hash of the point, so that workers seldom meet.
  struct Lane {
    std::mutex mutex;
    std::unordered_map<std::string, std::deque<std::shared_ptr<Turn>>> turns;
  };
  Lane& LaneOf(const std::string& point);
  std::array<Lane, 32> lanes_;
};

}  // namespace auscult::server
