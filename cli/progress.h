#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/command.h"

namespace auscult::cli {

// A line that shows how far long work has come: bar, count, rate, time to go. On a terminal only;
// elsewhere nothing is written. Redrawn at most five times a second.
class Progress {
 public:
  // `total` 0 = not known.
  Progress(const Terminal& terminal, int64_t total);
  ~Progress() { Clear(); }

  void Show(int64_t done);
  // Takes the line away, so that other text may follow.
  void Clear();

  // The line itself, for `done` of `total` after `elapsed_s`.
  static std::string Line(int64_t done, int64_t total, double elapsed_s, int width);

 private:
  using Clock = std::chrono::steady_clock;
  const Terminal& terminal_;
  const int64_t total_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point last_;
  bool shown_ = false;
};

}  // namespace auscult::cli
