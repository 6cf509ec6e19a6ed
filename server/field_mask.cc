#include "server/field_mask.h"

#include <string>
#include <vector>

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/field_mask_util.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/names.h"

namespace auscult::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::util::FieldMaskUtil;

void AddFields(const Descriptor& type, FieldMask& mask) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (!IsKeptByServer(*type.field(i))) mask.add_paths(type.field(i)->name());
  }
}

// Down to the single fields: setting one number of the machine must not clear the others.
void AddSetFields(const Message& message, const std::string& prefix, FieldMask& mask) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsKeptByServer(*field)) continue;
    const std::string path = prefix + field->name();
    if (!field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      AddSetFields(message.GetReflection()->GetMessage(message, field), path + ".", mask);
    } else {
      mask.add_paths(path);
    }
  }
}

absl::Status UnknownPath(const std::string& path, const Descriptor& type) {
  std::string known;
  for (int i = 0; i < type.field_count(); ++i) {
    if (!IsKeptByServer(*type.field(i))) {
      known += Concat(known.empty() ? "" : ", ", type.field(i)->name());
    }
  }
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      {.reason = "UNKNOWN_PATH",
       .message = Concat("update_mask names ", Quoted(path), ", which is no field that can be set"),
       .remedy =
           Concat("use paths of ", type.name(), ": ", known, " or parts of them; \"*\" for all"),
       .field = "update_mask"});
}

}  // namespace

bool IsKeptByServer(const FieldDescriptor& field) {
  if (field.name() == "etag") return true;
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    const int behaviour = options.GetExtension(google::api::field_behavior, i);
    if (behaviour == google::api::OUTPUT_ONLY || behaviour == google::api::IDENTIFIER) return true;
  }
  return false;
}

absl::Status ApplyUpdate(const Message& sent, const FieldMask& mask, Message& current) {
  const Descriptor& type = *sent.GetDescriptor();
  FieldMask wanted;
  if (mask.paths().empty()) AddSetFields(sent, "", wanted);
  for (const std::string& path : mask.paths()) {
    if (path == "*") {
      AddFields(type, wanted);
      continue;
    }
    std::vector<const FieldDescriptor*> fields;
    // The library passes over empty steps.
    const bool whole =
        !path.starts_with('.') && !path.ends_with('.') && path.find("..") == std::string::npos;
    if (!whole || !FieldMaskUtil::GetFieldDescriptors(&type, path, &fields) || fields.empty()) {
      return UnknownPath(path, type);
    }
    if (!IsKeptByServer(*fields.front())) wanted.add_paths(path);
  }
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(sent, wanted, options, &current);
  return absl::OkStatus();
}

}  // namespace auscult::server
