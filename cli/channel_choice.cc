#include "cli/channel_choice.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/cell.h"
#include "cli/command.h"

namespace auscult::cli {
namespace {

std::string ListOfChannels(const Recording& recording) {
  std::vector<std::string> names;
  for (size_t i = 0; i < recording.channels.size(); ++i) {
    const std::string& name = recording.channels[i].name;
    names.push_back(name.empty() ? absl::StrCat(i + 1) : name);
  }
  return absl::StrJoin(names, ", ");
}

absl::StatusOr<size_t> FindChannel(const Recording& recording, const std::string& wanted) {
  for (size_t i = 0; i < recording.channels.size(); ++i) {
    if (absl::EqualsIgnoreCase(recording.channels[i].name, wanted)) return i;
  }
  const std::optional<double> number = ParseNumber(wanted);
  if (number && *number >= 1 && *number <= static_cast<double>(recording.channels.size()) &&
      *number == static_cast<double>(static_cast<size_t>(*number))) {
    return static_cast<size_t>(*number) - 1;
  }
  return WrongUse(absl::StrCat("--channel: ", recording.source, " has no channel \"", wanted,
                               "\"; it has ", ListOfChannels(recording)));
}

absl::StatusOr<features::Unit> UnitOf(const std::string& symbol) {
  absl::StatusOr<features::Unit> unit = features::ParseUnit(symbol);
  if (unit.ok()) return unit;
  return WrongUse(absl::StrCat("--unit: ", unit.status().message()));
}

}  // namespace

absl::StatusOr<std::vector<size_t>> FindChannels(const Recording& recording,
                                                 const std::vector<std::string>& names) {
  std::vector<size_t> indices;
  for (const std::string& name : names) {
    absl::StatusOr<size_t> index = FindChannel(recording, name);
    if (!index.ok()) return index.status();
    if (std::find(indices.begin(), indices.end(), *index) == indices.end()) {
      indices.push_back(*index);
    }
  }
  for (size_t i = 0; names.empty() && i < recording.channels.size(); ++i) indices.push_back(i);
  return indices;
}

absl::StatusOr<ChannelChoice> ChooseChannels(const Recording& recording,
                                             const std::vector<std::string>& names,
                                             const std::string& unit) {
  absl::StatusOr<std::vector<size_t>> found = FindChannels(recording, names);
  if (!found.ok()) return found.status();
  const std::vector<size_t>& indices = *found;
  ChannelChoice choice;
  const bool some_have_units = std::any_of(indices.begin(), indices.end(), [&](size_t i) {
    return !recording.channels[i].unit.empty();
  });
  for (const size_t index : indices) {
    const RecordedChannel& channel = recording.channels[index];
    const std::string name = channel.name.empty() && recording.channels.size() > 1
                                 ? absl::StrCat(index + 1)
                                 : channel.name;
    if (unit.empty() && channel.unit.empty() && some_have_units) {
      choice.left_out.push_back(absl::StrCat(
          name, ": the file says no unit for it; choose it with --channel and give --unit"));
      continue;
    }
    const std::string symbol = !unit.empty() ? unit : channel.unit.empty() ? "g" : channel.unit;
    absl::StatusOr<features::Unit> parsed = UnitOf(symbol);
    if (!parsed.ok()) return parsed.status();
    choice.unit_assumed = choice.unit_assumed || (unit.empty() && channel.unit.empty());
    choice.channels.push_back({index, name, *parsed});
  }
  return choice;
}

}  // namespace auscult::cli
