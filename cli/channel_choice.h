#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/recording.h"
#include "features/units.h"

namespace auscult::cli {

// Indices of channels by name, ignoring case, or by number from 1, each once; no names take all.
// Wrong use lists the channels there are.
absl::StatusOr<std::vector<size_t>> FindChannels(const Recording& recording,
                                                 const std::vector<std::string>& names);

// A channel to be analysed, with what its numbers mean.
struct ChosenChannel {
  size_t index = 0;  // in Recording::channels
  std::string name;
  features::Unit unit;
};

struct ChannelChoice {
  std::vector<ChosenChannel> channels;
  std::vector<std::string> left_out;  // and why
  bool unit_assumed = false;          // neither file nor caller said one: taken as g
};

// `names`: channels by name, ignoring case, or by number from 1; empty takes all, but where only
// some have a unit those that have none are left out, as numbers of unknown meaning do not belong
// beside them. `unit` outweighs what the file says. Wrong use lists the channels or units there
// are.
absl::StatusOr<ChannelChoice> ChooseChannels(const Recording& recording,
                                             const std::vector<std::string>& names,
                                             const std::string& unit);

}  // namespace auscult::cli
