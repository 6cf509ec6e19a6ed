#include "server/rest/json_reader.h"

#include <set>
#include <utility>

#include "google/protobuf/util/json_util.h"
#include "server/rest/field_text.h"
#include "server/rest/http_binding.h"
#include "server/rest/json_scanner.h"
#include "server/rest/rest_error.h"

namespace auscult::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Kind = JsonScanner::Kind;

std::string Join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

bool IsObject(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !IsTextMessage(*field.message_type());
}

class JsonReader {
 public:
  JsonReader(std::string_view text, std::vector<std::string>* set_paths)
      : scanner_(text), set_paths_(set_paths) {}

  absl::Status Read(const std::string& path, Message& message) {
    if (absl::Status read = ReadMessage(path, "", 1, message); !read.ok()) return read;
    return ReadEnd();
  }

  absl::Status ReadField(const std::string& path, const FieldDescriptor& field, Message& message) {
    if (absl::Status read = ReadValue(path, field, "", 1, message); !read.ok()) return read;
    return ReadEnd();
  }

 private:
  absl::Status ReadEnd() { return scanner_.Peek() == Kind::kEnd ? absl::OkStatus() : NoJson(""); }

  absl::Status NoJson(const std::string& path) const {
    return Refuse({.reason = "BAD_JSON",
                   .message = "the body is no JSON at " + scanner_.Place(),
                   .remedy = "send what RFC 8259 describes",
                   .field = path});
  }

  absl::Status OtherKind(const std::string& path, const char* wanted) const {
    const std::string what = path.empty() ? "the body" : path;
    return Refuse({.reason = "BAD_VALUE",
                   .message = what + " at " + scanner_.Place() + " is of another kind",
                   .remedy = std::string("send ") + wanted,
                   .field = path});
  }

  absl::Status UnknownField(const std::string& path, const Descriptor& type) const {
    std::string known;
    for (int i = 0; i < type.field_count(); ++i) {
      if (i > 0) known += ", ";
      known += type.field(i)->json_name();
    }
    return Refuse({.reason = "UNKNOWN_FIELD",
                   .message = path + " at " + scanner_.Place() + " is no field of " + type.name(),
                   .remedy = known.empty() ? "it takes none" : "its fields are " + known,
                   .field = path});
  }

  void Note(const std::string& mask) {
    if (set_paths_ != nullptr && !mask.empty()) set_paths_->push_back(mask);
  }

  absl::Status ReadMessage(const std::string& path, const std::string& mask, int depth,
                           Message& message);
  absl::Status ReadMember(const std::string& path, const std::string& mask, int depth,
                          std::set<const FieldDescriptor*>& seen, Message& message);
  absl::Status ReadValue(const std::string& path, const FieldDescriptor& field,
                         const std::string& mask, int depth, Message& message);
  absl::Status ReadArray(const std::string& path, const FieldDescriptor& field, int depth,
                         Message& message);
  absl::Status ReadMap(const std::string& path, const FieldDescriptor& field, int depth,
                       Message& message);
  absl::Status ReadScalar(const std::string& path, const FieldDescriptor& field, Message& message);
  absl::Status ReadByLibrary(const std::string& path, int depth, Message& message);

  JsonScanner scanner_;
  std::vector<std::string>* set_paths_;
  std::string text_;  // of the scalar being read
};

// `mask` is the path of the message for set_paths; the first message has "", fields that must not
// stand in a mask have "-".
constexpr char kNoMask[] = "-";

absl::Status JsonReader::ReadMessage(const std::string& path, const std::string& mask, int depth,
                                     Message& message) {
  if (message.GetDescriptor()->well_known_type() != Descriptor::WELLKNOWNTYPE_UNSPECIFIED) {
    return ReadByLibrary(path, depth, message);
  }
  if (scanner_.Peek() != Kind::kObject) return OtherKind(path, "an object");
  if (depth > kMaxJsonDepth) {
    return Refuse({.reason = "TOO_DEEP",
                   .message = path + " is nested too deep",
                   .remedy = "nest at most " + std::to_string(kMaxJsonDepth) + " levels",
                   .field = path});
  }
  scanner_.Take('{');
  if (scanner_.Take('}')) return absl::OkStatus();
  std::set<const FieldDescriptor*> seen;
  do {
    if (absl::Status read = ReadMember(path, mask, depth, seen, message); !read.ok()) return read;
  } while (scanner_.Take(','));
  return scanner_.Take('}') ? absl::OkStatus() : NoJson(path);
}

absl::Status JsonReader::ReadMember(const std::string& path, const std::string& mask, int depth,
                                    std::set<const FieldDescriptor*>& seen, Message& message) {
  std::string name;
  if (!scanner_.TakeString(name)) return NoJson(path);
  const Descriptor& type = *message.GetDescriptor();
  const FieldDescriptor* field = FindField(type, name);
  if (field == nullptr) return UnknownField(Join(path, name), type);
  const std::string inner = Join(path, field->name());
  if (!scanner_.Take(':')) return NoJson(inner);
  const auto* oneof = field->real_containing_oneof();
  const bool taken = oneof != nullptr && message.GetReflection()->HasOneof(message, oneof);
  if (!seen.insert(field).second || (taken && scanner_.Peek() != Kind::kNull)) {
    return Refuse({.reason = "TWICE",
                   .message = inner + " is set twice, or beside another of which only one may be",
                   .remedy = "send it once",
                   .field = inner});
  }
  const bool masked = mask != kNoMask && !IsKeptByServer(*field);
  const std::string inner_mask = masked ? Join(mask, field->name()) : kNoMask;
  const bool is_null = scanner_.Peek() == Kind::kNull;
  if (masked && (is_null || field->is_repeated() || !IsObject(*field))) Note(inner_mask);
  return ReadValue(inner, *field, inner_mask, depth + 1, message);
}

