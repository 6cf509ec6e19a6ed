#include "cli/yaml_message.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "auscult/v1/asset_service.pb.h"
#include "auscult/v1/ingest_service.pb.h"
#include "cli/plant_file.h"
#include "tests/cli/made_files.h"

namespace auscult::cli {
namespace {

using testing::HasSubstr;

constexpr char kPlant[] = R"(# a plant
site: {name: sites/demo, display_name: "Demo: plant", time_zone: Europe/Berlin}
assets:
  - name: sites/demo/assets/pump-1
    kind: pump
    machine: &pump
      rated_power_kw: 45
      foundation: rigid
      pole_pairs: 2
      bearings:
        - {position: drive end, bearing: bearings/skf-6205-2rs-jem}
        - geometry: {rolling_elements: 9, element_diameter_mm: 7.94}
  - name: sites/demo/assets/pump-2
    machine: {<<: *pump, ratedPowerKw: 37, foundation: FOUNDATION_FLEXIBLE}
points:
  - name: sites/demo/assets/pump-1/points/de
    channels: [{id: "1", quantity: acceleration, unit: g}]
    sample_rate_hz: 1.28e4
    stale_after_s: 86400
    keep_raw_every: -1
)";

std::string Problems(const std::string& text, google::protobuf::Message& message) {
  FieldPositions positions;
  const absl::Status status = ParseYamlMessage(text, "p.yaml", message, positions);
  EXPECT_FALSE(status.ok()) << text;
  return std::string(status.message());
}

std::string PlantProblems(const std::string& text) {
  v1::Plant plant;
  return Problems(text, plant);
}

TEST(YamlMessage, FillsEveryKindOfField) {
  v1::Plant plant;
  FieldPositions positions;
  const absl::Status status = ParseYamlMessage(kPlant, "p.yaml", plant, positions);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(plant.site().display_name(), "Demo: plant");
  ASSERT_EQ(plant.assets_size(), 2);
  const v1::Machine& pump = plant.assets(0).machine();
  EXPECT_EQ(pump.rated_power_kw(), 45);
  EXPECT_FALSE(pump.has_rated_speed_rpm());
  EXPECT_EQ(pump.foundation(), v1::FOUNDATION_RIGID);
  EXPECT_EQ(pump.bearings(1).geometry().rolling_elements(), 9);
  const v1::Machine& merged = plant.assets(1).machine();
  EXPECT_EQ(merged.rated_power_kw(), 37);
  EXPECT_EQ(merged.foundation(), v1::FOUNDATION_FLEXIBLE);
  EXPECT_EQ(merged.pole_pairs(), 2);
  EXPECT_EQ(merged.bearings_size(), 2);
  EXPECT_EQ(plant.points(0).channels(0).id(), "1");
  EXPECT_EQ(plant.points(0).sample_rate_hz(), 12800);
  EXPECT_EQ(plant.points(0).keep_raw_every(), -1);
}

TEST(YamlMessage, FillsMapsTimesDurationsAndJson) {
  v1::Waveform waveform;
  FieldPositions positions;
  absl::Status status = ParseYamlMessage(
      R"({"point": "p", "measured_at": "2026-03-01T00:00:00.5Z",
          "conditions": {"speed_rpm": 1480, "others": {"temperature_c": 41.5, "recipe": 7}}})",
      "p.json", waveform, positions);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(waveform.measured_at().nanos(), 500000000);
  EXPECT_EQ(waveform.conditions().others().at("temperature_c"), 41.5);
  v1::Rejection rejection;
  status = ParseYamlMessage("retry_after: 1m30s", "p.yaml", rejection, positions);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(rejection.retry_after().seconds(), 90);
}

TEST(YamlMessage, KnowsWhereEachFieldStands) {
  v1::Plant plant;
  FieldPositions positions;
  ASSERT_TRUE(ParseYamlMessage(kPlant, "p.yaml", plant, positions).ok());
  const FilePosition unit = PositionOf(positions, "points[0].channels[0].unit");
  EXPECT_EQ(unit.line, 17);
  EXPECT_EQ(unit.column, 56);
  // A field that is not there is looked for around it.
  EXPECT_EQ(PositionOf(positions, "assets[0].machine.blades").line, 6);
  EXPECT_EQ(PositionOf(positions, "nothing").line, 2);
}

TEST(YamlMessage, SaysWhatIsWrongWhereAndWhatWasMeant) {
  struct Case {
    const char* text;
    const char* problem;
  };
  for (const Case& c : {
           Case{"site:\n  nam: x\n", "p.yaml:2:3: unknown key \"nam\"; did you mean \"name\"?"},
           Case{"sites: {}\n", "p.yaml:1:1: unknown key \"sites\"; did you mean \"site\"?"},
           Case{"colour: {}\n", "Plant has site, bearings, assets, points"},
           Case{"site: demo\n", "p.yaml:1:7: expected the fields of Site"},
           Case{"assets: {name: x}\n", "p.yaml:1:9: \"assets\" is a list"},
           Case{"site: {name: [a]}\n", "\"name\" takes one value, found a list"},
           Case{"site: {name: a, name: b}\n", "p.yaml:1:17: \"name\" stands twice"},
           Case{"site: {create_time: 2026-01-01T00:00:00Z}\n", "is set by the server"},
           Case{"points: [{sample_rate_hz: fast}]\n", "\"fast\" is not a number"},
           Case{"points: [{sample_rate_hz: \"5\"}]\n", "take the quotes away"},
           Case{"points: [{sample_rate_hz: .nan}]\n", "is not a number"},
           Case{"points: [{keep_raw_every: 1.5}]\n", "whole number"},
           Case{"points: [{keep_raw_every: 3000000000}]\n", "whole number"},
           Case{"assets: [{machine: {foundation: rigit}}]\n", "did you mean \"rigid\"?"},
           Case{"points: [{channels: [{quantity: speed}]}]\n", "acceleration, velocity"},
           Case{"site: {name: x\n", "p.yaml:"},
           Case{"site: {}\n---\nsite: {}\n", "second document"},
           Case{"", "p.yaml: the file is empty"},
           Case{"# only a remark\n", "p.yaml: the file is empty"},
           Case{"- a\n", "p.yaml:1:1: expected the fields of Plant"},
           Case{"site: *nobody\n", "p.yaml:1:"},
       }) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(PlantProblems(c.text), HasSubstr(c.problem));
  }
}

