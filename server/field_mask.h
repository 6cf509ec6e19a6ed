#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace auscult::server {

// True for what a caller cannot set: fields annotated OUTPUT_ONLY or IDENTIFIER, and the etag.
bool IsKeptByServer(const google::protobuf::FieldDescriptor& field);

// Copies from `sent` to `current` (of one type) what `mask` names. A path replaces what stood
// there, whole lists and messages included; a path that `sent` leaves unset clears it. An empty
// mask stands for every field that is set in `sent`, "*" for all fields. Paths of fields that the
// server keeps are passed over. INVALID_ARGUMENT (UNKNOWN_PATH) for a path that does not exist.
absl::Status ApplyUpdate(const google::protobuf::Message& sent,
                         const google::protobuf::FieldMask& mask,
                         google::protobuf::Message& current);

}  // namespace auscult::server
