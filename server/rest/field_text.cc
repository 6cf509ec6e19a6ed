#include "server/rest/field_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "absl/strings/escaping.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/time_util.h"
#include "server/rest/percent_code.h"
#include "server/rest/rest_error.h"

namespace auscult::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::FieldMaskUtil;
using google::protobuf::util::TimeUtil;

constexpr size_t kMaxQuotedBytes = 60;

std::string Shown(std::string_view text) {
  if (!IsUtf8(text)) return "what is no UTF-8";
  if (text.size() <= kMaxQuotedBytes) return '"' + std::string(text) + '"';
  return "a text of " + std::to_string(text.size()) + " bytes";
}

absl::Status BadValue(const std::string& where, std::string_view text, const std::string& wanted) {
  return Refuse({.reason = "BAD_VALUE",
                 .message = where + " is " + Shown(text),
                 .remedy = "send " + wanted,
                 .field = where});
}

// What the text has to be, in words.
std::string Wanted(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return "an integer of 32 bits";
    case FieldDescriptor::CPPTYPE_INT64:
      return "an integer of 64 bits";
    case FieldDescriptor::CPPTYPE_UINT32:
      return "an integer from 0 to 4294967295";
    case FieldDescriptor::CPPTYPE_UINT64:
      return "an integer of 64 bits, not negative";
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "a number";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return NamesOf(*field.enum_type());
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? "base64" : "UTF-8";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  switch (field.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return "a time like 2026-03-01T12:00:00Z";
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return "seconds like 1.5s";
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return "field paths with commas between";
    default:
      return Wanted(*field.message_type()->field(0));
  }
}

template <typename Number>
bool PutInteger(Message& message, const FieldDescriptor& field, std::string_view text,
                void (Reflection::*set)(Message*, const FieldDescriptor*, Number) const,
                void (Reflection::*add)(Message*, const FieldDescriptor*, Number) const) {
  Number value = 0;
  if (!ParseInteger(text, value)) return false;
  (message.GetReflection()->*(field.is_repeated() ? add : set))(&message, &field, value);
  return true;
}

// The fewest digits of the largest float stand for a double just above it.
bool NearestFloat(double value, float& single) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  constexpr double kHalfStep = 1.0141204801825835e31;
  if (std::isfinite(value) && std::abs(value) > kLargest) {
    if (std::abs(value) >= kLargest + kHalfStep) return false;
    single = std::copysign(kLargest, static_cast<float>(value > 0 ? 1 : -1));
    return true;
  }
  single = static_cast<float>(value);
  return true;
}

bool PutReal(Message& message, const FieldDescriptor& field, std::string_view text) {
  const Reflection& fields = *message.GetReflection();
  double value = 0;
  if (!ParseReal(text, value)) return false;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
    field.is_repeated() ? fields.AddDouble(&message, &field, value)
                        : fields.SetDouble(&message, &field, value);
    return true;
  }
  float single = 0;
  if (!NearestFloat(value, single)) return false;
  field.is_repeated() ? fields.AddFloat(&message, &field, single)
                      : fields.SetFloat(&message, &field, single);
  return true;
}

bool PutBool(Message& message, const FieldDescriptor& field, std::string_view text) {
  const Reflection& fields = *message.GetReflection();
  if (text != "true" && text != "false") return false;
  field.is_repeated() ? fields.AddBool(&message, &field, text == "true")
                      : fields.SetBool(&message, &field, text == "true");
  return true;
}

bool PutEnum(Message& message, const FieldDescriptor& field, std::string_view text) {
  const Reflection& fields = *message.GetReflection();
  const EnumValueDescriptor* named = field.enum_type()->FindValueByName(std::string(text));
  int number = 0;
  if (named != nullptr) {
    number = named->number();
  } else if (!ParseInteger(text, number)) {
    return false;
  }
  field.is_repeated() ? fields.AddEnumValue(&message, &field, number)
                      : fields.SetEnumValue(&message, &field, number);
  return true;
}

bool PutText(Message& message, const FieldDescriptor& field, std::string_view text) {
  const Reflection& fields = *message.GetReflection();
  std::string value(text);
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    if (!ParseBase64(text, value)) return false;
  } else if (!IsUtf8(text)) {
    return false;
  }
  field.is_repeated() ? fields.AddString(&message, &field, std::move(value))
                      : fields.SetString(&message, &field, std::move(value));
  return true;
}

bool PutMessage(Message& message, const FieldDescriptor& field, std::string_view text) {
  const Reflection& fields = *message.GetReflection();
  Message& inside = field.is_repeated() ? *fields.AddMessage(&message, &field)
                                        : *fields.MutableMessage(&message, &field);
  const FieldDescriptor* value = inside.GetDescriptor()->FindFieldByName("value");
  if (value == nullptr) return SetWellKnownFromText(inside, std::string(text));
  return SetFieldFromText(inside, *value, text, "").ok();
}

