// The rules of the house that a program can hold: which folder may include which, who may see which
// library, how long a function and a file may be. Each rule is tried on a piece of text that breaks
// it, so that it cannot pass by seeing nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/source_text.h"

namespace auscult {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxFileLines = 400;
constexpr int kMaxFunctionLines = 60;

struct SourceFile {
  std::string path;  // from the top of the tree
  std::string text;
};

const std::vector<SourceFile>& Sources() {
  static const std::vector<SourceFile> sources = [] {
    std::vector<SourceFile> found;
    const fs::path top = AUSCULT_SOURCE_DIR;
    for (const char* folder :
         {"features", "models", "db", "server", "cli", "tests", "bench", "web"}) {
      if (!fs::exists(top / folder)) continue;
      for (const auto& entry : fs::recursive_directory_iterator(top / folder)) {
        const std::string extension = entry.path().extension();
        const std::string path = fs::relative(entry.path(), top);
        if (path.find("node_modules") != std::string::npos || path.ends_with("/generated.ts"))
          continue;
        if (extension != ".cc" && extension != ".h" && extension != ".ts" && extension != ".svelte")
          continue;
        std::ifstream file(entry.path());
        found.push_back({path, std::string(std::istreambuf_iterator<char>(file), {})});
      }
    }
    return found;
  }();
  return sources;
}

std::string FolderOf(const std::string& path) { return path.substr(0, path.find('/')); }

bool IsCpp(const std::string& path) { return path.ends_with(".cc") || path.ends_with(".h"); }

// What each folder may include of the others.
const std::map<std::string, std::set<std::string>>& AllowedFolders() {
  static const std::map<std::string, std::set<std::string>> allowed = {
      {"features", {"features"}},
      {"models", {"features", "models"}},
      {"db", {"features", "models", "db"}},
      {"server", {"features", "models", "db", "server", "auscult", "google"}},
      {"cli", {"features", "models", "cli", "auscult", "google"}},
  };
  return allowed;
}

// The proxy knows the contract alone, so that it can stand before another server.
bool LeavesProxy(const std::string& path, const std::string& include) {
  return path.starts_with("server/rest/") && FolderOf(include) != "google" &&
         FolderOf(include) != "auscult" && !include.starts_with("server/rest/");
}

std::vector<std::string> BrokenIncludes(const SourceFile& source) {
  std::vector<std::string> broken;
  const auto rule = AllowedFolders().find(FolderOf(source.path));
  if (rule == AllowedFolders().end()) return broken;
  static const std::set<std::string> folders = {"features", "models", "db",      "server", "cli",
                                                "tests",    "bench",  "auscult", "google"};
  for (const std::string& include : IncludesOf(source.text)) {
    const std::string folder = FolderOf(include);
    // google/protobuf/*.h is the library; google/rpc and google/api are ours to generate.
    const bool is_library = include.starts_with("google/protobuf/");
    const bool forbidden = !rule->second.contains(folder) || LeavesProxy(source.path, include);
    if (folders.contains(folder) && forbidden && !is_library) {
      broken.push_back(source.path + " includes " + include);
    }
  }
  return broken;
}

struct LibraryRule {
  std::string header;  // prefix of the include
  std::regex allowed;  // paths that may see it
};

std::vector<std::string> BrokenLibraries(const SourceFile& source) {
  static const std::vector<LibraryRule> rules = {
      {"fftw3.h", std::regex("features/fft\\.cc|bench/.*")},
      {"libpq-fe.h", std::regex("db/.*")},
      {"FLAC/", std::regex("db/flac_samples\\.cc")},
      {"blosc.h", std::regex("db/sample_codec\\.cc|bench/.*")},
      {"boost/beast", std::regex("(server/rest|tests/fuzz)/.*")},
      {"grpcpp/", std::regex("(server|cli|tests|bench)/.*")},
      {"xgboost/", std::regex("models/train_trees\\.cc|(tests/models|bench)/.*")},
      {"google/protobuf/", std::regex("(server|cli|tests|bench)/.*")},
  };
  std::vector<std::string> broken;
  for (const std::string& include : IncludesOf(source.text)) {
    for (const LibraryRule& rule : rules) {
      if (include.starts_with(rule.header) && !std::regex_match(source.path, rule.allowed)) {
        broken.push_back(source.path + " includes " + include);
      }
    }
  }
  return broken;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(Tidy, SeesTheTree) { EXPECT_GT(Sources().size(), 40u); }

TEST(Tidy, FoldersIncludeOnlyWhatStandsToTheirLeft) {
  EXPECT_EQ(BrokenIncludes({"features/x.cc", "#include \"models/score.h\"\n"}).size(), 1u);
  EXPECT_EQ(BrokenIncludes({"cli/x.cc", "#include \"db/postgres.h\"\n"}).size(), 1u);
  EXPECT_EQ(BrokenIncludes({"db/x.cc", "#include \"auscult/v1/health.pb.h\"\n"}).size(), 1u);
  EXPECT_EQ(BrokenIncludes({"server/rest/x.cc", "#include \"server/errors.h\"\n"}).size(), 1u);
  EXPECT_EQ(BrokenIncludes({"server/rest/x.cc", "#include \"server/rest/gzip.h\"\n"}).size(), 0u);
  std::vector<std::string> broken;
  for (const SourceFile& source : Sources()) {
    const auto more = BrokenIncludes(source);
    broken.insert(broken.end(), more.begin(), more.end());
  }
  EXPECT_TRUE(broken.empty()) << Joined(broken);
}

TEST(Tidy, LibrariesAreSeenByTheirOwnFolderOnly) {
  EXPECT_EQ(BrokenLibraries({"features/spectrum.cc", "#include <fftw3.h>\n"}).size(), 1u);
  EXPECT_EQ(BrokenLibraries({"server/x.cc", "#include <libpq-fe.h>\n"}).size(), 1u);
  std::vector<std::string> broken;
  for (const SourceFile& source : Sources()) {
    const auto more = BrokenLibraries(source);
    broken.insert(broken.end(), more.begin(), more.end());
  }
  EXPECT_TRUE(broken.empty()) << Joined(broken);
}

TEST(Tidy, FilesHaveAtMost400Lines) {
  std::vector<std::string> broken;
  for (const SourceFile& source : Sources()) {
    const auto lines = std::count(source.text.begin(), source.text.end(), '\n');
    if (lines > kMaxFileLines) {
      broken.push_back(source.path + " has " + std::to_string(lines) + " lines");
    }
  }
  EXPECT_TRUE(broken.empty()) << Joined(broken);
}

TEST(Tidy, FunctionsHaveAtMost60Lines) {
  std::string text = "void Long(int x) {\n";
  for (int i = 0; i < kMaxFunctionLines; ++i) text += "  if (x) { x++; }\n";
  const auto found = FunctionsOf("class A {\n  int b() const { return 1; }\n};\n" + text + "}\n");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].lines, 1);
  EXPECT_EQ(found[1].lines, kMaxFunctionLines + 2);
  std::vector<std::string> broken;
  for (const SourceFile& source : Sources()) {
    if (!IsCpp(source.path)) continue;
    for (const FunctionSize& function : FunctionsOf(source.text)) {
      if (function.lines <= kMaxFunctionLines) continue;
      broken.push_back(source.path + ":" + std::to_string(function.first_line) + " has " +
                       std::to_string(function.lines) + " lines");
    }
  }
  EXPECT_TRUE(broken.empty()) << Joined(broken);
}

TEST(Tidy, HeadersArePragmaOnceAndNothingIsLeftToDo) {
  std::vector<std::string> broken;
  const std::regex unfinished("\\b(TODO|FIXME|XXX|HACK)\\b");
  for (const SourceFile& source : Sources()) {
    if (source.path == "tests/tidy_test.cc") continue;
    if (source.path.ends_with(".h") && !source.text.starts_with("#pragma once\n")) {
      broken.push_back(source.path + " does not start with #pragma once");
    }
    if (std::regex_search(source.text, unfinished))
      broken.push_back(source.path + " is unfinished");
  }
  EXPECT_TRUE(broken.empty()) << Joined(broken);
}

TEST(Tidy, FoldersAreNamedForWhatTheyHold) {
  const std::set<std::string> refused = {"utils", "util", "common", "helpers", "impl", "misc"};
  std::vector<std::string> broken;
  for (const SourceFile& source : Sources()) {
    for (const auto& part : fs::path(source.path)) {
      if (refused.contains(part.stem())) broken.push_back(source.path);
    }
  }
  EXPECT_TRUE(broken.empty()) << Joined(broken);
}

}  // namespace
}  // namespace auscult
