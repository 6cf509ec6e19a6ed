#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace auscult::cli {

// A message as JSON with the field names of the .proto files, over several lines.
std::string MessageJson(const google::protobuf::Message& message);

// The same without line breaks, for streams of messages.
std::string MessageJsonLine(const google::protobuf::Message& message);

}  // namespace auscult::cli
