#include "db/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace auscult::db {
namespace {

using nlohmann::json;

std::string Quoted(std::string_view text) {
  JsonWriter writer;
  writer.Text(text);
  return writer.Finish();
}

std::string Written(float number) {
  JsonWriter writer;
  writer.Number(number);
  return writer.Finish();
}

TEST(JsonWriter, SetsCommasBetweenValuesAndNowhereElse) {
  JsonWriter writer;
  writer.OpenObject();
  writer.Name("a");
  writer.OpenArray();
  writer.CloseArray();
  writer.Name("b");
  writer.OpenArray();
  for (int i = 0; i < 2; ++i) {
    writer.OpenObject();
    writer.Name("c");
    writer.Bool(i == 0);
    writer.Name("d");
    writer.Number(0.5f);
    writer.CloseObject();
  }
  writer.Text("e");
  writer.CloseArray();
  writer.Name("f");
  writer.OpenObject();
  writer.CloseObject();
  writer.CloseObject();
  EXPECT_EQ(writer.Finish(), R"({"a":[],"b":[{"c":true,"d":0.5},{"c":false,"d":0.5},"e"],"f":{}})");
}

TEST(JsonWriter, WritesEveryCharacterSoThatItComesBack) {
  std::string text;
  for (int c = 0; c < 0x80; ++c) text.push_back(static_cast<char>(c));
  text += "\u00e9\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff";
  EXPECT_EQ(json::parse(Quoted(text)).get<std::string>(), text);
}

TEST(JsonWriter, ReplacesWhatIsNoUtf8) {
  const std::string replaced = "\ufffd";
  EXPECT_EQ(Quoted("a\xff"
                   "b"),
            "\"a" + replaced + "b\"");
  EXPECT_EQ(Quoted("\xc3"), "\"" + replaced + "\"") << "cut at the end";
  EXPECT_EQ(Quoted("\xc3\"\xe2\x82"), "\"" + replaced + "\\\"" + replaced + replaced + "\"");
  for (const std::string_view no_character :
       {"\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_EQ(Quoted(no_character).find(no_character), std::string::npos);
    EXPECT_NO_THROW(json::parse(Quoted(no_character)));
  }
}

TEST(JsonWriter, WritesNumbersThatComeBackTheSame) {
  EXPECT_EQ(Written(0.1f), "0.1");
  EXPECT_EQ(Written(-7.25f), "-7.25");
  for (const float number :
       {0.0f, 4.0f, 1e9f, 1.5e-7f, 3.4028235e38f, 1.17549435e-38f, 16777217.0f, -1e-45f}) {
    EXPECT_EQ(json::parse(Written(number)).get<float>(), number) << number;
  }
}

}  // namespace
}  // namespace auscult::db
