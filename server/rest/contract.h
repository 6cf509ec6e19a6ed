#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "server/rest/route_table.h"

namespace auscult::rest {

// The files of the contract that hold services, linked in. Written by CMake from what stands in
// proto/: a new file of services comes by itself.
std::vector<const google::protobuf::FileDescriptor*> ServiceFiles();

// google.protobuf.FileDescriptorSet of the contract with its comments, serialised.
std::string_view DescriptorSetWithComments();

// Adds every binding of every RPC.
absl::Status AddRoutes(RouteTable& routes);

}  // namespace auscult::rest
