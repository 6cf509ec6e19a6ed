// docs/api.md promises that reasons are stable: it must name those that the server gives, and no
// others.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "features/units.h"

namespace auscult::server {
namespace {

namespace fs = std::filesystem;

std::string TextOf(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> Matches(const std::string& text, const std::regex& pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
    found.insert((*at)[1]);
  }
  return found;
}

std::string Sources() {
  std::string text;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(AUSCULT_SOURCE_DIR) / "server")) {
    if (entry.path().extension() == ".cc") text += TextOf(entry.path());
  }
  return text;
}

std::string Page() { return TextOf(fs::path(AUSCULT_SOURCE_DIR) / "docs" / "api.md"); }

TEST(ApiPage, NamesEveryReason) {
  const std::set<std::string> documented = Matches(Page(), std::regex("`([A-Z]+(_[A-Z]+)*)`"));
  const std::regex given(
      R"re((?:\.reason = |BadField\(\s*|Invalid\((?:[^";]*\? )?)"([A-Z]+(_[A-Z]+)*)")re");
  const std::set<std::string> reasons = Matches(Sources(), given);
  EXPECT_GT(reasons.size(), 50u) << "the sources are read wrongly";
  for (const std::string& reason : reasons) EXPECT_TRUE(documented.contains(reason)) << reason;
}

TEST(ApiPage, NamesNoReasonThatIsNeverGiven) {
  const std::set<std::string> documented = Matches(Page(), std::regex("`([A-Z]+_[A-Z_]+)`"));
  const std::set<std::string> literals =
      Matches(Sources(), std::regex(R"re("([A-Z]+(_[A-Z]+)*)")re"));
  EXPECT_GT(documented.size(), 50u);
  for (const std::string& reason : documented) EXPECT_TRUE(literals.contains(reason)) << reason;
}

TEST(ApiPage, NamesEveryUnit) {
  const std::string list(features::ParseUnit("furlong").status().message());
  const std::string page = Page();
  size_t count = 0;
  for (const std::string& unit :
       Matches(list.substr(list.find("one of") + 6), std::regex("([^ ,]+)(,|$)"))) {
    ++count;
    EXPECT_TRUE(page.find(" " + unit + ",") != std::string::npos ||
                page.find(" " + unit + " (") != std::string::npos ||
                page.find("\n" + unit + ",") != std::string::npos ||
                page.find(" " + unit + "\n") != std::string::npos)
        << unit;
  }
  EXPECT_GT(count, 20u);
}

}  // namespace
}  // namespace auscult::server
