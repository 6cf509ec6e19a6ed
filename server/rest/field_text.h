#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace auscult::rest {

// Sets (of a repeated field: appends) what a text of a path or query says: a number, true or false,
// the name or number of an enum value, base64, RFC 3339, "1.5s", a field mask, or the value of a
// wrapper. `where` names the field in errors. INVALID_ARGUMENT that says what is allowed; maps and
// other messages are refused.
absl::Status SetFieldFromText(google::protobuf::Message& message,
                              const google::protobuf::FieldDescriptor& field, std::string_view text,
                              const std::string& where);

// The well-known types and wrappers that JSON writes as one string or number.
bool IsTextMessage(const google::protobuf::Descriptor& type);

// Sets a Timestamp, Duration or FieldMask from the string that JSON has for it. False where it says
// none.
bool SetWellKnownFromText(google::protobuf::Message& message, const std::string& text);

// Numbers as JSON and queries write them, whole text or false. Reals also "NaN" and "Infinity" as
// JSON spells them; integers also "1e3" and "2.0".
bool ParseReal(std::string_view text, double& value);
template <typename Integer>
bool ParseInteger(std::string_view text, Integer& value);

// Standard or URL-safe, padded or not.
bool ParseBase64(std::string_view text, std::string& octets);

// "A, B or C": the values that the enum has, for people.
std::string NamesOf(const google::protobuf::EnumDescriptor& type);

}  // namespace auscult::rest
