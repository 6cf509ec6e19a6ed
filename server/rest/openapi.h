#pragma once

#include <string>

namespace auscult::rest {

// The API as OpenAPI 3.1, made from the descriptors of the contract and its comments: a path for
// every binding, the schemas of every message, streams, other media types, errors.
std::string OpenApiDocument();

}  // namespace auscult::rest
