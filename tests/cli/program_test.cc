#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/cli/run_program.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

std::string Table(int rows, const char* value = nullptr) {
  std::string text = "time,H (g)\n";
  const std::vector<float> samples = MadeSamples(rows);
  for (int i = 0; i < rows; ++i) {
    absl::StrAppend(&text, i * 0.001, ",");
    if (value != nullptr) {
      absl::StrAppend(&text, value, "\n");
    } else {
      absl::StrAppend(&text, samples[static_cast<size_t>(i)], "\n");
    }
  }
  return text;
}

TEST(Program, EndsWith0WhereItDidWhatWasAsked) {
  const MadeFolder folder;
  const std::string file = folder.Write("a.csv", Table(4096));
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"analyze", file},
                                                    {"analyze", file, "--json"},
                                                    {"features"},
                                                    {"features", "--json"},
                                                    {"bearings"},
                                                    {"bearings", "6205", "--json"},
                                                    {"--version"},
                                                    {"--help"},
                                                    {"analyze", "--help"}}) {
    const ProgramResult result = RunAuscult(arguments);
    EXPECT_EQ(result.exit_code, 0) << arguments[0] << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_NE(result.out, "");
  }
}

TEST(Program, EndsWith0ForARecordingThatCannotBeJudged) {
  const MadeFolder folder;
  const ProgramResult result =
      RunAuscult({"analyze", folder.Write("a.csv", Table(4096, "0.5")), "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out)["verdict"], "unscorable");
}

TEST(Program, EndsWith1WhereItFails) {
  const MadeFolder folder;
  struct Case {
    std::vector<std::string> arguments;
    const char* complaint;
  };
  for (const Case& c :
       {Case{{"analyze", folder.Path("none.csv")}, "No such file"},
        Case{{"analyze", folder.Path("")}, "is a folder"},
        Case{{"analyze", folder.Write("bad.csv", "a\n1\nx\n")}, "bad.csv: line 3, column 1 (a)"},
        Case{{"analyze", folder.Write("x.mat", "nothing")}, "x.mat: "},
        Case{{"assets"}, "cannot reach the server at 127.0.0.1:1: is auscultd running?"},
        Case{{"points", "demo"}, "is auscultd running?"},
        Case{{"trend", "demo/a/b"}, "is auscultd running?"},
        Case{{"apply", "-f", folder.Write("p.yaml", "site: {name: x}\n")}, "is auscultd running?"},
        Case{{"apply", "-f", folder.Write("q.yaml", "sites: {name: x}\n")},
             "q.yaml:1:1: unknown key \"sites\"; did you mean \"site\"?"},
        Case{{"replay", folder.Write("a.csv", Table(4096)), "--point", "a/b/c"},
             "is auscultd running?"},
        Case{{"ingest", folder.Write("a.csv", Table(4096)), "--point", "a/b/c"},
             "is auscultd running?"}}) {
    const ProgramResult result = RunAuscult(c.arguments);
    SCOPED_TRACE(c.complaint);
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(c.complaint));
    EXPECT_TRUE(result.err.starts_with("auscult: "));
  }
}

TEST(Program, EndsWith2WhereItWasUsedWrongly) {
  const MadeFolder folder;
  const std::string rateless = folder.Write("a.csv", "1\n2\n3\n");
  struct Case {
    std::vector<std::string> arguments;
    const char* complaint;
  };
  for (const Case& c :
       {Case{{}, "subcommand"}, Case{{"analyse", "x"}, "Did you mean \"analyze\"?"},
        Case{{"analyze"}, "FILE"}, Case{{"analyze", rateless}, "give it with --rate-hz"},
        Case{{"analyze", rateless, "--rate"}, "Did you mean \"--rate-hz\"?"},
        Case{{"analyze", rateless, "--rate-hz", "fast"}, "--rate-hz"},
        Case{{"analyze", rateless, "--rate-hz", "-5"}, "--rate-hz"},
        Case{{"analyze", rateless, "--rate-hz", "5", "--bearing", "x"}, "--bearing"},
        Case{{"analyze", rateless, "--rate-hz", "5", "--record", "1"}, "holds 1 record(s)"},
        Case{{"replay"}, "--simulate"}, Case{{"replay", rateless}, "--point"},
        Case{{"replay", rateless, "--point", "a/b/c", "--start", "noon"}, "--start"},
        Case{{"replay", "--simulate"}, "--site"},
        Case{{"replay", "--simulate", "--site", "demo", "--fault", "pump-1:iner_race"},
             "did you mean inner_race?"},
        Case{{"trend", "demo/a/b", "--start", "noon"}, "--start"},
        Case{{"trend", "demo/a/b", "--json", "--csv"}, "--json"}}) {
    const ProgramResult result = RunAuscult(c.arguments);
    SCOPED_TRACE(c.complaint);
    EXPECT_EQ(result.exit_code, 2) << result.out << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(c.complaint));
  }
}

TEST(Program, ListsFeaturesAndBearingsAsJson) {
  const Json features = Json::parse(RunAuscult({"features", "--json"}).out);
  ASSERT_GE(features["feature_sets"].size(), 2u);
  EXPECT_EQ(features["feature_sets"][0]["name"], "vibration/1");
  for (const Json& feature : features["feature_sets"][0]["features"]) {
    EXPECT_FALSE(feature["name"].get<std::string>().empty());
    EXPECT_FALSE(feature["description"].get<std::string>().empty());
  }
  const Json bearings = Json::parse(RunAuscult({"bearings", "6205", "--json"}).out);
  ASSERT_EQ(bearings["bearings"].size(), 1u);
  EXPECT_NEAR(bearings["bearings"][0]["orders"]["bpfi"].get<double>(), 5.4152, 1e-3);
  EXPECT_FALSE(bearings["bearings"][0]["source"].get<std::string>().empty());
}

}  // namespace
}  // namespace auscult::cli
