#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "absl/status/status.h"

namespace auscult::cli {

// Where a command writes. Results go to `out`, progress to `err`; complaints are returned.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;  // colours are welcome
  bool err_is_terminal = false;  // a progress bar is welcome
  int width = 100;               // in characters
};

// What the chosen command does, with its options bound in.
using Action = std::function<absl::Status(const Terminal&)>;

// An error that is the caller's: the program ends with 2 instead of 1.
absl::Status WrongUse(const std::string& message);
bool IsWrongUse(const absl::Status& status);

}  // namespace auscult::cli
