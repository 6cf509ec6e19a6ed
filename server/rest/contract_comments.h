#pragma once

#include <optional>
#include <string>

#include "google/protobuf/descriptor.h"

namespace auscult::rest {

// What the contract's files say in their comments, without line breaks; empty where they say
// nothing. Thread-safe.
std::string CommentOf(const google::protobuf::Descriptor& type);
std::string CommentOf(const google::protobuf::FieldDescriptor& field);
std::string CommentOf(const google::protobuf::EnumDescriptor& type);
std::string CommentOf(const google::protobuf::EnumValueDescriptor& value);
std::string CommentOf(const google::protobuf::ServiceDescriptor& service);
std::string CommentOf(const google::protobuf::MethodDescriptor& method);

// The first text in double quotes: "sites/hamburg" of a comment that gives it as an example.
std::optional<std::string> ExampleIn(const std::string& comment);

// A range that a comment begins with or names behind a comma: "0 to 1", "1 to 16", "At most 1,000".
struct CommentRange {
  std::optional<double> smallest;
  std::optional<double> largest;
};
CommentRange RangeIn(const std::string& comment);

// The unit that stands last in a field's name: "Hz" of sample_rate_hz; empty: none.
std::string UnitOf(const google::protobuf::FieldDescriptor& field);

}  // namespace auscult::rest
