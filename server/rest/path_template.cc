#include "server/rest/path_template.h"

#include <utility>

#include "absl/status/status.h"
#include "server/rest/percent_code.h"

namespace auscult::rest {
namespace {

// Reads a template from left to right.
class TemplateParser {
 public:
  explicit TemplateParser(std::string_view text) : text_(text), rest_(text) {}

  absl::StatusOr<PathTemplate> Parse() {
    if (!Take('/')) return Fault("does not begin with '/'");
    do {
      const absl::Status segment = Peek() == '{' ? ParseVariable() : ParseSegment();
      if (!segment.ok()) return segment;
    } while (Take('/'));
    if (Take(':')) {
      template_.verb = std::string(rest_);
      if (rest_.empty() || rest_.find_first_of("/{}*:") != std::string_view::npos) {
        return Fault("has no verb behind ':'");
      }
      rest_ = {};
    }
    if (!rest_.empty()) return Fault("ends in what cannot be read");
    for (size_t i = 0; i + 1 < template_.segments.size(); ++i) {
      if (template_.segments[i].kind == PathTemplate::Kind::kRest) {
        return Fault("has ** before its end");
      }
    }
    return std::move(template_);
  }

 private:
  absl::Status Fault(const char* what) const {
    return absl::InvalidArgumentError("path template " + std::string(text_) + " " + what);
  }

  char Peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool Take(char c) {
    if (Peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view TakeUntil(std::string_view stops) {
    const std::string_view taken = rest_.substr(0, rest_.find_first_of(stops));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  absl::Status ParseSegment() {
    const std::string_view text = TakeUntil("/:{}=");
    if (text == "*") {
      template_.segments.push_back({PathTemplate::Kind::kOne, ""});
      return absl::OkStatus();
    }
    if (text == "**") {
      template_.segments.push_back({PathTemplate::Kind::kRest, ""});
      return absl::OkStatus();
    }
    const auto literal = PercentDecode(text);
    if (text.empty() || !literal || text.find('*') != std::string_view::npos) {
      return Fault("has an empty or malformed segment");
    }
    template_.segments.push_back({PathTemplate::Kind::kLiteral, *literal});
    return absl::OkStatus();
  }

  absl::Status ParseVariable() {
    Take('{');
    PathTemplate::Variable variable;
    variable.field_path = std::string(TakeUntil("={}/:"));
    variable.first = template_.segments.size();
    if (variable.field_path.empty()) return Fault("has a variable without a field");
    if (Take('=')) {
      do {
        if (absl::Status segment = ParseSegment(); !segment.ok()) return segment;
      } while (Take('/'));
    } else {
      template_.segments.push_back({PathTemplate::Kind::kOne, ""});
    }
    if (!Take('}')) return Fault("has a variable that does not end");
    variable.end = template_.segments.size();
    template_.variables.push_back(std::move(variable));
    return absl::OkStatus();
  }

  std::string_view text_;
  std::string_view rest_;
  PathTemplate template_;
};

}  // namespace

absl::StatusOr<PathTemplate> ParsePathTemplate(std::string_view text) {
  return TemplateParser(text).Parse();
}

}  // namespace auscult::rest
