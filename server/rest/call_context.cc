#include "server/rest/call_context.h"

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "server/rest/field_text.h"
#include "server/rest/rest_error.h"

namespace auscult::rest {
namespace {

constexpr double kMaxSeconds = 86400;

// In seconds; 0: no timeout that gRPC knows.
double ParseGrpcTimeout(std::string_view text) {
  if (text.empty()) return 0;
  uint32_t count = 0;
  if (!ParseInteger(text.substr(0, text.size() - 1), count)) return 0;
  switch (text.back()) {
    case 'H':
      return count * 3600.0;
    case 'M':
      return count * 60.0;
    case 'S':
      return count;
    case 'm':
      return count * 1e-3;
    case 'u':
      return count * 1e-6;
    case 'n':
      return count * 1e-9;
    default:
      return 0;
  }
}

bool FitsMetadata(std::string_view value) {
  for (const char c : value) {
    if (c < 0x20 || c > 0x7E) return false;
  }
  return !value.empty();
}

}  // namespace

absl::StatusOr<std::optional<std::chrono::milliseconds>> TimeoutOf(const HttpRequest& request) {
  const char* name = "X-Request-Timeout";
  std::string_view text = request.Header(name);
  double seconds = 0;
  if (!text.empty()) {
    if (!ParseReal(text, seconds)) seconds = 0;
  } else {
    name = "Grpc-Timeout";
    text = request.Header(name);
    if (text.empty()) return std::nullopt;
    seconds = ParseGrpcTimeout(text);
  }
  if (!(seconds > 0 && seconds <= kMaxSeconds)) {
    return Refuse({.reason = "BAD_TIMEOUT",
                   .message = std::string(name) + " says no time",
                   .remedy = "send seconds like \"X-Request-Timeout: 2.5\", at most a day",
                   .field = name});
  }
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1e3) + 1);
}

void PassHeadersOn(const HttpRequest& request, grpc::ClientContext& context) {
  for (const char* name :
       {"authorization", "traceparent", "tracestate", "if-match", "if-none-match"}) {
    const std::string_view value = request.Header(name);
    if (FitsMetadata(value)) context.AddMetadata(name, std::string(value));
  }
  if (FitsMetadata(request.request_id)) context.AddMetadata("x-request-id", request.request_id);
}

struct LiveCalls::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::set<grpc::ClientContext*> contexts;  // that may be cancelled
  int under_way = 0;
  bool closed = false;
};

LiveCalls::LiveCalls() : state_(std::make_unique<State>()) {}
LiveCalls::~LiveCalls() = default;

bool LiveCalls::Add(grpc::ClientContext* context) {
  const std::lock_guard lock(state_->mutex);
  if (state_->closed) return false;
  state_->contexts.insert(context);
  ++state_->under_way;
  return true;
}

void LiveCalls::End(std::optional<grpc::ClientContext>& context) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->contexts.erase(&*context);
  }
  context.reset();
  const std::lock_guard lock(state_->mutex);
  --state_->under_way;
  state_->changed.notify_all();
}

void LiveCalls::CancelAndWait() {
  std::unique_lock lock(state_->mutex);
  state_->closed = true;
  for (grpc::ClientContext* context : state_->contexts) context->TryCancel();
  state_->changed.wait(lock, [this] { return state_->under_way == 0; });
}

}  // namespace auscult::rest
