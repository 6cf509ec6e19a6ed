#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/rest/http_binding.h"

namespace auscult::rest {

// What a request path leads to.
struct Route {
  const HttpBinding* binding = nullptr;  // null: nowhere
  std::vector<std::string> values;       // decoded, as binding->variables
  // Where the path is known, but not with this method: the methods to use, sorted.
  std::vector<std::string> allowed;
};

// All bindings by their paths. A literal segment goes before "*", that before "**"; a verb that
// some template has goes before a ':' within a segment. Immutable once filled.
class RouteTable {
 public:
  RouteTable();
  ~RouteTable();

  // ALREADY_EXISTS where the same method and path lead elsewhere.
  absl::Status Add(HttpBinding binding);

  // `path` as it came, percent-encoded. INVALID_ARGUMENT where its encoding is broken; unknown
  // paths give a Route without binding.
  absl::StatusOr<Route> Find(std::string_view http_method, std::string_view path) const;

  const std::vector<std::unique_ptr<HttpBinding>>& bindings() const { return bindings_; }

 private:
  struct Node;
  struct Search;
  static void Visit(const Node& node, size_t depth, Search& search);

  std::vector<std::unique_ptr<HttpBinding>> bindings_;
  std::unique_ptr<Node> root_;
};

}  // namespace auscult::rest
