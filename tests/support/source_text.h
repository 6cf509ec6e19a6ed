#pragma once

#include <string>
#include <vector>

namespace auscult {

// What stands between the quotes or angle brackets of each #include.
std::vector<std::string> IncludesOf(const std::string& cpp);

struct FunctionSize {
  int first_line = 0;  // of the line with the opening brace, from 1
  int lines = 0;       // opening to closing brace, both counted
};

// The function bodies of a C++ file, found by braces: a block that follows a closing parenthesis at
// namespace or class level. Lambdas belong to the function around them. Good enough for formatted
// code without macros that hide braces.
std::vector<FunctionSize> FunctionsOf(const std::string& cpp);

}  // namespace auscult
