#include "server/point_order.h"

#include <utility>

namespace auscult::server {

std::shared_ptr<PointOrder::Turn> PointOrder::Take(const std::string& point) {
  auto turn = std::make_shared<Turn>();
  turn->point = point;
  Lane& lane = LaneOf(point);
  std::lock_guard lock(lane.mutex);
  lane.turns[point].push_back(turn);
  return turn;
}

void PointOrder::End(const std::shared_ptr<Turn>& turn, std::function<void()> last_step) {
  Lane& lane = LaneOf(turn->point);
  std::lock_guard lock(lane.mutex);
  turn->last_step = std::move(last_step);
  turn->ended = true;
  const auto found = lane.turns.find(turn->point);
  std::deque<std::shared_ptr<Turn>>& turns = found->second;
  while (!turns.empty() && turns.front()->ended) {
    // Out of the turn, which the step may itself keep alive.
    if (const std::function<void()> step = std::move(turns.front()->last_step)) step();
    turns.pop_front();
  }
  if (turns.empty()) lane.turns.erase(found);
}

PointOrder::Lane& PointOrder::LaneOf(const std::string& point) {
  return lanes_[std::hash<std::string>{}(point) % lanes_.size()];
}

}  // namespace auscult::server
