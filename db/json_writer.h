#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace auscult::db {

// Writes a JSON text piece by piece, in the order of the calls: several times as fast as a tree
// that is built to be dumped, for what is written with every record. Names of members are constants
// of the program that need no escapes. The caller closes what it opens.
class JsonWriter {
 public:
  void OpenObject() { Open('{'); }
  void CloseObject() { Close('}'); }
  void OpenArray() { Open('['); }
  void CloseArray() { Close(']'); }
  void Name(std::string_view name);  // of the member whose value is next
  void Number(float value);          // finite; its shortest form that comes back the same
  void Bool(bool value);
  // Any bytes: what is no UTF-8 becomes U+FFFD.
  void Text(std::string_view value);
  std::string Finish() { return std::move(json_); }

 private:
  void Open(char bracket);
  void Close(char bracket);
  void Separate();
  void AppendEscaped(std::string_view value);
  std::string json_;
  bool first_ = true;  // no comma before what comes next
};

}  // namespace auscult::db
