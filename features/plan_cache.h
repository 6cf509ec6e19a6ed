#pragma once

#include <map>

namespace auscult::features {

// Transforms by length, each made when it is first asked for. `Fft` is constructed from a length.
// Lengths are chosen by senders: so that they cannot fill the memory, all transforms are dropped
// before one that would bring the sum of their lengths above kMostSamples. One for each thread.
template <typename Fft>
class PlanCache {
 public:
  static constexpr int kMostSamples = 1 << 22;

  // Valid until the next call.
  const Fft& For(int length) {
    const auto found = plans_.find(length);
    if (found != plans_.end()) return found->second;
    if (samples_ > kMostSamples - length) {
      plans_.clear();
      samples_ = 0;
    }
    samples_ += length;
    return plans_.try_emplace(length, length).first->second;
  }

  int size() const { return static_cast<int>(plans_.size()); }

 private:
  std::map<int, Fft> plans_;
  int samples_ = 0;
};

}  // namespace auscult::features
