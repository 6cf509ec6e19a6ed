#include "server/rest/json_reader.h"

#include <gtest/gtest.h>

#include <cmath>

#include "auscult/v1/asset_service.pb.h"
#include "auscult/v1/ingest_service.pb.h"
#include "auscult/v1/trend_service.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace auscult::rest {
namespace {

template <typename Message>
std::string ErrorOf(const std::string& text) {
  Message message;
  return std::string(ReadJson({.text = text}, message).message());
}

TEST(ReadJson, RefusesWhatIsNoJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[]",
                           "1",
                           "null",
                           "{\"name\"}",
                           "{\"name\":}",
                           "{name:1}",
                           "{\"name\":\"a\",}",
                           "{\"name\":\"a\"}x",
                           "{\"name\":\"a\" \"etag\":\"b\"}",
                           "{\"name\":'a'}",
                           "{\"name\":\"\n\"}",
                           "{\"name\":\"\\x\"}",
                           "{\"name\":\"\\ud800\"}",
                           "{\"name\":\"\\udc00\"}",
                           "{\"name\":\"\\u12\"}",
                           "{\"name\":\"\xC0\x80\"}",
                           "{\"name\":\"a",
                           "{\"name\":tru}",
                           "\xEF\xBB\xBF{}",
                           "{,}",
                           "{\"falseAlarmsPerPointYear\":01}",
                           "{\"falseAlarmsPerPointYear\":.5}",
                           "{\"falseAlarmsPerPointYear\":1.}",
                           "{\"falseAlarmsPerPointYear\":1e}",
                           "{\"falseAlarmsPerPointYear\":+1}",
                           "{\"falseAlarmsPerPointYear\":NaN}",
                           "{\"falseAlarmsPerPointYear\":-}",
                           "{\"falseAlarmsPerPointYear\":0x10}"}) {
    SCOPED_TRACE(text);
    v1::Site site;
    EXPECT_FALSE(ReadJson({.text = text}, site).ok());
  }
}

TEST(ReadJson, NamesTheFieldThatIsWrong) {
  using v1::ImportPlantRequest;
  EXPECT_NE(ErrorOf<ImportPlantRequest>(R"({"plant":{"assets":[{},{"machine":{"blade":1}}]}})")
                .find("plant.assets[1].machine.blade at line 1, column "),
            std::string::npos);
  EXPECT_NE(ErrorOf<ImportPlantRequest>(R"({"plant":{"assets":[{},{"machine":{"blade":1}}]}})")
                .find("ratedPowerKw"),
            std::string::npos);
  EXPECT_NE(ErrorOf<ImportPlantRequest>(R"({"prune":"true"})").find("prune"), std::string::npos);
  EXPECT_NE(ErrorOf<ImportPlantRequest>(R"({"prune":1})").find("true or false"), std::string::npos);
  EXPECT_NE(ErrorOf<ImportPlantRequest>(R"({"plant":[]})").find("an object"), std::string::npos);
  EXPECT_NE(ErrorOf<v1::Asset>(R"({"machine":{"blades":2147483648}})").find("machine.blades"),
            std::string::npos);
  EXPECT_NE(ErrorOf<v1::Asset>(R"({"machine":{"blades":1.5}})").find("an integer of 32 bits"),
            std::string::npos);
  EXPECT_NE(ErrorOf<v1::Asset>(R"({"machine":{"ratedPowerKw":1e39}})").find("rated_power_kw"),
            std::string::npos);
  EXPECT_NE(ErrorOf<v1::Asset>(R"({"machine":{"foundation":"SOFT"}})")
                .find("FOUNDATION_UNSPECIFIED, FOUNDATION_RIGID or FOUNDATION_FLEXIBLE"),
            std::string::npos);
  EXPECT_NE(ErrorOf<v1::Asset>(R"({"createTime":"yesterday"})").find("2026-03-01T12:00:00Z"),
            std::string::npos);
  EXPECT_NE(ErrorOf<v1::Asset>(R"({"kind":"a","kind":"b"})").find("twice"), std::string::npos);
  EXPECT_NE(ErrorOf<v1::Asset>(R"({"parentAsset":"a","parent_asset":"b"})").find("twice"),
            std::string::npos);
  EXPECT_NE(ErrorOf<v1::ChannelSamples>(R"({"floats":{},"encoded":{}})").find("only one"),
            std::string::npos);
  EXPECT_NE(ErrorOf<v1::FloatSamples>(R"({"values":[1,null]})").find("values"), std::string::npos);
  EXPECT_NE(ErrorOf<v1::EncodedSamples>(R"({"octets":"a?"})").find("base64"), std::string::npos);
}

