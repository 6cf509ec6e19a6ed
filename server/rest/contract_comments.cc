#include "server/rest/contract_comments.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <regex>
#include <string_view>
#include <utility>

#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/descriptor_database.h"
#include "server/rest/contract.h"

namespace auscult::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using google::protobuf::SimpleDescriptorDatabase;
using google::protobuf::SourceLocation;

// The descriptors that are linked in have lost their comments; these keep them.
const DescriptorPool& CommentedPool() {
  static const DescriptorPool& commented = []() -> const DescriptorPool& {
    static SimpleDescriptorDatabase database;
    static DescriptorPool pool(&database);
    FileDescriptorSet set;
    const std::string_view octets = DescriptorSetWithComments();
    set.ParseFromArray(octets.data(), static_cast<int>(octets.size()));
    for (const FileDescriptorProto& file : set.file()) database.Add(file);
    return pool;
  }();
  return commented;
}

// One line, without the paragraphs that google's files set apart.
std::string OneLine(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\n' || c == '\t';
    if (!is_space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

template <typename Described>
std::string CommentAt(const Described* described) {
  SourceLocation location;
  if (described == nullptr || !described->GetSourceLocation(&location)) return "";
  return OneLine(location.leading_comments + " " + location.trailing_comments);
}

double ParseCount(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ','), text.end());
  return std::strtod(text.c_str(), nullptr);
}

}  // namespace

std::string CommentOf(const Descriptor& type) {
  return CommentAt(CommentedPool().FindMessageTypeByName(type.full_name()));
}
std::string CommentOf(const FieldDescriptor& field) {
  return CommentAt(CommentedPool().FindFieldByName(field.full_name()));
}
std::string CommentOf(const EnumDescriptor& type) {
  return CommentAt(CommentedPool().FindEnumTypeByName(type.full_name()));
}
std::string CommentOf(const EnumValueDescriptor& value) {
  return CommentAt(CommentedPool().FindEnumValueByName(value.full_name()));
}
std::string CommentOf(const ServiceDescriptor& service) {
  return CommentAt(CommentedPool().FindServiceByName(service.full_name()));
}
std::string CommentOf(const MethodDescriptor& method) {
  return CommentAt(CommentedPool().FindMethodByName(method.full_name()));
}

std::optional<std::string> ExampleIn(const std::string& comment) {
  const size_t first = comment.find('"');
  if (first == std::string::npos) return std::nullopt;
  const size_t end = comment.find('"', first + 1);
  if (end == std::string::npos) return std::nullopt;
  return comment.substr(first + 1, end - first - 1);
}

CommentRange RangeIn(const std::string& comment) {
  static const std::regex both(
      R"((?:^|, )(\d[\d,]*)(?: \([a-z ]+\))? to (\d[\d,]*)(?: \([a-z ]+\))?(?:[.,;]|$| of | samples))");
  static const std::regex most(R"(^At most (\d[\d,]*)\.)");
  std::smatch found;
  if (std::regex_search(comment, found, both)) return {ParseCount(found[1]), ParseCount(found[2])};
  if (std::regex_search(comment, found, most)) return {std::nullopt, ParseCount(found[1])};
  return {};
}

std::string UnitOf(const FieldDescriptor& field) {
  static const std::pair<std::string_view, const char*> units[] = {
      {"_mm_s", "mm/s"},      {"_hz", "Hz"},   {"_rpm", "1/min"}, {"_kw", "kW"},
      {"_mm", "mm"},          {"_deg", "deg"}, {"_percent", "%"}, {"_bytes", "B"},
      {"_days", "d"},         {"_us", "us"},   {"_s", "s"},       {"_per_second", "1/s"},
      {"_per_week", "1/week"}};
  for (const auto& [ending, unit] : units) {
    if (field.name().ends_with(ending)) return unit;
  }
  return "";
}

}  // namespace auscult::rest
