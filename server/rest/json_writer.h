#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/message.h"

namespace auscult::rest {

// Appends the message as proto3 JSON with the defaults of protobuf's json_util: camelCase names,
// fields at their default left out, int64 as strings, bytes as base64, NaN and infinities as
// strings. Numbers have the fewest digits that read back as the same; map entries are sorted by
// key. Any whose type is not linked in keeps its octets as base64.
void AppendJson(const google::protobuf::Message& message, std::string& json);

// As a JSON array or value, of one field that is set or not.
void AppendFieldJson(const google::protobuf::Message& message,
                     const google::protobuf::FieldDescriptor& field, std::string& json);

// With its quotes. `text` is UTF-8.
void AppendJsonString(std::string_view text, std::string& json);

}  // namespace auscult::rest
