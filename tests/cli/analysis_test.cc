#include "cli/analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/analysis_report.h"
#include "cli/command.h"
#include "cli/machine_options.h"
#include "models/simulate.h"
#include "tests/cli/made_files.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

features::Machine KnownMachine() {
  MachineOptions options;
  options.bearings = {"SKF 6205-2RS JEM"};
  options.power_kw = 45.0f;
  options.foundation = "rigid";
  return MachineOf(options).value();
}

Recording Simulated(models::Fault fault, float severity) {
  models::SimulatedMachine machine;
  machine.machine = KnownMachine();
  machine.speed_rpm = 1480;
  Recording recording;
  recording.source = "made";
  recording.channels = {
      {"", "m/s2", models::SimulateVibration(machine, {fault, severity}, 3, 12800, 32768)}};
  recording.sample_rate_hz = 12800;
  return recording;
}

Recording Plain(int samples) {
  Recording recording;
  recording.source = "made";
  recording.channels = {{"", "g", MadeSamples(samples)}};
  recording.sample_rate_hz = 1000;
  return recording;
}

Json JsonOf(const Recording& recording, const AnalysisOptions& options,
            const features::Machine& machine = {}) {
  const absl::StatusOr<Analysis> analysis = Analyse(recording, options, machine);
  EXPECT_TRUE(analysis.ok()) << analysis.status();
  return analysis.ok() ? Json::parse(AnalysisJson(*analysis, models::Language::kEnglish)) : Json();
}

std::set<std::string> KeysOf(const Json& json) {
  std::set<std::string> keys;
  for (const auto& item : json.items()) keys.insert(item.key());
  return keys;
}

TEST(AnalysisJson, HasTheFieldsOfTheContractAndNoOthers) {
  AnalysisOptions options;
  options.speed_rpm = 1450;  // nominal: the record turns at 1,480
  const Json json = JsonOf(Simulated(models::Fault::kInnerRace, 0.8f), options, KnownMachine());
  EXPECT_EQ(KeysOf(json), (std::set<std::string>{"quality", "features", "verdict", "ranking",
                                                 "bearing_ranking", "advice"}));
  EXPECT_EQ(json["verdict"], "inner_race");
  EXPECT_EQ(json["bearing_ranking"][0], "inner_race");
  EXPECT_EQ(json["bearing_ranking"].size(), 3u);
  EXPECT_EQ(json["ranking"][0]["fault"], "inner_race");
  EXPECT_GT(json["ranking"][0]["probability"], 0.5);
  ASSERT_FALSE(json["ranking"][0]["evidence"].empty());
  for (const Json& evidence : json["ranking"][0]["evidence"]) EXPECT_TRUE(evidence.is_string());
  EXPECT_NEAR(json["features"]["speed_rpm"]["value"].get<double>(), 1480, 5);
  EXPECT_EQ(json["features"]["velocity_rms_mm_s"]["unit"], "mm/s");
  EXPECT_EQ(json["features"]["rms"]["unit"], "m/s2");
  for (const auto& [name, feature] : json["features"].items()) {
    EXPECT_TRUE(feature["value"].is_number()) << name;
    EXPECT_EQ(KeysOf(feature), (std::set<std::string>{"value", "unit"})) << name;
  }
}

TEST(AnalysisAdvice, IsOfTheVerdictAndOfTheZoneInTheLanguageAskedFor) {
  Analysis analysis;
  analysis.diagnosis.verdict = models::Fault::kUnbalance;
  const models::FaultModeText& text =
      models::KnowledgeOf(models::Fault::kUnbalance).In(models::Language::kChinese);
  EXPECT_EQ(&AdviceOn(analysis, models::Language::kChinese).advice, &text.watch);
  analysis.zone = features::Zone::kC;
  EXPECT_EQ(&AdviceOn(analysis, models::Language::kChinese).advice, &text.alert);
  analysis.zone = features::Zone::kD;
  EXPECT_EQ(&AdviceOn(analysis, models::Language::kChinese).advice, &text.alarm);
  const std::string shown = AnalysisText(analysis, {.language = models::Language::kChinese});
  EXPECT_THAT(shown, HasSubstr(text.alarm.action));
  const Json json = Json::parse(AnalysisJson(analysis, models::Language::kChinese));
  EXPECT_EQ(json["advice"]["fault_name"], "转子不平衡");
  EXPECT_EQ(json["advice"]["language"], "zh");
  // Nothing is to be done about a machine that is well.
  analysis.diagnosis.verdict = models::Fault::kHealthy;
  EXPECT_THAT(AnalysisText(analysis, {}), testing::Not(HasSubstr("action")));
}

