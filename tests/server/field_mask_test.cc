#include "server/field_mask.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "auscult/v1/resources.pb.h"
#include "server/errors.h"
#include "server/message_diff.h"

namespace auscult::server {
namespace {

v1::Asset Parsed(const std::string& text) {
  v1::Asset asset;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &asset)) << text;
  return asset;
}

constexpr char kStored[] =
    "name: 'sites/a/assets/b' display_name: 'Pump' kind: 'pump' etag: 'e'"
    " machine { rated_power_kw: 30 blades: 5 bearings { position: 'de' bearing: 'bearings/x' } }";

struct Case {
  const char* description;
  std::vector<std::string> paths;
  const char* sent;
  std::vector<std::string> differences;
};

TEST(ApplyUpdate, ChangesWhatTheMaskNamesAndNothingElse) {
  const Case cases[] = {
      {"no mask: what is set, down to single numbers",
       {},
       "display_name: 'P-101' machine { rated_power_kw: 37 }",
       {"display_name: \"Pump\" -> \"P-101\"", "machine.rated_power_kw: 30 -> 37"}},
      {"a field that is not named stays",
       {"kind"},
       "display_name: 'P-101' kind: 'fan'",
       {"kind: \"pump\" -> \"fan\""}},
      {"a named field that is not set is cleared",
       {"kind", "machine.rated_power_kw"},
       "",
       {"kind: \"pump\" -> \"\"", "machine.rated_power_kw: 30 -> none"}},
      {"a message is replaced whole",
       {"machine"},
       "machine { blades: 5 }",
       {"machine.rated_power_kw: 30 -> none",
        "machine.bearings[0]: {position: \"de\" bearing: \"bearings/x\"} -> none"}},
      {"a list is replaced whole",
       {"machine.bearings"},
       "machine { bearings { position: 'nde' bearing: 'bearings/x' } }",
       {"machine.bearings[0].position: \"de\" -> \"nde\""}},
      {"everything",
       {"*"},
       "display_name: 'Pump'",
       {"kind: \"pump\" -> \"\"",
        "machine: {rated_power_kw: 30 blades: 5 bearings { position: \"de\" bearing: "
        "\"bearings/x\" }} -> none"}},
      {"what the server keeps is passed over",
       {"name", "etag", "health", "create_time", "health.index"},
       "name: 'sites/x/assets/y' etag: 'z' health { index: 3 }",
       {}},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.description);
    v1::Asset asset = Parsed(kStored);
    google::protobuf::FieldMask mask;
    for (const std::string& path : test.paths) mask.add_paths(path);
    ASSERT_TRUE(ApplyUpdate(Parsed(test.sent), mask, asset).ok());
    EXPECT_EQ(Differences(Parsed(kStored), asset), test.differences);
    EXPECT_EQ(asset.name(), "sites/a/assets/b");
    EXPECT_FALSE(asset.has_health());
  }
}

TEST(ApplyUpdate, RefusesPathsThatDoNotExist) {
  for (const char* path : {"colour", "machine.colour", "machine.bearings.position", "", "machine.",
                           ".machine", "kind.x", "displayName"}) {
    SCOPED_TRACE(path);
    v1::Asset asset = Parsed(kStored);
    google::protobuf::FieldMask mask;
    mask.add_paths(path);
    const absl::Status status = ApplyUpdate(Parsed("kind: 'x'"), mask, asset);
    EXPECT_EQ(ReasonOf(status), "UNKNOWN_PATH");
    EXPECT_EQ(ToRejection(status).field(), "update_mask");
    EXPECT_TRUE(Differences(Parsed(kStored), asset).empty());
  }
}

TEST(Differences, NameListElementsThatComeAndGo) {
  const v1::Asset before = Parsed("machine { gears { teeth: 21 } }");
  const v1::Asset after = Parsed("machine { gears { teeth: 22 } gears { teeth: 81 } }");
  EXPECT_EQ(Differences(before, after),
            (std::vector<std::string>{"machine.gears[0].teeth: 21 -> 22",
                                      "machine.gears[1]: none -> {teeth: 81}"}));
  EXPECT_EQ(Differences(after, before).back(), "machine.gears[1]: {teeth: 81} -> none");
}

TEST(Differences, ShowTextAsItWasWritten) {
  EXPECT_EQ(Differences(Parsed("display_name: 'Lüfter'"), Parsed("display_name: 'a\"b'")),
            (std::vector<std::string>{"display_name: \"Lüfter\" -> \"a\\\"b\""}));
}

}  // namespace
}  // namespace auscult::server
