#include "features/repeated_block.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace auscult::features {
namespace {

constexpr size_t kWindow = 8;        // samples that pick a place
constexpr size_t kStretch = 256;     // places hashed together
constexpr size_t kGroup = 32;        // of them, looked at together
constexpr uint32_t kPickBits = 4;    // one place in 16
constexpr uint32_t kTableBits = 12;  // places remembered
constexpr double kLogChance = 14;    // once in a million
constexpr float kCloseSteps = 4.5f;  // of the converter, within which a slow beat stays
constexpr size_t kFewestBeside = 8;  // changes needed to say how often values agree by chance

using Hashes = std::array<uint32_t, kStretch + kWindow>;

// Multiplicative hashing (Knuth, The Art of Computer Programming 3, 6.4): hashes[i] becomes that of
// x[i] .. x[i + kWindow - 1] in as many steps as it takes to double 1 to kWindow. `x` is as long.
void HashWindows(const float* x, Hashes& hashes) {
  constexpr uint32_t kSample = 0x9E3779B1u;
  constexpr uint32_t kPair = 0x85EBCA77u;
  for (size_t i = 0; i < hashes.size(); ++i) {
    // The few bits of a coarse value are the upper ones of a float, and must reach all of the hash.
    const auto bits = std::bit_cast<uint32_t>(x[i]);
    hashes[i] = (bits ^ (bits >> 15)) * kSample;
  }
  for (size_t step = 1; step < kWindow; step *= 2) {
    for (size_t i = 0; i + step < hashes.size(); ++i) {
      const uint32_t sum = hashes[i] + hashes[i + step] * kPair;
      hashes[i] = sum ^ (sum >> 15);
    }
  }
}

// How often two stretches of equal length come close, at the samples where either changes.
struct Agreement {
  size_t changes = 0;
  size_t close = 0;
};

class BlockSearch {
 public:
  explicit BlockSearch(std::span<const float> samples)
      : x_(samples), budget_(kBudget * samples.size()) {}

  RepeatedBlock Find();

 private:
  static constexpr size_t kBudget = 4;  // comparisons a sample, so that the cost stays linear
  static constexpr int32_t kEmpty = -1;

  RepeatedBlock VisitPicked(size_t begin, std::span<const uint32_t> hashes);
  RepeatedBlock Visit(size_t place, uint32_t hash);
  RepeatedBlock Extend(size_t first, size_t again);
  bool IsBeyondChance(const RepeatedBlock& block) const;
  size_t Changes(size_t begin, size_t length) const;
  float SmallestChange(size_t begin, size_t length) const;
  Agreement Compare(size_t first, size_t again, size_t length, float tolerance) const;
  bool SameBits(size_t i, size_t j) const {
    return std::bit_cast<uint32_t>(x_[i]) == std::bit_cast<uint32_t>(x_[j]);
  }

