#include "server/rest/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "server/rest/repeated_numbers.h"

namespace auscult::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;
using google::protobuf::util::FieldMaskUtil;
using google::protobuf::util::TimeUtil;

template <typename Number>
void AppendNumber(Number number, std::string& json) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), number);
  json.append(text, end.ptr);
}

template <typename Number>
void AppendReal(Number number, std::string& json) {
  if (std::isfinite(number)) {
    AppendNumber(number, json);
  } else if (std::isnan(number)) {
    json += "\"NaN\"";
  } else {
    json += number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  }
}

template <typename Number>
void AppendQuoted(Number number, std::string& json) {
  json += '"';
  AppendNumber(number, json);
  json += '"';
}

void AppendEnum(const FieldDescriptor& field, int number, std::string& json) {
  if (field.enum_type()->full_name() == "google.protobuf.NullValue") {
    json += "null";
    return;
  }
  const EnumValueDescriptor* value = field.enum_type()->FindValueByNumber(number);
  if (value == nullptr) {
    AppendNumber(number, json);
  } else {
    ((json += '"') += value->name()) += '"';
  }
}

void AppendText(const FieldDescriptor& field, const std::string& text, std::string& json) {
  if (field.type() != FieldDescriptor::TYPE_BYTES) {
    AppendJsonString(text, json);
    return;
  }
  json += '"';
  json += absl::Base64Escape(text);
  json += '"';
}

template <typename Number, typename Append>
void AppendNumbers(const Message& message, const FieldDescriptor& field, std::string& json,
                   const Append& append) {
  const auto& numbers = NumbersOf<Number>(message, field);
  json.reserve(json.size() + static_cast<size_t>(numbers.size()) * 10);
  json += '[';
  for (int i = 0; i < numbers.size(); ++i) {
    if (i > 0) json += ',';
    append(numbers[i], json);
  }
  json += ']';
}

template <typename Item>
void AppendItems(int count, std::string& json, const Item& item) {
  json += '[';
  for (int i = 0; i < count; ++i) {
    if (i > 0) json += ',';
    item(i);
  }
  json += ']';
}

void AppendRepeated(const Message& message, const FieldDescriptor& field, std::string& json) {
  const Reflection& fields = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_FLOAT:
      return AppendNumbers<float>(message, field, json, AppendReal<float>);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return AppendNumbers<double>(message, field, json, AppendReal<double>);
    case FieldDescriptor::CPPTYPE_INT32:
      return AppendNumbers<int32_t>(message, field, json, AppendNumber<int32_t>);
    case FieldDescriptor::CPPTYPE_UINT32:
      return AppendNumbers<uint32_t>(message, field, json, AppendNumber<uint32_t>);
    case FieldDescriptor::CPPTYPE_INT64:
      return AppendNumbers<int64_t>(message, field, json, AppendQuoted<int64_t>);
    case FieldDescriptor::CPPTYPE_UINT64:
      return AppendNumbers<uint64_t>(message, field, json, AppendQuoted<uint64_t>);
    case FieldDescriptor::CPPTYPE_BOOL:
      return AppendNumbers<bool>(message, field, json, [](bool value, std::string& to) {
        to += value ? "true" : "false";
      });
    case FieldDescriptor::CPPTYPE_ENUM:
      return AppendItems(fields.FieldSize(message, &field), json, [&](int i) {
        AppendEnum(field, fields.GetRepeatedEnumValue(message, &field, i), json);
      });
    case FieldDescriptor::CPPTYPE_STRING:
      return AppendItems(fields.FieldSize(message, &field), json, [&](int i) {
        std::string kept;
        AppendText(field, fields.GetRepeatedStringReference(message, &field, i, &kept), json);
      });
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return AppendItems(fields.FieldSize(message, &field), json, [&](int i) {
        AppendJson(fields.GetRepeatedMessage(message, &field, i), json);
      });
  }
}

void AppendSingle(const Message& message, const FieldDescriptor& field, std::string& json) {
  const Reflection& fields = *message.GetReflection();
  std::string kept;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_FLOAT:
      return AppendReal(fields.GetFloat(message, &field), json);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return AppendReal(fields.GetDouble(message, &field), json);
    case FieldDescriptor::CPPTYPE_INT32:
      return AppendNumber(fields.GetInt32(message, &field), json);
    case FieldDescriptor::CPPTYPE_UINT32:
      return AppendNumber(fields.GetUInt32(message, &field), json);
    case FieldDescriptor::CPPTYPE_INT64:
      return AppendQuoted(fields.GetInt64(message, &field), json);
    case FieldDescriptor::CPPTYPE_UINT64:
      return AppendQuoted(fields.GetUInt64(message, &field), json);
    case FieldDescriptor::CPPTYPE_BOOL:
      json += fields.GetBool(message, &field) ? "true" : "false";
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      return AppendEnum(field, fields.GetEnumValue(message, &field), json);
    case FieldDescriptor::CPPTYPE_STRING:
      return AppendText(field, fields.GetStringReference(message, &field, &kept), json);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return AppendJson(fields.GetMessage(message, &field), json);
  }
}

