#pragma once

namespace auscult::server {

// Set by the build from the version of the project.
inline constexpr char kVersion[] = AUSCULT_VERSION;

}  // namespace auscult::server