  std::span<const float> x_;
  size_t budget_;
  size_t seen_lag_ = 0;  // of the stretch that was compared last, and where it ends
  size_t seen_end_ = 0;
  std::array<int32_t, size_t{1} << kTableBits> newest_;
};

RepeatedBlock BlockSearch::Find() {
  newest_.fill(kEmpty);
  Hashes hashes;
  std::array<float, kStretch + kWindow> tail{};
  for (size_t begin = 0; begin + kWindow <= x_.size(); begin += kStretch) {
    const size_t left = x_.size() - begin;
    if (left < tail.size()) std::copy_n(x_.begin() + begin, left, tail.begin());
    HashWindows(left < tail.size() ? tail.data() : x_.data() + begin, hashes);
    const size_t places = std::min(kStretch, left - kWindow + 1);
    const RepeatedBlock found = VisitPicked(begin, std::span(hashes).first(places));
    if (found.length > 0) return found;
    if (budget_ == 0) break;
  }
  return {};
}

RepeatedBlock BlockSearch::VisitPicked(size_t begin, std::span<const uint32_t> hashes) {
  for (size_t group = 0; group < hashes.size(); group += kGroup) {
    const size_t count = std::min(kGroup, hashes.size() - group);
    uint32_t picked = 0;
    for (size_t i = 0; i < count; ++i) {
      picked |= static_cast<uint32_t>(hashes[group + i] < (1u << (32 - kPickBits))) << i;
    }
    for (; picked != 0; picked &= picked - 1) {
      const size_t i = group + static_cast<size_t>(std::countr_zero(picked));
      const RepeatedBlock found = Visit(begin + i, hashes[i]);
      if (found.length > 0) return found;
    }
  }
  return {};
}

RepeatedBlock BlockSearch::Visit(size_t place, uint32_t hash) {
  int32_t& slot = newest_[hash >> (32 - kPickBits - kTableBits)];
  const int32_t before = std::exchange(slot, static_cast<int32_t>(place));
  if (before == kEmpty) return {};
  const auto first = static_cast<size_t>(before);
  if (place - first == seen_lag_ && place < seen_end_) return {};
  // A held value picks every place or none, and says nothing.
  if (SameBits(place, place + 1)) return {};
  const RepeatedBlock block = Extend(first, place);
  return IsBeyondChance(block) ? block : RepeatedBlock{};
}

RepeatedBlock BlockSearch::Extend(size_t first, size_t again) {
  const size_t lag = again - first;
  size_t end = again;
  while (end < x_.size() && SameBits(end, end - lag)) ++end;
  size_t begin = again;
  // Not past what a stretch at this lag has covered already.
  while (begin > lag && SameBits(begin - 1, begin - 1 - lag)) --begin;
  budget_ -= std::min(budget_, end - begin + 1);
  seen_lag_ = lag;
  seen_end_ = end;
  return {begin - lag, begin, end - begin};
}

size_t BlockSearch::Changes(size_t begin, size_t length) const {
  size_t changes = 0;
  for (size_t i = begin + 1; i < begin + length; ++i) changes += !SameBits(i, i - 1);
  return changes;
}

float BlockSearch::SmallestChange(size_t begin, size_t length) const {
  float smallest = std::numeric_limits<float>::infinity();
  for (size_t i = begin + 1; i < begin + length; ++i) {
    const float change = std::abs(x_[i] - x_[i - 1]);
    if (change > 0) smallest = std::min(smallest, change);
  }
  return smallest;
}

Agreement BlockSearch::Compare(size_t first, size_t again, size_t length, float tolerance) const {
  Agreement agreement;
  for (size_t i = 1; i < length; ++i) {
    if (SameBits(first + i, first + i - 1) && SameBits(again + i, again + i - 1)) continue;
    ++agreement.changes;
    agreement.close += std::abs(x_[first + i] - x_[again + i]) <= tolerance;
  }
  return agreement;
}

bool BlockSearch::IsBeyondChance(const RepeatedBlock& block) const {
  if (block.length < kShortestRepeatedBlock) return false;
  const size_t end = block.again + block.length;
  const size_t before = std::min(block.length, block.first);
  const size_t after = std::min(block.length, x_.size() - end);
  const float tolerance = kCloseSteps * SmallestChange(block.again, block.length);
  const Agreement left = Compare(block.first - before, block.again - before, before, tolerance);
  const Agreement right = Compare(block.first + block.length, end, after, tolerance);
  const size_t changes = left.changes + right.changes;
  if (changes < kFewestBeside) return false;
  const double chance =
      static_cast<double>(left.close + right.close + 1) / static_cast<double>(changes + 1);
  const double pairs = 2 * std::log(static_cast<double>(x_.size()));
  const auto inside = static_cast<double>(Changes(block.again, block.length));
  return -inside * std::log(chance) > kLogChance + pairs;
}

}  // namespace

RepeatedBlock FindRepeatedBlock(std::span<const float> samples) {
  return BlockSearch(samples).Find();
}

}  // namespace auscult::features
