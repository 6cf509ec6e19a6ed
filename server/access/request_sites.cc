#include "server/access/request_sites.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "absl/strings/str_cat.h"

namespace auscult::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::string_view kSites = "sites/";

// Fields in which people write what they like.
constexpr std::array<std::string_view, 12> kWords = {
    "description", "comment",    "display_name", "note",    "text",       "actor",
    "assignee",    "work_order", "finding_text", "summary", "page_token", "query"};

// The fields of a type in which names may stand.
struct Fields {
  std::vector<const FieldDescriptor*> texts, messages;
};

bool MayHoldNames(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_STRING &&
         std::ranges::find(kWords, field.name()) == kWords.end();
}

bool HasFieldsThatMay(const Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->message_type() != nullptr || MayHoldNames(*type.field(i))) return true;
  }
  return false;
}

std::unique_ptr<const Fields> FieldsWithNames(const Descriptor& type) {
  auto fields = std::make_unique<Fields>();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (MayHoldNames(*field)) fields->texts.push_back(field);
    const Descriptor* inner = field->message_type();
    if (inner != nullptr && HasFieldsThatMay(*inner)) fields->messages.push_back(field);
  }
  return fields;
}

// Looked up once for each type.
const Fields& FieldsOf(const Descriptor& type) {
  static std::shared_mutex mutex;
  static auto& known = *new std::unordered_map<const Descriptor*, std::unique_ptr<const Fields>>();
  {
    const std::shared_lock lock(mutex);
    if (const auto found = known.find(&type); found != known.end()) return *found->second;
  }
  const std::unique_lock lock(mutex);
  auto& fields = known[&type];
  if (fields == nullptr) fields = FieldsWithNames(type);
  return *fields;
}

// One step on the way from a message to a text.
struct Step {
  const FieldDescriptor* field;
  int index;  // -1: not repeated
};
using Path = std::vector<Step>;
using VisitText = std::function<bool(const std::string& text, const Path& path)>;

bool Walk(const Message& message, Path& path, const VisitText& visit) {
  const Reflection& reflection = *message.GetReflection();
  const Fields& fields = FieldsOf(*message.GetDescriptor());
  std::string scratch;
  for (const FieldDescriptor* field : fields.texts) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      path.push_back({field, field->is_repeated() ? i : -1});
      const std::string& text =
          field->is_repeated() ? reflection.GetRepeatedStringReference(message, field, i, &scratch)
                               : reflection.GetStringReference(message, field, &scratch);
      if (!visit(text, path)) return false;
      path.pop_back();
    }
  }
  for (const FieldDescriptor* field : fields.messages) {
    const bool repeated = field->is_repeated();
    const int count = repeated ? reflection.FieldSize(message, field)
                               : static_cast<int>(reflection.HasField(message, field));
    for (int i = 0; i < count; ++i) {
      path.push_back({field, repeated ? i : -1});
      const Message& inner = repeated ? reflection.GetRepeatedMessage(message, field, i)
                                      : reflection.GetMessage(message, field);
      if (!Walk(inner, path, visit)) return false;
      path.pop_back();
    }
  }
  return true;
}

std::string TextOf(const Path& path) {
  std::string text;
  for (const Step& step : path) {
    absl::StrAppend(&text, text.empty() ? "" : ".", step.field->name());
    if (step.index >= 0) absl::StrAppend(&text, "[", step.index, "]");
  }
  return text;
}

bool MayBeShown(const Caller& caller, v1::Role role, const Message& item) {
  bool shown = true;
  VisitNames(item, [&](const NamedResource& resource) {
    shown = Holds(caller, role, resource.site);
    return shown;
  });
  return shown;
}

}  // namespace

std::string_view SiteOf(std::string_view name) {
  if (!name.starts_with(kSites)) return {};
  name.remove_prefix(kSites.size());
  return name.substr(0, name.find('/'));
}

void VisitNames(const Message& message, const std::function<bool(const NamedResource&)>& visit) {
  Path path;
  Walk(message, path, [&](const std::string& text, const Path&) {
    return !text.starts_with(kSites) || visit({.name = text, .site = SiteOf(text)});
  });
}

std::string FieldOfName(const Message& message, std::string_view name) {
  std::string field;
  Path path;
  Walk(message, path, [&](const std::string& text, const Path& way) {
    if (text != name) return true;
    field = TextOf(way);
    return false;
  });
  return field;
}

void KeepVisible(const Caller& caller, v1::Role role, Message& answer) {
  if (Holds(caller, role, "")) return;
  const Reflection& reflection = *answer.GetReflection();
  for (const FieldDescriptor* field : FieldsOf(*answer.GetDescriptor()).messages) {
    if (!field->is_repeated() || field->is_map()) continue;
    const int count = reflection.FieldSize(answer, field);
    int kept = 0;
    for (int i = 0; i < count; ++i) {
      if (!MayBeShown(caller, role, reflection.GetRepeatedMessage(answer, field, i))) continue;
      if (kept != i) reflection.SwapElements(&answer, field, kept, i);
      ++kept;
    }
    for (int i = kept; i < count; ++i) reflection.RemoveLast(&answer, field);
  }
}

}  // namespace auscult::server
