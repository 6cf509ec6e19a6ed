#include "server/message_diff.h"

#include <algorithm>

#include "google/protobuf/text_format.h"
#include "server/concat.h"
#include "server/field_mask.h"

namespace auscult::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

constexpr int kWhole = -1;  // index of a field that is not repeated

std::string ValueText(const Message& message, const FieldDescriptor* field, int index) {
  TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintFieldValueToString(message, field, index, &text);
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return text;
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return Concat("{", text, "}");
}

class Comparison {
 public:
  void Compare(const Message& before, const Message& after, const std::string& prefix) {
    const google::protobuf::Descriptor& type = *before.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* field = type.field(i);
      if (IsKeptByServer(*field)) continue;
      const std::string path = prefix + field->name();
      if (field->is_repeated()) {
        CompareList(before, after, field, path);
      } else {
        CompareOne(before, after, field, path);
      }
    }
  }
  std::vector<std::string> lines;

 private:
  void CompareOne(const Message& before, const Message& after, const FieldDescriptor* field,
                  const std::string& path) {
    const bool had = !field->has_presence() || before.GetReflection()->HasField(before, field);
    const bool has = !field->has_presence() || after.GetReflection()->HasField(after, field);
    if (had && has && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Compare(before.GetReflection()->GetMessage(before, field),
              after.GetReflection()->GetMessage(after, field), path + ".");
      return;
    }
    Note(path, had ? ValueText(before, field, kWhole) : "none",
         has ? ValueText(after, field, kWhole) : "none");
  }

  void CompareList(const Message& before, const Message& after, const FieldDescriptor* field,
                   const std::string& path) {
    const int old_size = before.GetReflection()->FieldSize(before, field);
    const int new_size = after.GetReflection()->FieldSize(after, field);
    for (int i = 0; i < std::max(old_size, new_size); ++i) {
      const std::string element = Concat(path, "[", i, "]");
      if (i < old_size && i < new_size && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Compare(before.GetReflection()->GetRepeatedMessage(before, field, i),
                after.GetReflection()->GetRepeatedMessage(after, field, i), element + ".");
      } else {
        Note(element, i < old_size ? ValueText(before, field, i) : "none",
             i < new_size ? ValueText(after, field, i) : "none");
      }
    }
  }

  void Note(const std::string& path, const std::string& old_text, const std::string& new_text) {
    if (old_text != new_text) lines.push_back(Concat(path, ": ", old_text, " -> ", new_text));
  }
};

}  // namespace

std::vector<std::string> Differences(const Message& before, const Message& after) {
  Comparison comparison;
  comparison.Compare(before, after, "");
  return std::move(comparison.lines);
}

}  // namespace auscult::server