bool Put(Message& message, const FieldDescriptor& field, std::string_view text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return PutInteger(message, field, text, &Reflection::SetInt32, &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return PutInteger(message, field, text, &Reflection::SetInt64, &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return PutInteger(message, field, text, &Reflection::SetUInt32, &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return PutInteger(message, field, text, &Reflection::SetUInt64, &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return PutReal(message, field, text);
    case FieldDescriptor::CPPTYPE_BOOL:
      return PutBool(message, field, text);
    case FieldDescriptor::CPPTYPE_ENUM:
      return PutEnum(message, field, text);
    case FieldDescriptor::CPPTYPE_STRING:
      return PutText(message, field, text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return PutMessage(message, field, text);
  }
  return false;
}

// "displayName" to "display_name"; proto names stay.
std::string ProtoPath(std::string_view path) {
  std::string proto;
  for (const char c : path) {
    if (c >= 'A' && c <= 'Z') {
      proto += '_';
      proto += static_cast<char>(c - 'A' + 'a');
    } else {
      proto += c;
    }
  }
  return proto;
}

bool SetMask(google::protobuf::FieldMask& mask, std::string_view text) {
  mask.Clear();
  while (!text.empty()) {
    const std::string_view path = text.substr(0, text.find(','));
    text.remove_prefix(path.size() < text.size() ? path.size() + 1 : path.size());
    if (path.empty() || !IsUtf8(path)) return false;
    mask.add_paths(ProtoPath(path));
  }
  return true;
}

}  // namespace

bool IsTextMessage(const Descriptor& type) {
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
    case Descriptor::WELLKNOWNTYPE_ANY:
    case Descriptor::WELLKNOWNTYPE_STRUCT:
    case Descriptor::WELLKNOWNTYPE_VALUE:
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return false;
    default:
      return true;
  }
}

bool SetWellKnownFromText(Message& message, const std::string& text) {
  switch (message.GetDescriptor()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return TimeUtil::FromString(text, static_cast<google::protobuf::Timestamp*>(&message));
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return TimeUtil::FromString(text, static_cast<google::protobuf::Duration*>(&message));
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return SetMask(static_cast<google::protobuf::FieldMask&>(message), text);
    default:
      return false;
  }
}

bool ParseReal(std::string_view text, double& value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "NaN") return value = std::numeric_limits<double>::quiet_NaN(), true;
  if (text == "Infinity") return value = kInfinity, true;
  if (text == "-Infinity") return value = -kInfinity, true;
  if (text.empty() || text.find_first_not_of("+-.0123456789eE") != std::string_view::npos) {
    return false;
  }
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

template <typename Integer>
bool ParseInteger(std::string_view text, Integer& value) {
  const char* last = text.data() + text.size();
  const auto end = std::from_chars(text.data(), last, value);
  if (end.ec == std::errc() && end.ptr == last) return !text.empty();
  // Up to 2^53 a double is the integer that was written.
  double real = 0;
  if (end.ec != std::errc() || !ParseReal(text, real)) return false;
  if (real != std::floor(real) || std::abs(real) > 9007199254740992.0) return false;
  if (real < static_cast<double>(std::numeric_limits<Integer>::min()) ||
      real > static_cast<double>(std::numeric_limits<Integer>::max())) {
    return false;
  }
  value = static_cast<Integer>(real);
  return true;
}

template bool ParseInteger(std::string_view, int32_t&);
template bool ParseInteger(std::string_view, int64_t&);
template bool ParseInteger(std::string_view, uint32_t&);
template bool ParseInteger(std::string_view, uint64_t&);

bool ParseBase64(std::string_view text, std::string& octets) {
  const absl::string_view source(text.data(), text.size());
  const bool url_safe = text.find_first_of("-_") != std::string_view::npos;
  return url_safe ? absl::WebSafeBase64Unescape(source, &octets)
                  : absl::Base64Unescape(source, &octets);
}

std::string NamesOf(const EnumDescriptor& type) {
  std::string names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (i > 0) names += i + 1 == type.value_count() ? " or " : ", ";
    names += type.value(i)->name();
  }
  return names;
}

absl::Status SetFieldFromText(Message& message, const FieldDescriptor& field, std::string_view text,
                              const std::string& where) {
  if (field.is_map() ||
      (field.message_type() != nullptr && !IsTextMessage(*field.message_type()))) {
    return Refuse({.reason = "NOT_A_PARAMETER",
                   .message = where + " is a message, which does not fit into a parameter",
                   .remedy = "name the fields inside it, " + where + ".field",
                   .field = where});
  }
  if (Put(message, field, text)) return absl::OkStatus();
  return BadValue(where, text, Wanted(field));
}

}  // namespace auscult::rest
