#include "cli/yaml_message.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/nearest_name.h"
#include "cli/yaml_scalar.h"
#include "cli/yaml_survey.h"
#include "google/api/field_behavior.pb.h"

namespace auscult::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

using FieldsSet = std::set<const FieldDescriptor*>;

constexpr size_t kMostProblems = 10;
// Aliases let a small file describe a huge tree.
constexpr int kMostNodes = 1'000'000;
constexpr int kDeepest = 64;

bool IsOutputOnly(const FieldDescriptor& field) {
  const auto& behaviours = field.options().GetRepeatedExtension(google::api::field_behavior);
  return std::find(behaviours.begin(), behaviours.end(), google::api::OUTPUT_ONLY) !=
         behaviours.end();
}

const FieldDescriptor* FindField(const Descriptor& type, const std::string& key) {
  const FieldDescriptor* field = type.FindFieldByName(key);
  return field != nullptr ? field : type.FindFieldByCamelcaseName(key);
}

std::string NameOfKind(const YAML::Node& node) {
  return node.IsMap()        ? "a map"
         : node.IsSequence() ? "a list"
         : node.IsNull()     ? "nothing"
                             : "a word";
}

class Reader {
 public:
  Reader(std::string file, FieldPositions& positions)
      : file_(std::move(file)), positions_(positions) {}

