#pragma once

#include <functional>
#include <string>

#include "auscult/v1/rescore_service.pb.h"

namespace auscult::faults {

// Starts a re-scoring of everything at the server of that address; its name.
std::string StartRescore(const std::string& address);

// The re-scoring as that server knows it, once it is done or after a minute; `meanwhile` is called
// again and again.
v1::Rescore AwaitRescore(
    const std::string& address, const std::string& name,
    const std::function<void()>& meanwhile = [] {});

}  // namespace auscult::faults
