#pragma once

#include <string>

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace auscult::cli {

// A word of a YAML file.
struct YamlWord {
  std::string text;
  bool quoted = false;  // then it is text and nothing else
};

// True for google.protobuf.Timestamp and Duration, which are written as one word.
bool IsWellKnownTime(const google::protobuf::Descriptor& type);

// Sets a singular scalar, enum or time field of `message`, or adds to a repeated one. Gives "", or
// what is wrong and what the field takes.
std::string SetScalar(const YamlWord& word, const google::protobuf::FieldDescriptor& field,
                      google::protobuf::Message& message);

}  // namespace auscult::cli
