#include "server/rest/media_type.h"

#include <charconv>

namespace auscult::rest {
namespace {

struct Range {
  std::string type;  // "text/*"
  double quality = 1;
};

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view NextPart(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(part.size() < text.size() ? part.size() + 1 : part.size());
  return Trim(part);
}

Range ParseRange(std::string_view text) {
  Range range;
  range.type = MediaTypeOf(NextPart(text, ';'));
  while (!text.empty()) {
    const std::string_view parameter = NextPart(text, ';');
    if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
    const char* last = parameter.data() + parameter.size();
    if (std::from_chars(parameter.data() + 2, last, range.quality).ec != std::errc()) {
      range.quality = 0;
    }
  }
  return range;
}

std::vector<Range> ParseAccept(std::string_view accept) {
  std::vector<Range> ranges;
  while (!accept.empty()) {
    const std::string_view part = NextPart(accept, ',');
    if (!part.empty()) ranges.push_back(ParseRange(part));
  }
  if (ranges.empty()) ranges.push_back({"*/*", 1});
  return ranges;
}

// 3: the type itself, 2: its kind, 1: anything, 0: not taken.
int Closeness(const std::string& range, std::string_view type) {
  if (range == type) return 3;
  if (range == "*/*") return 1;
  if (!range.ends_with("/*")) return 0;
  return type.starts_with(std::string_view(range).substr(0, range.size() - 1)) ? 2 : 0;
}

}  // namespace

std::string MediaTypeOf(std::string_view content_type) {
  std::string type(Trim(content_type.substr(0, content_type.find(';'))));
  for (char& c : type) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return type;
}

std::optional<std::string> ChooseMediaType(std::string_view accept,
                                           const std::vector<std::string>& offered) {
  const std::vector<Range> ranges = ParseAccept(accept);
  std::optional<std::string> best;
  double best_quality = 0;
  for (const std::string& type : offered) {
    int closest = 0;
    double quality = 0;
    for (const Range& range : ranges) {
      const int closeness = Closeness(range.type, type);
      if (closeness <= closest) continue;
      closest = closeness;
      quality = range.quality;
    }
    if (quality <= best_quality) continue;
    best_quality = quality;
    best = type;
  }
  return best;
}

bool NamesMediaType(std::string_view accept, std::string_view type) {
  for (const Range& range : ParseAccept(accept)) {
    if (range.type == type && range.quality > 0) return true;
  }
  return false;
}

}  // namespace auscult::rest