// JSON has text for keys only.
void AppendMap(const Message& message, const FieldDescriptor& field, std::string& json) {
  const Reflection& fields = *message.GetReflection();
  const FieldDescriptor& key = *field.message_type()->map_key();
  std::vector<std::pair<std::string, const Message*>> entries;
  for (int i = 0; i < fields.FieldSize(message, &field); ++i) {
    const Message& entry = fields.GetRepeatedMessage(message, &field, i);
    std::string text;
    AppendSingle(entry, key, text);
    if (text.front() != '"') text = '"' + text + '"';
    entries.emplace_back(std::move(text), &entry);
  }
  std::sort(entries.begin(), entries.end());
  json += '{';
  for (const auto& [text, entry] : entries) {
    if (json.back() != '{') json += ',';
    (json += text) += ':';
    AppendSingle(*entry, *field.message_type()->map_value(), json);
  }
  json += '}';
}

// Without braces; `first` says that no comma goes before.
void AppendFields(const Message& message, std::string& json, bool first) {
  std::vector<const FieldDescriptor*> present;
  message.GetReflection()->ListFields(message, &present);
  for (const FieldDescriptor* field : present) {
    if (!first) json += ',';
    first = false;
    ((json += '"') += field->json_name()) += "\":";
    AppendFieldJson(message, *field, json);
  }
}

void AppendAny(const google::protobuf::Any& any, std::string& json) {
  if (any.type_url().empty()) {
    json += "{}";
    return;
  }
  json += "{\"@type\":";
  AppendJsonString(any.type_url(), json);
  const std::string name = any.type_url().substr(any.type_url().rfind('/') + 1);
  const Descriptor* type = DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  std::unique_ptr<Message> inside;
  if (type != nullptr) {
    inside.reset(MessageFactory::generated_factory()->GetPrototype(type)->New());
  }
  if (inside == nullptr || !inside->ParseFromString(any.value())) {
    json += ",\"value\":\"" + absl::Base64Escape(any.value()) + "\"";
  } else if (type->well_known_type() != Descriptor::WELLKNOWNTYPE_UNSPECIFIED) {
    json += ",\"value\":";
    AppendJson(*inside, json);
  } else {
    AppendFields(*inside, json, false);
  }
  json += '}';
}

// Of the well-known types that JSON writes in another way than as an object of fields.
bool AppendWellKnown(const Message& message, std::string& json) {
  const Descriptor& type = *message.GetDescriptor();
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
      return false;
    case Descriptor::WELLKNOWNTYPE_ANY:
      AppendAny(static_cast<const google::protobuf::Any&>(message), json);
      return true;
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      json +=
          '"' + TimeUtil::ToString(static_cast<const google::protobuf::Timestamp&>(message)) + '"';
      return true;
    case Descriptor::WELLKNOWNTYPE_DURATION:
      json +=
          '"' + TimeUtil::ToString(static_cast<const google::protobuf::Duration&>(message)) + '"';
      return true;
    case Descriptor::WELLKNOWNTYPE_FIELDMASK: {
      std::string paths;
      FieldMaskUtil::ToJsonString(static_cast<const google::protobuf::FieldMask&>(message), &paths);
      AppendJsonString(paths, json);
      return true;
    }
    case Descriptor::WELLKNOWNTYPE_STRUCT:
    case Descriptor::WELLKNOWNTYPE_VALUE:
    case Descriptor::WELLKNOWNTYPE_LISTVALUE: {
      std::string text;
      if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) text = "null";
      json += text;
      return true;
    }
    default:
      AppendSingle(message, *type.field(0), json);
      return true;  // wrappers
  }
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& json) {
  constexpr char kHex[] = "0123456789abcdef";
  json += '"';
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    json.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        json += "\\\"";
        break;
      case '\\':
        json += "\\\\";
        break;
      case '\n':
        json += "\\n";
        break;
      case '\r':
        json += "\\r";
        break;
      case '\t':
        json += "\\t";
        break;
      default:
        ((json += "\\u00") += kHex[c >> 4]) += kHex[c & 15];
    }
  }
  json.append(text, plain);
  json += '"';
}

void AppendFieldJson(const Message& message, const FieldDescriptor& field, std::string& json) {
  if (field.is_map()) {
    AppendMap(message, field, json);
  } else if (field.is_repeated()) {
    AppendRepeated(message, field, json);
  } else {
    AppendSingle(message, field, json);
  }
}

void AppendJson(const Message& message, std::string& json) {
  if (AppendWellKnown(message, json)) return;
  json += '{';
  AppendFields(message, json, true);
  json += '}';
}

}  // namespace auscult::rest
