#include "cli/message_json.h"

#include <google/protobuf/util/json_util.h>

namespace auscult::cli {

namespace {

std::string JsonOf(const google::protobuf::Message& message, bool over_lines) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = over_lines;
  options.preserve_proto_field_names = true;
  std::string json;
  // Fails only for an Any of an unknown type, of which the API sends none.
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

}  // namespace

std::string MessageJson(const google::protobuf::Message& message) {
  std::string json = JsonOf(message, true);
  if (json.empty() || json.back() != '\n') json += '\n';
  return json;
}

std::string MessageJsonLine(const google::protobuf::Message& message) {
  return JsonOf(message, false);
}

}  // namespace auscult::cli
