#include "server/rest/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "auscult/v1/asset_service.pb.h"
#include "auscult/v1/ingest_service.pb.h"
#include "auscult/v1/trend_service.pb.h"
#include "google/longrunning/operations.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/wrappers.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/rest/contract.h"
#include "server/rest/json_reader.h"
#include "server/rest/unary_call.h"

namespace auscult::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Json = nlohmann::json;

std::string Written(const Message& message) {
  std::string json;
  AppendJson(message, json);
  return json;
}

// Fills a message of any type with what its types allow, the edges more often than chance would.
class RandomMessages {
 public:
  void Fill(Message& message, int depth) {
    const Descriptor& type = *message.GetDescriptor();
    if (type.well_known_type() == Descriptor::WELLKNOWNTYPE_TIMESTAMP) {
      auto& time = static_cast<google::protobuf::Timestamp&>(message);
      time.set_seconds(std::uniform_int_distribution<int64_t>(-62135596800, 253402300799)(random_));
      time.set_nanos(Pick<int>({0, 500'000'000, 1000, 7, 999'999'999}));
      return;
    }
    if (type.well_known_type() == Descriptor::WELLKNOWNTYPE_DURATION) {
      auto& duration = static_cast<google::protobuf::Duration&>(message);
      duration.set_seconds(Pick<int64_t>({0, 1, 315'576'000'000}));
      duration.set_nanos(Pick<int>({0, 5, 250'000'000}));
      return;
    }
    if (type.well_known_type() == Descriptor::WELLKNOWNTYPE_FIELDMASK) {
      static_cast<google::protobuf::FieldMask&>(message).add_paths("machine.rated_power_kw");
      return;
    }
    if (type.well_known_type() == Descriptor::WELLKNOWNTYPE_ANY) return FillAny(message);
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (Pick<int>({0, 1, 1}) == 0 || (field.message_type() != nullptr && depth == 0)) continue;
      // Keys of a map stand once, and would be drawn twice.
      const int count = field.is_repeated() && !field.is_map() ? Pick<int>({1, 2, 5}) : 1;
      for (int k = 0; k < count; ++k) Set(message, field, depth);
    }
  }

 private:
  template <typename T>
  T Pick(std::initializer_list<T> values) {
    return values.begin()[std::uniform_int_distribution<size_t>(0, values.size() - 1)(random_)];
  }

  void FillAny(Message& message) {
    google::rpc::ErrorInfo info;
    info.set_reason("R");
    google::protobuf::Duration duration;
    duration.set_seconds(3);
    auto& any = static_cast<google::protobuf::Any&>(message);
    Pick<int>({0, 1}) == 0 ? any.PackFrom(info) : any.PackFrom(duration);
  }

  template <typename T>
  T Integer() {
    return Pick<T>({0, 1, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(),
                    static_cast<T>(random_())});
  }

  template <typename T>
  T Real() {
    using Limits = std::numeric_limits<T>;
    return Pick<T>({0, T(-0.0), T(0.1), T(1) / 3, Limits::max(), Limits::denorm_min(),
                    Limits::lowest(), Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(),
                    T(1e10), T(123456.789),
                    std::ldexp(static_cast<T>(random_()), static_cast<int>(random_() % 100) - 80)});
  }

  void Set(Message& message, const FieldDescriptor& field, int depth) {
    const Reflection& fields = *message.GetReflection();
    const bool many = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32: {
        const auto value = Integer<int32_t>();
        return many ? fields.AddInt32(&message, &field, value)
                    : fields.SetInt32(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        const auto value = Integer<int64_t>();
        return many ? fields.AddInt64(&message, &field, value)
                    : fields.SetInt64(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        const auto value = Integer<uint32_t>();
        return many ? fields.AddUInt32(&message, &field, value)
                    : fields.SetUInt32(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        const auto value = Integer<uint64_t>();
        return many ? fields.AddUInt64(&message, &field, value)
                    : fields.SetUInt64(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_FLOAT: {
        const auto value = Real<float>();
        return many ? fields.AddFloat(&message, &field, value)
                    : fields.SetFloat(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        const auto value = Real<double>();
        return many ? fields.AddDouble(&message, &field, value)
                    : fields.SetDouble(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        return many ? fields.AddBool(&message, &field, true)
                    : fields.SetBool(&message, &field, true);
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = Pick<int>({0, 1, 2, 4711});
        return many ? fields.AddEnumValue(&message, &field, value)
                    : fields.SetEnumValue(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        const auto value =
            Pick<std::string>({"", "a\"b\\c\n\r\t\b\f\x01\x1f/<>&\x7f",
                               "\xC3\xA4\xE2\x80\xA8\xF0\x9F\x94\xA7", std::string("\0z", 2)});
        return many ? fields.AddString(&message, &field, value)
                    : fields.SetString(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(
            many ? *fields.AddMessage(&message, &field) : *fields.MutableMessage(&message, &field),
            depth - 1);
    }
  }

  std::mt19937 random_{20260301};
};

// The same, where numbers are the same to a float: json_util writes some with more digits.
bool Same(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    return a == b || static_cast<float>(a.get<double>()) == static_cast<float>(b.get<double>());
  }
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_object()) {
    for (const auto& [key, value] : a.items()) {
      if (!b.contains(key) || !Same(value, b[key])) return false;
    }
    return true;
  }
  if (!a.is_array()) return a == b;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!Same(a[i], b[i])) return false;
  }
  return true;
}

// Of every request and answer of the contract.
TEST(AppendJson, WritesEveryMessageAsTheLibraryDoes) {
  RandomMessages random;
  int compared = 0;
  for (const auto* file : ServiceFiles()) {
    for (int i = 0; i < file->message_type_count() * 40; ++i) {
      const Descriptor& type = *file->message_type(i % file->message_type_count());
      const auto message = NewMessage(type);
      random.Fill(*message, 4);
      std::string expected;
      ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*message, &expected).ok())
          << type.full_name();
      const std::string json = Written(*message);
      ASSERT_TRUE(Same(Json::parse(json), Json::parse(expected))) << type.full_name() << "\n"
                                                                  << json << "\n"
                                                                  << expected;
      ++compared;
    }
  }
  EXPECT_GT(compared, 4000);
}

TEST(AppendJson, IsReadBackAsItWas) {
  RandomMessages random;
  for (const auto* file : ServiceFiles()) {
    for (int i = 0; i < file->message_type_count() * 10; ++i) {
      const Descriptor& type = *file->message_type(i % file->message_type_count());
      const auto message = NewMessage(type);
      random.Fill(*message, 4);
      const auto again = NewMessage(type);
      const std::string json = Written(*message);
      const absl::Status read = ReadJson({.text = json}, *again);
      ASSERT_TRUE(read.ok()) << type.full_name() << " " << read << "\n" << json;
      EXPECT_EQ(Written(*again), json);
    }
  }
}

TEST(AppendJson, WritesSingleNumbersWithTheFewestDigits) {
  v1::Spectrum spectrum;
  spectrum.set_step_hz(0.1);
  spectrum.add_values(0.1f);
  spectrum.add_values(1e-9f);
  spectrum.add_values(std::nanf(""));
  EXPECT_EQ(Written(spectrum), R"({"stepHz":0.1,"values":[0.1,1e-09,"NaN"]})");
}

TEST(AppendJson, WritesWrappersStructsAndUnknownAny) {
  google::protobuf::Int64Value number;
  number.set_value(7);
  EXPECT_EQ(Written(number), "\"7\"");
  google::protobuf::Value value;
  (*value.mutable_struct_value()->mutable_fields())["a"].set_bool_value(true);
  EXPECT_EQ(Written(value), R"({"a":true})");
  google::protobuf::Any any;
  EXPECT_EQ(Written(any), "{}");
  any.set_type_url("type.googleapis.com/nobody.Knows");
  any.set_value("\x01");
  EXPECT_EQ(Written(any), R"({"@type":"type.googleapis.com/nobody.Knows","value":"AQ=="})");
}

}  // namespace
}  // namespace auscult::rest
