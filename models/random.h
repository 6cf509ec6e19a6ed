#pragma once

#include <cstdint>

namespace auscult::models {

// Random numbers that are the same on every machine and standard library: splitmix64 (Steele, Lea,
// Flood 2014) and Box-Muller, because the distributions of <random> are free to differ. Not for
// secrets.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  // Independent streams from one seed: `stream` says what for, `index` which one.
  Random(uint64_t seed, uint64_t stream, uint64_t index = 0);

  uint64_t Next();
  double Uniform();                         // [0, 1)
  double Uniform(double low, double high);  // [low, high)
  double Normal();                          // mean 0, standard deviation 1

 private:
  uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace auscult::models