absl::Status JsonReader::ReadValue(const std::string& path, const FieldDescriptor& field,
                                   const std::string& mask, int depth, Message& message) {
  const bool takes_null =
      field.message_type() != nullptr && !field.is_repeated() &&
      field.message_type()->well_known_type() == Descriptor::WELLKNOWNTYPE_VALUE;
  if (scanner_.Peek() == Kind::kNull && !takes_null) {
    return scanner_.TakeWord() ? absl::OkStatus() : NoJson(path);
  }
  if (field.is_map()) return ReadMap(path, field, depth, message);
  if (field.is_repeated()) return ReadArray(path, field, depth, message);
  if (!IsObject(field)) return ReadScalar(path, field, message);
  return ReadMessage(path, mask, depth, *message.GetReflection()->MutableMessage(&message, &field));
}

absl::Status JsonReader::ReadArray(const std::string& path, const FieldDescriptor& field, int depth,
                                   Message& message) {
  if (!scanner_.Take('[')) return OtherKind(path, "an array");
  if (scanner_.Take(']')) return absl::OkStatus();
  for (int i = 0;; ++i) {
    absl::Status read;
    if (IsObject(field)) {
      read = ReadMessage(path + "[" + std::to_string(i) + "]", kNoMask, depth + 1,
                         *message.GetReflection()->AddMessage(&message, &field));
    } else {
      read = ReadScalar(path, field, message);
    }
    if (!read.ok()) return read;
    if (!scanner_.Take(',')) break;
  }
  return scanner_.Take(']') ? absl::OkStatus() : NoJson(path);
}

absl::Status JsonReader::ReadMap(const std::string& path, const FieldDescriptor& field, int depth,
                                 Message& message) {
  if (!scanner_.Take('{')) return OtherKind(path, "an object");
  if (scanner_.Take('}')) return absl::OkStatus();
  const FieldDescriptor& value = *field.message_type()->map_value();
  std::set<std::string> seen;
  do {
    std::string key;
    if (!scanner_.TakeString(key) || !scanner_.Take(':')) return NoJson(path);
    const std::string inner = path + "[\"" + key + "\"]";
    if (!seen.insert(key).second || scanner_.Peek() == Kind::kNull) {
      return OtherKind(inner, "each key once, with a value");
    }
    Message& entry = *message.GetReflection()->AddMessage(&message, &field);
    absl::Status read = SetFieldFromText(entry, *field.message_type()->map_key(), key, inner);
    if (read.ok()) read = ReadValue(inner, value, kNoMask, depth + 1, entry);
    if (!read.ok()) return read;
  } while (scanner_.Take(','));
  return scanner_.Take('}') ? absl::OkStatus() : NoJson(path);
}

// What JSON writes as a string, a number or a word.
absl::Status JsonReader::ReadScalar(const std::string& path, const FieldDescriptor& field,
                                    Message& message) {
  const FieldDescriptor* kind = &field;
  if (field.message_type() != nullptr) {
    const FieldDescriptor* wrapped = field.message_type()->FindFieldByName("value");
    if (wrapped != nullptr) kind = wrapped;
  }
  const bool is_bool = kind->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
  const bool is_text = kind->cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
                       kind->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  const Kind next = scanner_.Peek();
  if (next == Kind::kString && !is_bool) {
    if (!scanner_.TakeString(text_)) return NoJson(path);
    return SetFieldFromText(message, field, text_, path);
  }
  if (next == Kind::kNumber && !is_bool && !is_text) {
    std::string_view number;
    if (!scanner_.TakeNumber(number)) return NoJson(path);
    return SetFieldFromText(message, field, number, path);
  }
  if (is_bool && (next == Kind::kTrue || next == Kind::kFalse)) {
    if (!scanner_.TakeWord()) return NoJson(path);
    return SetFieldFromText(message, field, next == Kind::kTrue ? "true" : "false", path);
  }
  if (next == Kind::kEnd || next == Kind::kNothing) return NoJson(path);
  return OtherKind(path, is_bool ? "true or false" : is_text ? "a string" : "a number");
}

// Any, Struct, Value and ListValue.
absl::Status JsonReader::ReadByLibrary(const std::string& path, int depth, Message& message) {
  std::string_view text;
  if (!scanner_.TakeValue(kMaxJsonDepth - depth, text)) return NoJson(path);
  const auto read = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(text.data(), text.size()), &message);
  return read.ok() ? absl::OkStatus() : OtherKind(path, "what its type has in JSON");
}

}  // namespace

absl::Status ReadJson(const JsonSource& source, Message& message,
                      std::vector<std::string>* set_paths) {
  return JsonReader(source.text, set_paths).Read(source.path, message);
}

absl::Status ReadFieldJson(const JsonSource& source, const FieldDescriptor& field, Message& message,
                           std::vector<std::string>* set_paths) {
  return JsonReader(source.text, set_paths).ReadField(source.path, field, message);
}

}  // namespace auscult::rest
