#include "cli/yaml_scalar.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "cli/cell.h"
#include "cli/nearest_name.h"

namespace auscult::cli {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// "BearingKind" -> "BEARING_KIND_"
std::string PrefixOf(const EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return prefix + "_";
}

std::string ShortName(const EnumValueDescriptor& value, const std::string& prefix) {
  std::string name = value.name();
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  return absl::AsciiStrToLower(name);
}

// One place that knows how a field is set or added to.
class Setter {
 public:
  Setter(const FieldDescriptor& field, Message& message)
      : field_(field), message_(message), reflection_(*message.GetReflection()) {}

#define AUSCULT_SET(Type, Value)                      \
  if (field_.is_repeated()) {                         \
    reflection_.Add##Type(&message_, &field_, Value); \
  } else {                                            \
    reflection_.Set##Type(&message_, &field_, Value); \
  }                                                   \
  return ""

  std::string SetInteger(const YamlWord& word) const {
    if (word.quoted) return NotA("number", word);
    int64_t value = 0;
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        if (!Whole(word, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max(),
                   value))
          break;
        AUSCULT_SET(Int32, static_cast<int32_t>(value));
      case FieldDescriptor::CPPTYPE_UINT32:
        if (!Whole(word, 0, std::numeric_limits<uint32_t>::max(), value)) break;
        AUSCULT_SET(UInt32, static_cast<uint32_t>(value));
      case FieldDescriptor::CPPTYPE_UINT64:
        if (!Whole(word, 0, std::numeric_limits<int64_t>::max(), value)) break;
        AUSCULT_SET(UInt64, static_cast<uint64_t>(value));
      default:
        if (!Whole(word, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(),
                   value))
          break;
        AUSCULT_SET(Int64, value);
    }
    return NotA("whole number that fits", word);
  }

  std::string SetNumber(const YamlWord& word) const {
    const std::optional<double> value = word.quoted ? std::nullopt : ParseNumber(word.text);
    if (!value || !std::isfinite(*value)) return NotA("number", word);
    if (field_.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
      if (std::abs(*value) > std::numeric_limits<float>::max())
        return NotA("number that fits", word);
      AUSCULT_SET(Float, static_cast<float>(*value));
    }
    AUSCULT_SET(Double, *value);
  }

  std::string SetBool(const YamlWord& word) const {
    const bool is_true = word.text == "true" || word.text == "True" || word.text == "yes";
    const bool is_false = word.text == "false" || word.text == "False" || word.text == "no";
    if (word.quoted || is_true == is_false) return NotA("yes or no", word);
    AUSCULT_SET(Bool, is_true);
  }

  std::string SetText(const YamlWord& word) const { AUSCULT_SET(String, word.text); }

  std::string SetEnum(const YamlWord& word) const {
    const EnumDescriptor& type = *field_.enum_type();
    const std::string prefix = PrefixOf(type);
    std::vector<std::string> known;
    for (int i = 0; i < type.value_count(); ++i) {
      const EnumValueDescriptor& value = *type.value(i);
      const std::string name = ShortName(value, prefix);
      if (word.text == value.name() || absl::AsciiStrToLower(word.text) == name) {
        AUSCULT_SET(Enum, &value);
      }
      if (value.number() != 0) known.push_back(name);
    }
    const std::string nearest = NearestName(word.text, known);
    return absl::StrCat("\"", word.text, "\" is not one of ", absl::StrJoin(known, ", "),
                        nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?"));
  }

#undef AUSCULT_SET

  std::string SetTime(const YamlWord& word) const {
    Message* target = field_.is_repeated() ? reflection_.AddMessage(&message_, &field_)
                                           : reflection_.MutableMessage(&message_, &field_);
    if (auto* duration = dynamic_cast<google::protobuf::Duration*>(target)) {
      absl::Duration value;
      if (!absl::ParseDuration(word.text, &value)) return NotA("duration like 90s or 1h30m", word);
      duration->set_seconds(absl::ToInt64Seconds(value));
      duration->set_nanos(static_cast<int32_t>(
          absl::ToInt64Nanoseconds(value - absl::Seconds(duration->seconds()))));
      return "";
    }
    absl::Time value;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, word.text, &value, &error)) {
      return NotA("time like 2010-12-01T06:00:00Z", word);
    }
    auto& timestamp = dynamic_cast<google::protobuf::Timestamp&>(*target);
    timestamp.set_seconds(absl::ToUnixSeconds(value));
    timestamp.set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(value - absl::FromUnixSeconds(timestamp.seconds()))));
    return "";
  }

 private:
  static std::string NotA(const char* what, const YamlWord& word) {
    return absl::StrCat("\"", word.text, "\" is not a ", what,
                        word.quoted ? "; take the quotes away" : "");
  }

  static bool Whole(const YamlWord& word, int64_t low, int64_t high, int64_t& value) {
    return absl::SimpleAtoi(word.text, &value) && value >= low && value <= high;
  }

  const FieldDescriptor& field_;
  Message& message_;
  const google::protobuf::Reflection& reflection_;
};

}  // namespace

bool IsWellKnownTime(const google::protobuf::Descriptor& type) {
  return type.full_name() == "google.protobuf.Timestamp" ||
         type.full_name() == "google.protobuf.Duration";
}

std::string SetScalar(const YamlWord& word, const FieldDescriptor& field, Message& message) {
  const Setter setter(field, message);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return setter.SetBool(word);
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return setter.SetNumber(word);
    case FieldDescriptor::CPPTYPE_ENUM:
      return setter.SetEnum(word);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return setter.SetTime(word);
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) return "raw bytes cannot be written here";
      return setter.SetText(word);
    default:
      return setter.SetInteger(word);
  }
}

}  // namespace auscult::cli