TEST(YamlMessage, RefusesTwoOfAOneof) {
  v1::ChannelSamples samples;
  EXPECT_THAT(Problems("encoded: {scale: 2}\nfloats: {values: [1]}\n", samples),
              HasSubstr("p.yaml:2:1: \"floats\" cannot stand beside \"encoded\""));
}

TEST(YamlMessage, ListsSeveralProblemsAndNotTooMany) {
  EXPECT_THAT(PlantProblems("site: {a: 1, nam: 2}\n"),
              testing::AllOf(HasSubstr("\"a\""), HasSubstr("\"nam\"")));
  std::string many = "site:\n";
  for (int i = 0; i < 100; ++i) many += "  x" + std::to_string(i) + ": 1\n";
  const std::string problems = PlantProblems(many);
  EXPECT_THAT(problems, HasSubstr("... and more"));
  EXPECT_LT(std::count(problems.begin(), problems.end(), '\n'), 12);
}

TEST(YamlMessage, DoesNotUnfoldNestedAliasesForEver) {
  std::string bomb = "assets:\n  - &a0 {machine: {bearings: [{}, {}]}}\n";
  std::string list = "[{}, {}, {}, {}, {}, {}, {}, {}, {}]";
  std::string text = "x0: &x0 " + list + "\n";
  for (int i = 1; i < 12; ++i) {
    const std::string previous = "*x" + std::to_string(i - 1);
    text += "x" + std::to_string(i) + ": &x" + std::to_string(i) + " [" + previous + ", " +
            previous + ", " + previous + "]\n";
  }
  EXPECT_THAT(PlantProblems(text + "assets: *x11\n"), HasSubstr("p.yaml"));
  // A map that holds itself, as far as aliases go.
  EXPECT_THAT(PlantProblems("assets: [&a {machine: *a}]\n"), HasSubstr("p.yaml"));
}

TEST(YamlMessage, SurvivesDamage) {
  models::Random random(29);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    v1::Plant plant;
    FieldPositions positions;
    refused += ParseYamlMessage(Damaged(kPlant, random), "p.yaml", plant, positions).ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 1000);
}

TEST(PlantFile, TakesShortNames) {
  const MadeFolder folder;
  const absl::StatusOr<PlantFile> file = ReadPlantFile(folder.Write("plant.yaml", R"(
site: {name: demo}
bearings: [{name: special, orders: {bpfo: 3, bpfi: 5, bsf: 2, ftf: 0.4}}]
assets:
  - {name: line-1}
  - name: pump-1
    parent_asset: line-1
    machine:
      bearings: [{bearing: SKF 6205-2RS JEM}, {bearing: special}, {bearing: bearings/x}]
points: [{name: pump-1/de}, {name: sites/demo/assets/pump-1/points/nde}]
)"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->plant.site().name(), "sites/demo");
  EXPECT_EQ(file->plant.bearings(0).name(), "sites/demo/bearings/special");
  EXPECT_EQ(file->plant.assets(1).parent_asset(), "sites/demo/assets/line-1");
  const v1::Machine& machine = file->plant.assets(1).machine();
  EXPECT_EQ(machine.bearings(0).bearing(), "bearings/skf-6205-2rs-jem");
  EXPECT_EQ(machine.bearings(1).bearing(), "sites/demo/bearings/special");
  EXPECT_EQ(machine.bearings(2).bearing(), "bearings/x");
  EXPECT_EQ(file->plant.points(0).name(), "sites/demo/assets/pump-1/points/de");
  EXPECT_EQ(file->plant.points(1).name(), "sites/demo/assets/pump-1/points/nde");
}

TEST(PlantFile, MustNameItsSite) {
  const MadeFolder folder;
  EXPECT_THAT(std::string(ReadPlantFile(folder.Write("p.yaml", "assets: []\n")).status().message()),
              HasSubstr("the site has no name"));
}

TEST(PlantFile, OfTheDemoIsUnderstood) {
  for (const char* name : {"deploy/demo_plant.yaml", "deploy/recordings/plant.yaml"}) {
    const absl::StatusOr<PlantFile> file =
        ReadPlantFile(std::string(AUSCULT_SOURCE_DIR) + "/" + name);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_GT(file->plant.points_size(), 0);
  }
}

TEST(ResourceName, TakesShortAndFullNames) {
  EXPECT_EQ(ResourceName("demo"), "sites/demo");
  EXPECT_EQ(ResourceName("demo/pump-1"), "sites/demo/assets/pump-1");
  EXPECT_EQ(ResourceName("demo/pump-1/de"), "sites/demo/assets/pump-1/points/de");
  EXPECT_EQ(ResourceName("sites/a/assets/b"), "sites/a/assets/b");
}

}  // namespace
}  // namespace auscult::cli
