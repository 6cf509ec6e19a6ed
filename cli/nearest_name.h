#pragma once

#include <span>
#include <string>
#include <string_view>

namespace auscult::cli {

// The one of `known` that a person who typed `text` most likely meant: within a third of its length
// in edits (insert, delete, replace, swap of neighbours), ignoring case. "" where none is near.
std::string NearestName(std::string_view text, std::span<const std::string> known);

}  // namespace auscult::cli
