#include "server/rest/entity_tag.h"

#include <xxhash.h>

#include <cstdint>

namespace auscult::rest {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Without the mark of weakness and the quotes.
std::string_view Opaque(std::string_view tag) {
  tag = Trim(tag);
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.starts_with('"')) tag.remove_prefix(1);
  if (tag.ends_with('"')) tag.remove_suffix(1);
  return tag;
}

std::string Hex(uint64_t number) {
  std::string text(16, '0');
  for (size_t i = text.size(); i-- > 0; number >>= 4) text[i] = "0123456789abcdef"[number & 15];
  return text;
}

std::string EtagOf(const Message& answer) {
  const FieldDescriptor* field = answer.GetDescriptor()->FindFieldByName("etag");
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return "";
  }
  return std::string(Opaque(answer.GetReflection()->GetString(answer, field)));
}

}  // namespace

std::string EntityTag(const Message& answer, std::string_view content) {
  const std::string etag = EtagOf(answer);
  const std::string hash = Hex(XXH3_64bits(content.data(), content.size()));
  return '"' + (etag.empty() ? hash : etag + '.' + hash) + '"';
}

bool MatchesAny(std::string_view if_none_match, std::string_view entity_tag) {
  while (!if_none_match.empty()) {
    const std::string_view one = if_none_match.substr(0, if_none_match.find(','));
    if_none_match.remove_prefix(one.size() < if_none_match.size() ? one.size() + 1 : one.size());
    if (Trim(one) == "*" || (!Opaque(one).empty() && Opaque(one) == Opaque(entity_tag)))
      return true;
  }
  return false;
}

std::string ResourceEtag(std::string_view if_match) {
  const std::string_view opaque = Opaque(if_match);
  return std::string(opaque.substr(0, opaque.find('.')));
}

}  // namespace auscult::rest
