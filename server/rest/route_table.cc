#include "server/rest/route_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "server/rest/percent_code.h"

namespace auscult::rest {

struct RouteTable::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> one;
  std::vector<const HttpBinding*> ends;   // of templates that end here
  std::vector<const HttpBinding*> rests;  // of templates that go on with "**"
};

struct RouteTable::Search {
  std::string_view http_method;
  std::string_view verb;
  std::vector<std::string_view> segments;  // raw
  std::vector<std::string> decoded;
  const HttpBinding* found = nullptr;
  std::set<std::string> allowed;

  void Offer(const std::vector<const HttpBinding*>& bindings) {
    for (const HttpBinding* binding : bindings) {
      if (binding->path.verb != verb) continue;
      allowed.insert(binding->http_method);
      const bool any = binding->http_method == "*";
      if (found == nullptr && (any || binding->http_method == http_method)) found = binding;
    }
  }
};

namespace {

std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.empty() || path.front() != '/') return segments;
  path.remove_prefix(1);
  while (true) {
    const std::string_view segment = path.substr(0, path.find('/'));
    segments.push_back(segment);
    if (segment.size() == path.size()) return segments;
    path.remove_prefix(segment.size() + 1);
  }
}

// The part of the path that a variable stands for, decoded as http.proto says.
std::string ValueOf(const PathTemplate& path, const PathTemplate::Variable& variable,
                    const std::vector<std::string_view>& segments) {
  const bool has_rest = path.segments[variable.end - 1].kind == PathTemplate::Kind::kRest;
  const size_t end = has_rest ? segments.size() : variable.end;
  const bool single = variable.end - variable.first == 1 && !has_rest;
  std::string value;
  for (size_t i = variable.first; i < end; ++i) {
    if (i > variable.first) value += '/';
    value += PercentDecode(segments[i], !single).value_or("");
  }
  return value;
}

}  // namespace

RouteTable::RouteTable() : root_(std::make_unique<Node>()) {}
RouteTable::~RouteTable() = default;

absl::Status RouteTable::Add(HttpBinding binding) {
  bindings_.push_back(std::make_unique<HttpBinding>(std::move(binding)));
  const HttpBinding* added = bindings_.back().get();
  Node* node = root_.get();
  std::vector<const HttpBinding*>* place = nullptr;
  for (const PathTemplate::Segment& segment : added->path.segments) {
    if (segment.kind == PathTemplate::Kind::kRest) {
      place = &node->rests;
      break;
    }
    auto& next =
        segment.kind == PathTemplate::Kind::kOne ? node->one : node->literals[segment.literal];
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  if (place == nullptr) place = &node->ends;
  for (const HttpBinding* other : *place) {
    if (other->http_method == added->http_method && other->path.verb == added->path.verb) {
      return absl::AlreadyExistsError(added->method->full_name() + " and " +
                                      other->method->full_name() + " both have " +
                                      added->http_method + " " + added->pattern);
    }
  }
  place->push_back(added);
  return absl::OkStatus();
}

void RouteTable::Visit(const Node& node, size_t depth, Search& search) {
  if (search.found != nullptr) return;
  if (depth == search.segments.size()) {
    search.Offer(node.ends);
    search.Offer(node.rests);
    return;
  }
  const auto literal = node.literals.find(search.decoded[depth]);
  if (literal != node.literals.end()) Visit(*literal->second, depth + 1, search);
  if (search.segments[depth].empty()) return;
  if (node.one != nullptr) Visit(*node.one, depth + 1, search);
  const bool whole = std::none_of(search.segments.begin() + static_cast<ptrdiff_t>(depth),
                                  search.segments.end(), [](auto part) { return part.empty(); });
  if (whole) search.Offer(node.rests);
}

absl::StatusOr<Route> RouteTable::Find(std::string_view http_method, std::string_view path) const {
  Search search;
  search.http_method = http_method;
  search.segments = Split(path);
  Route route;
  if (search.segments.empty()) return route;
  for (const std::string_view segment : search.segments) {
    auto decoded = PercentDecode(segment);
    if (!decoded) {
      return absl::InvalidArgumentError(
          "the path is not percent-encoded well: a '%' needs two "
          "hex digits behind it");
    }
    search.decoded.push_back(*std::move(decoded));
  }
  std::string_view& last = search.segments.back();
  const size_t colon = last.rfind(':');
  if (colon != std::string_view::npos) {
    const std::string_view whole = last;
    search.verb = whole.substr(colon + 1);
    last = whole.substr(0, colon);
    std::string decoded = std::exchange(search.decoded.back(), PercentDecode(last).value_or(""));
    if (!search.verb.empty()) Visit(*root_, 0, search);
    if (search.allowed.empty()) {
      search.verb = {};
      last = whole;
      search.decoded.back() = std::move(decoded);
    }
  }
  if (search.allowed.empty()) Visit(*root_, 0, search);
  route.binding = search.found;
  if (route.binding == nullptr) {
    route.allowed.assign(search.allowed.begin(), search.allowed.end());
    return route;
  }
  const PathTemplate& found = route.binding->path;
  for (const PathTemplate::Variable& variable : found.variables) {
    route.values.push_back(ValueOf(found, variable, search.segments));
  }
  return route;
}

}  // namespace auscult::rest