TEST(ReadJson, CarriesTheFieldAsBadRequest) {
  v1::Site site;
  const absl::Status status = ReadJson({.text = R"({"colour":1})", .path = "site"}, site);
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  ASSERT_TRUE(payload);
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(bad_request.ParseFromString(std::string(*payload)));
  EXPECT_EQ(bad_request.field_violations(0).field(), "site.colour");
}

TEST(ReadJson, GoesNoDeeperThanTheLimit) {
  std::string text = "{}";
  for (int i = 0; i < kMaxJsonDepth + 1; ++i) text = "{\"effective\":" + text + "}";
  google::rpc::Status status;  // Any is read by the library, within the same limit
  std::string any = "1";
  for (int i = 0; i < 100000; ++i) any = "[" + any;
  EXPECT_FALSE(
      ReadJson({.text = "{\"details\":[{\"@type\":\"x\",\"value\":" + any + "}]}"}, status).ok());
}

TEST(ReadJson, TakesBothNamesAndEveryWayToWriteANumber) {
  v1::Asset asset;
  const absl::Status read =
      ReadJson({.text = R"( { "display_name" : "a\u00e4\ud83d\udd27\n\/" , "machine":{
      "ratedPowerKw":"37.5","blades":"7","rotor_bars":2.0e1,"foundation":1,"lineFrequencyHz":50},
      "createTime":"2026-03-01T12:00:00.5+01:00","health":null} )"},
               asset);
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_EQ(asset.display_name(), "a\xC3\xA4\xF0\x9F\x94\xA7\n/");
  EXPECT_EQ(asset.machine().rated_power_kw(), 37.5f);
  EXPECT_EQ(asset.machine().blades(), 7);
  EXPECT_EQ(asset.machine().rotor_bars(), 20);
  EXPECT_EQ(asset.machine().foundation(), v1::FOUNDATION_RIGID);
  EXPECT_EQ(asset.create_time().seconds(), 1772362800);
  EXPECT_EQ(asset.create_time().nanos(), 500'000'000);
  EXPECT_FALSE(asset.has_health());
}

TEST(ReadJson, TakesMapsBytesWideIntegersAndNonFiniteNumbers) {
  v1::StreamWaveformsRequest request;
  const absl::Status read = ReadJson({.text = R"({"sequence":"18446744073709551615","waveform":{
      "channels":[{"encoded":{"octets":"-_8="}},{"floats":{"values":[1,-2.5e-3,"NaN","-Infinity"]}}],
      "conditions":{"others":{"a":1,"b":"2"}}}})"},
                                     request);
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_EQ(request.sequence(), UINT64_MAX);
  EXPECT_EQ(request.waveform().channels(0).encoded().octets(), "\xFB\xFF");
  const auto& values = request.waveform().channels(1).floats().values();
  ASSERT_EQ(values.size(), 4);
  EXPECT_EQ(values[1], -2.5e-3f);
  EXPECT_TRUE(std::isnan(values[2]));
  EXPECT_TRUE(std::isinf(values[3]));
  EXPECT_EQ(request.waveform().conditions().others().at("b"), 2.0);
}

TEST(ReadJson, ListsTheFieldsThatTheTextNames) {
  v1::Asset asset;
  std::vector<std::string> paths;
  const absl::Status read = ReadJson(
      {.text =
           R"({"name":"x","etag":"e","createTime":null,"health":{"index":5},"kind":"","displayName":null,
          "machine":{"blades":0,"bearings":[{"position":"a"}],"belt":{},"gears":null}})"},
      asset, &paths);
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_EQ(paths, (std::vector<std::string>{"kind", "display_name", "machine.blades",
                                             "machine.bearings", "machine.gears"}));
}

}  // namespace
}  // namespace auscult::rest