TEST(AnalysisJson, NamesTheChannelWhereThereAreSeveral) {
  Recording recording = Plain(4096);
  recording.channels = {{"H", "g", MadeSamples(4096)}, {"V", "g", MadeSamples(4096, 0.1, 2)}};
  Json json = JsonOf(recording, {});
  EXPECT_TRUE(json["features"].contains("H/kurtosis"));
  EXPECT_TRUE(json["features"].contains("V/kurtosis"));
  EXPECT_FALSE(json["features"].contains("kurtosis"));
  AnalysisOptions options;
  options.channels = {"v"};
  json = JsonOf(recording, options);
  EXPECT_TRUE(json["features"].contains("kurtosis"));
  options.channels = {"X"};
  const absl::StatusOr<Analysis> unknown = Analyse(recording, options, {});
  EXPECT_TRUE(IsWrongUse(unknown.status()));
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("it has H, V"));
}

TEST(Analysis, CallsWhatCannotBeJudgedUnscorableWithReasonAndRemedy) {
  struct Case {
    const char* name;
    Recording recording;
    AnalysisOptions options;
    const char* quality;
  };
  Recording not_finite = Plain(2048), constant = Plain(2048), uneven = Plain(2048);
  Recording infinite = Plain(2048), clipped = Plain(2048);
  not_finite.channels[0].samples[77] = std::nanf("");
  infinite.channels[0].samples[5] = INFINITY;
  std::fill(constant.channels[0].samples.begin(), constant.channels[0].samples.end(), 1.0f);
  for (float& sample : clipped.channels[0].samples) sample = std::clamp(sample, -0.2f, 0.2f);
  uneven.clock_problem = "the clock jumps; repair it";
  AnalysisOptions other_rate;
  other_rate.rate_hz = 5000;
  const Case cases[] = {{"NaN", not_finite, {}, "not_finite"},
                        {"Inf", infinite, {}, "not_finite"},
                        {"empty", Plain(0), {}, "too_short"},
                        {"one sample", Plain(1), {}, "too_short"},
                        {"constant", constant, {}, "constant"},
                        {"clipped", clipped, {}, "clipped"},
                        {"uneven clock", uneven, {}, "uneven_clock"},
                        {"rate", Plain(2048), other_rate, "rate_contradiction"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Json json = JsonOf(c.recording, c.options);
    EXPECT_EQ(json["verdict"], "unscorable");
    EXPECT_THAT(json["quality"].get<std::vector<std::string>>(), testing::Contains(c.quality));
    EXPECT_FALSE(json["reason"].get<std::string>().empty());
    EXPECT_FALSE(json["remedy"].get<std::string>().empty());
    EXPECT_EQ(json["bearing_ranking"].size(), 3u);
  }
}

TEST(Analysis, SaysThatAUnitWasAssumedAndTakesThatOfTheCaller) {
  Recording recording = Plain(4096);
  recording.channels[0].unit = "";
  Json json = JsonOf(recording, {});
  EXPECT_EQ(json["quality"][0], "unit_assumed");
  const double in_g = json["features"]["rms"]["value"];
  AnalysisOptions options;
  options.unit = "m/s2";
  json = JsonOf(recording, options);
  EXPECT_NEAR(in_g / json["features"]["rms"]["value"].get<double>(), 9.80665, 1e-4);
  options.unit = "furlong";
  EXPECT_TRUE(IsWrongUse(Analyse(recording, options, {}).status()));
}

TEST(Analysis, LeavesOutChannelsOfUnknownMeaningBesideKnownOnes) {
  Recording recording = Plain(4096);
  recording.channels = {{"raw", "", MadeSamples(4096)}, {"I", "A", MadeSamples(4096, 0.05, 3)}};
  const absl::StatusOr<Analysis> analysis = Analyse(recording, {}, {});
  ASSERT_TRUE(analysis.ok());
  ASSERT_EQ(analysis->channels.size(), 1u);
  EXPECT_EQ(analysis->channels[0].name, "I");
  ASSERT_EQ(analysis->left_out.size(), 1u);
  EXPECT_THAT(analysis->left_out[0], HasSubstr("raw"));
}

TEST(Analysis, NeedsARateThatFileOrCallerSays) {
  Recording recording = Plain(4096);
  recording.sample_rate_hz = 0;
  const absl::StatusOr<Analysis> analysis = Analyse(recording, {}, {});
  EXPECT_TRUE(IsWrongUse(analysis.status()));
  EXPECT_THAT(std::string(analysis.status().message()), HasSubstr("--rate-hz"));
}

TEST(Analysis, RefusesToMixVibrationAndCurrent) {
  Recording recording = Plain(4096);
  recording.channels = {{"a", "g", MadeSamples(4096)}, {"i", "A", MadeSamples(4096)}};
  EXPECT_EQ(JsonOf(recording, {})["quality"][0], "mixed_quantities");
}

TEST(AnalysisText, ShowsVerdictEvidenceAndFeatures) {
  AnalysisOptions options;
  options.speed_rpm = 1480;
  const absl::StatusOr<Analysis> analysis =
      Analyse(Simulated(models::Fault::kOuterRace, 0.8f), options, KnownMachine());
  ASSERT_TRUE(analysis.ok());
  const std::string text = AnalysisText(*analysis, {});
  for (const char* part :
       {"verdict   outer_race, probability", "32,768 samples at 12800 Hz",
        "if it is the bearing: outer_race, then", "kurtosis", "BPFO", "rpm used, 1480 rpm given"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(AnalysisText(*analysis, {.colours = true}).find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("band_20_50_db"), std::string::npos);
  EXPECT_THAT(AnalysisText(*analysis, {.all_features = true}), HasSubstr("band_20_50_db"));
}

TEST(MachineOptions, SayWhatIsWrongWithABearing) {
  struct Case {
    std::vector<std::string> names, orders;
    const char* problem;
  };
  for (const Case& c : {
           Case{{"SKF 6205-2RS"}, {}, "did you mean \"SKF 6205-2RS JEM\""},
           Case{{"unheard of"}, {}, "\"auscult bearings\" lists it"},
           Case{{}, {"bpfo=3"}, "bpfi is missing"},
           Case{{}, {"bpfo=3,bpfi=x,bsf=2,ftf=0.4"}, "\"bpfi=x\" is not understood"},
           Case{{}, {"bpfo=3,bpfi=5,bsf=2,ftf=0.4,bpf=1"}, "\"bpf=1\" is not understood"},
           Case{{}, {"bpfo=-3,bpfi=5,bsf=2,ftf=0.4"}, "\"bpfo=-3\" is not understood"},
       }) {
    MachineOptions options;
    options.bearings = c.names;
    options.bearing_orders = c.orders;
    const absl::StatusOr<features::Machine> machine = MachineOf(options);
    EXPECT_TRUE(IsWrongUse(machine.status()));
    EXPECT_THAT(std::string(machine.status().message()), HasSubstr(c.problem));
  }
  MachineOptions options;
  options.bearing_orders = {"bpfo=3.05, BPFI=4.95,bsf=1.99,ftf=0.3815"};
  const absl::StatusOr<features::Machine> machine = MachineOf(options);
  ASSERT_TRUE(machine.ok()) << machine.status();
  EXPECT_FLOAT_EQ(machine->bearings[0].orders.bpfi, 4.95f);
}

}  // namespace
}  // namespace auscult::cli