  absl::Status Read(const YAML::Node& root, Message& message) {
    ReadMessage(root, "", 0, message);
    if (problems_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n"));
  }

  void Problem(const YAML::Mark& mark, const std::string& what) {
    if (problems_.size() == kMostProblems) problems_.emplace_back("... and more");
    if (problems_.size() > kMostProblems) return;
    problems_.push_back(
        mark.is_null() ? absl::StrCat(file_, ": ", what)
                       : absl::StrCat(file_, ":", mark.line + 1, ":", mark.column + 1, ": ", what));
  }

 private:
  bool Enter(const YAML::Node& node, const std::string& path, int depth) {
    positions_.emplace(path, FilePosition{node.Mark().line + 1, node.Mark().column + 1});
    if (++nodes_ < kMostNodes && depth < kDeepest) return true;
    if (nodes_ == kMostNodes || depth == kDeepest) {
      Problem(node.Mark(), "the file describes too much; are its aliases nested?");
    }
    return false;
  }

  void ReadMessage(const YAML::Node& node, const std::string& path, int depth, Message& message) {
    if (!Enter(node, path, depth)) return;
    const Descriptor& type = *message.GetDescriptor();
    if (!node.IsMap()) {
      return Problem(node.Mark(),
                     absl::StrCat("expected the fields of ", type.name(),
                                  " as \"key: value\" lines, found ", NameOfKind(node)));
    }
    FieldsSet set;
    YAML::Node merged;
    for (const auto& item : node) {
      const std::string key = item.first.IsScalar() ? item.first.Scalar() : "";
      if (key == "<<") {
        merged.reset(item.second);
      } else {
        ReadItem(item.first, item.second, path, depth, set, message);
      }
    }
    if (merged.IsDefined() && !merged.IsNull()) Merge(merged, path, depth, set, message);
  }

  // What stands under "<<" fills the fields that were not given.
  void Merge(const YAML::Node& merged, const std::string& path, int depth, FieldsSet& set,
             Message& message) {
    if (merged.IsSequence()) {
      for (const auto& one : merged) Merge(one, path, depth, set, message);
      return;
    }
    if (!Enter(merged, path, depth)) return;
    if (!merged.IsMap()) return Problem(merged.Mark(), "\"<<\" takes an alias of a map");
    const FieldsSet before = set;
    for (const auto& item : merged) {
      const FieldDescriptor* field =
          FindField(*message.GetDescriptor(), item.first.IsScalar() ? item.first.Scalar() : "");
      if (field != nullptr && before.contains(field)) continue;
      ReadItem(item.first, item.second, path, depth, set, message);
    }
  }

  void ReadItem(const YAML::Node& name, const YAML::Node& value, const std::string& path, int depth,
                FieldsSet& set, Message& message) {
    const std::string key = name.IsScalar() ? name.Scalar() : "";
    const FieldDescriptor* field = FindField(*message.GetDescriptor(), key);
    if (field == nullptr) {
      Problem(name.Mark(), UnknownKey(*message.GetDescriptor(), key));
    } else if (!set.insert(field).second) {
      Problem(name.Mark(), absl::StrCat("\"", key, "\" stands twice"));
    } else if (IsOutputOnly(*field)) {
      Problem(name.Mark(), absl::StrCat("\"", key, "\" is set by the server; leave it out"));
    } else if (const FieldDescriptor* other = SetInSameOneof(message, *field)) {
      Problem(name.Mark(), absl::StrCat("\"", key, "\" cannot stand beside \"", other->name(),
                                        "\"; keep one of them"));
    } else {
      ReadField(value, path.empty() ? field->name() : absl::StrCat(path, ".", field->name()), depth,
                *field, message);
    }
  }

  static const FieldDescriptor* SetInSameOneof(const Message& message,
                                               const FieldDescriptor& field) {
    const auto* oneof = field.real_containing_oneof();
    return oneof == nullptr ? nullptr
                            : message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
  }

  static std::string UnknownKey(const Descriptor& type, const std::string& key) {
    std::vector<std::string> known;
    for (int i = 0; i < type.field_count(); ++i) {
      if (!IsOutputOnly(*type.field(i))) known.push_back(type.field(i)->name());
    }
    const std::string nearest = NearestName(key, known);
    return absl::StrCat("unknown key \"", key, "\"",
                        nearest.empty()
                            ? absl::StrCat("; ", type.name(), " has ", absl::StrJoin(known, ", "))
                            : absl::StrCat("; did you mean \"", nearest, "\"?"));
  }

  void ReadField(const YAML::Node& node, const std::string& path, int depth,
                 const FieldDescriptor& field, Message& message) {
    if (field.is_map()) return ReadMap(node, path, depth, field, message);
    if (!field.is_repeated()) return ReadValue(node, path, depth, field, message);
    if (!Enter(node, path, depth)) return;
    if (!node.IsSequence()) {
      return Problem(node.Mark(), absl::StrCat("\"", field.name(),
                                               "\" is a list; write its entries "
                                               "on lines that begin with \"- \""));
    }
    for (size_t i = 0; i < node.size(); ++i) {
      ReadValue(node[i], absl::StrCat(path, "[", i, "]"), depth, field, message);
    }
  }

  void ReadMap(const YAML::Node& node, const std::string& path, int depth,
               const FieldDescriptor& field, Message& message) {
    if (!Enter(node, path, depth)) return;
    if (!node.IsMap()) {
      return Problem(node.Mark(),
                     absl::StrCat("\"", field.name(), "\" takes \"key: value\" lines"));
    }
    const FieldDescriptor& key_field = *field.message_type()->map_key();
    const FieldDescriptor& value_field = *field.message_type()->map_value();
    for (const auto& item : node) {
      Message* entry = message.GetReflection()->AddMessage(&message, &field);
      ReadValue(item.first, path, depth, key_field, *entry);
      const std::string key = item.first.IsScalar() ? item.first.Scalar() : "";
      ReadValue(item.second, absl::StrCat(path, ".", key), depth, value_field, *entry);
    }
  }

  // One value: sets a singular field, adds to a repeated one.
  void ReadValue(const YAML::Node& node, const std::string& path, int depth,
                 const FieldDescriptor& field, Message& message) {
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (is_message && !IsWellKnownTime(*field.message_type())) {
      const auto* reflection = message.GetReflection();
      return ReadMessage(node, path, depth + 1,
                         field.is_repeated() ? *reflection->AddMessage(&message, &field)
                                             : *reflection->MutableMessage(&message, &field));
    }
    if (!Enter(node, path, depth)) return;
    if (!node.IsScalar()) {
      return Problem(node.Mark(), absl::StrCat("\"", field.name(), "\" takes one value, found ",
                                               NameOfKind(node)));
    }
    const bool quoted = node.Tag() == "!";
    const std::string problem = SetScalar({node.Scalar(), quoted}, field, message);
    if (!problem.empty()) {
      Problem(node.Mark(), absl::StrCat("\"", field.name(), "\": ", problem));
    }
  }

  const std::string file_;
  FieldPositions& positions_;
  std::vector<std::string> problems_;
  int nodes_ = 0;
};

}  // namespace

absl::Status ParseYamlMessage(std::string_view text, const std::string& file, Message& message,
                              FieldPositions& positions) {
  Reader reader(file, positions);
  try {
    const std::string whole(text);
    const YamlSurvey survey = SurveyYaml(whole);
    if (survey.second_document) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ":", survey.second_document->line,
                       ":1: a second document begins here; put each into a file of its own"));
    }
    const YAML::Node document = YAML::Load(whole);
    if (document.IsNull()) {
      return absl::InvalidArgumentError(absl::StrCat(file, ": the file is empty"));
    }
    return reader.Read(document, message);
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":", error.mark.line + 1, ":", error.mark.column + 1, ": ", error.msg));
  }
}

FilePosition PositionOf(const FieldPositions& positions, std::string_view path) {
  while (true) {
    const auto found = positions.find(path);
    if (found != positions.end()) return found->second;
    const size_t cut = path.find_last_of(".[");
    if (path.empty()) return {};
    path = cut == std::string_view::npos ? std::string_view() : path.substr(0, cut);
  }
}

}  // namespace auscult::cli
