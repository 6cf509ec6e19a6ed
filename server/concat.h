#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace auscult::server {

// Abseil as Debian builds it has a string_view of its own, which std::string_view does not convert
// to.
inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

template <typename Part>
decltype(auto) ToAlphaNum(const Part& part) {
  if constexpr (std::is_convertible_v<Part, absl::AlphaNum>) {
    return (part);
  } else {
    return ToAbsl(part);
  }
}

// absl::StrCat that takes std::string_view too.
template <typename... Parts>
std::string Concat(const Parts&... parts) {
  return absl::StrCat(ToAlphaNum(parts)...);
}

}  // namespace auscult::server
