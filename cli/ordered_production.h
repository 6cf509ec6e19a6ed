#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace auscult::cli {

// Makes items 0..count-1 on several threads and hands them out in their order, with a bounded
// number made ahead. `make` must be callable from several threads at once. Next is for one thread.
template <typename Item>
class OrderedProduction {
 public:
  OrderedProduction(int64_t count, int threads, std::function<Item(int64_t)> make)
      : count_(count), ahead_(4 * threads), make_(std::move(make)) {
    for (int i = 0; i < threads; ++i) workers_.emplace_back([this] { Work(); });
  }

  ~OrderedProduction() {
    {
      const std::scoped_lock lock(mutex_);
      count_ = 0;
    }
    changed_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  // Item after item; at most `count` calls.
  Item Next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return made_.contains(taken_); });
    Item item = std::move(made_.extract(taken_).mapped());
    ++taken_;
    changed_.notify_all();
    return item;
  }

 private:
  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return begun_ >= count_ || begun_ < taken_ + ahead_; });
      if (begun_ >= count_) return;
      const int64_t index = begun_++;
      lock.unlock();
      Item item = make_(index);
      lock.lock();
      made_.emplace(index, std::move(item));
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t count_;
  const int64_t ahead_;
  const std::function<Item(int64_t)> make_;
  int64_t begun_ = 0;
  int64_t taken_ = 0;
  std::map<int64_t, Item> made_;
  std::vector<std::thread> workers_;
};

}  // namespace auscult::cli
