#include "cli/nearest_name.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"

namespace auscult::cli {
namespace {

// Optimal string alignment distance.
size_t Edits(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string NearestName(std::string_view text, std::span<const std::string> known) {
  constexpr size_t kLongestName = 64;
  if (text.size() > kLongestName) return "";
  const std::string wanted = absl::AsciiStrToLower(std::string(text));
  std::string nearest;
  size_t fewest = kLongestName;
  for (const std::string& name : known) {
    const std::string candidate = absl::AsciiStrToLower(name);
    // A word that begins or ends a known name is most likely that name cut short.
    const bool is_part =
        wanted.size() >= 4 && (candidate.starts_with(wanted) || candidate.ends_with(wanted));
    const size_t edits = is_part ? 1 : Edits(wanted, candidate);
    if (edits < fewest && edits <= std::max<size_t>(1, std::max(wanted.size(), name.size()) / 3)) {
      fewest = edits;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace auscult::cli
