#pragma once

#include <string>
#include <string_view>

namespace auscult::server {

// What people may see of a libpq URI or conninfo string: any password in it, as URI user part, URI
// query parameter or `password=` keyword, is replaced by three asterisks. Text that is neither is
// returned as it is.
std::string WithoutPassword(std::string_view conninfo);

// True if WithoutPassword changes anything.
bool HoldsPassword(std::string_view conninfo);

// `text` as a value of a conninfo string, quoted.
std::string ConninfoValue(std::string_view text);

}  // namespace auscult::server
