#include "tests/fuzz/json_target.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "google/protobuf/message.h"
#include "server/rest/contract.h"
#include "server/rest/json_reader.h"
#include "server/rest/json_writer.h"
#include "server/rest/request_message.h"
#include "server/rest/route_table.h"

namespace auscult::fuzz {
namespace {

using google::protobuf::Message;

const rest::RouteTable& Routes() {
  static const rest::RouteTable* const routes = [] {
    auto* made = new rest::RouteTable;
    if (!rest::AddRoutes(*made).ok()) std::abort();
    return made;
  }();
  return *routes;
}

// The first part of `text` to before `mark`, which is taken away as well; all of it without one.
std::string TakeUntil(char mark, std::string_view& text) {
  const size_t at = text.find(mark);
  const std::string part(text.substr(0, at));
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

void CheckRoundTrip(const Message& message) {
  std::string json, again;
  rest::AppendJson(message, json);
  const std::unique_ptr<Message> read(message.New());
  const absl::Status status = rest::ReadJson({.text = json}, *read);
  if (status.ok()) rest::AppendJson(*read, again);
  if (again == json) return;
  std::fprintf(stderr, "%s\n%s\n%s\n", json.c_str(), again.c_str(), status.ToString().c_str());
  std::abort();
}

}  // namespace

void TryJson(std::string_view bytes) {
  std::string_view line = bytes.substr(0, bytes.find('\n'));
  rest::HttpRequest request;
  request.body = bytes.substr(std::min(bytes.size(), line.size() + 1));
  request.method = TakeUntil(' ', line);
  request.path = TakeUntil('?', line);
  request.query = line;
  const auto route = Routes().Find(request.method, request.path);
  if (!route.ok()) {
    if (route.status().message().empty()) std::abort();
    return;
  }
  if (route->binding == nullptr) return;
  auto* const factory = google::protobuf::MessageFactory::generated_factory();
  const std::unique_ptr<Message> message(
      factory->GetPrototype(route->binding->method->input_type())->New());
  const absl::Status status = rest::FillRequest(*route, request, *message);
  if (status.ok()) {
    CheckRoundTrip(*message);
  } else if (status.code() != absl::StatusCode::kInvalidArgument || status.message().empty()) {
    std::abort();
  }
}

}  // namespace auscult::fuzz
