#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace auscult::server {

// What a person would have to type to get from `before` to `after` (of one type), one line a field:
// "machine.rated_power_kw: 30 -> 37", "machine.gears[1]: none -> {position: "low speed" teeth:
// 81}". Fields that the server keeps are passed over. Empty when there is nothing to do.
std::vector<std::string> Differences(const google::protobuf::Message& before,
                                     const google::protobuf::Message& after);

}  // namespace auscult::server
