#include "server/rest/stream_call.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "grpcpp/alarm.h"
#include "server/rest/event_stream.h"
#include "server/rest/json_reader.h"
#include "server/rest/json_writer.h"
#include "server/rest/media_type.h"
#include "server/rest/request_message.h"
#include "server/rest/rest_error.h"

namespace auscult::rest {
namespace {

using google::protobuf::Message;

constexpr std::chrono::milliseconds kPatienceForHead{300};

// The messages that go up: one, or the lines of a body.
class RequestLines {
 public:
  RequestLines(const HttpRequest& request, bool is_ndjson)
      : text_(request.body), is_ndjson_(is_ndjson) {}

  // The next line that is not blank into `message`; false at the end.
  absl::StatusOr<bool> Next(Message& message) {
    while (!done_) {
      const size_t end = is_ndjson_ ? text_.find('\n', at_) : std::string::npos;
      const std::string_view line =
          std::string_view(text_).substr(at_, end == std::string::npos ? end : end - at_);
      done_ = end == std::string::npos;
      at_ = end + 1;
      ++number_;
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      message.Clear();
      absl::Status read = ReadJson({.text = line}, message);
      if (!read.ok()) return InLine(read);
      return true;
    }
    return false;
  }

 private:
  absl::Status InLine(const absl::Status& status) const {
    if (!is_ndjson_) return status;
    absl::Status named(status.code(),
                       "line " + std::to_string(number_) + ": " + std::string(status.message()));
    status.ForEachPayload(
        [&](absl::string_view url, const absl::Cord& payload) { named.SetPayload(url, payload); });
    return named;
  }

  const std::string text_;
  const bool is_ndjson_;
  size_t at_ = 0;
  int number_ = 0;
  bool done_ = false;
};

class StreamCall : public ProxiedCall,
                   public grpc::ClientBidiReactor<Message, Message>,
                   public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(const Upstream& upstream, const Route& route, const HttpRequest& request,
             const std::string& media_type, std::shared_ptr<Exchange> exchange)
      : ProxiedCall(upstream, route, request, std::move(exchange)),
        lines_(request, MediaTypeOf(request.Header("Content-Type")) != kJson),
        is_events_(media_type == kEventStream) {}

  void Start(const Upstream& upstream, const Route& route, const HttpRequest& request) {
    absl::Status ready = Prepare(route, request);
    if (ready.ok()) ready = GoLive(weak_from_this());
    if (!ready.ok()) return AnswerError(ToRestError(ready));
    self_ = shared_from_this();
    upstream.stub.PrepareBidiStreamingCall(&*context_, RpcPath(*binding_.method),
                                           grpc::StubOptions(), this);
    AddHold();  // for the reads that begin when the client has taken a piece
    const auto wait_until = std::chrono::system_clock::now() + kPatienceForHead;
    // The alarm keeps its callback until it is destroyed, and the call owns the alarm.
    alarm_.Set(wait_until, [call = weak_from_this()](bool is_due) {
      const auto still = call.lock();
      if (is_due && still) still->StartStream();
    });
    Write();
    StartRead(answer_.get());
    StartCall();
  }

  void OnWriteDone(bool ok) override {
    if (!ok || !binding_.method->client_streaming()) return;
    const absl::StatusOr<bool> more = lines_.Next(*request_);
    if (more.ok() && *more) return Write();
    if (!more.ok()) bad_line_ = ToRestError(more.status());
    StartWritesDone();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return RemoveHold();
    StartStream();
    std::string piece;
    if (is_events_) {
      piece = EventText(EventId(*binding_.method->input_type(), *answer_), *answer_);
    } else {
      AppendJson(*answer_, piece);
      piece += '\n';
    }
    exchange_->Send(std::move(piece), [call = shared_from_this()](bool taken) {
      if (taken) return call->StartRead(call->answer_.get());
      call->context_->TryCancel();
      call->RemoveHold();
    });
  }

  void OnDone(const grpc::Status& status) override {
    alarm_.Cancel();
    const auto self = std::exchange(self_, nullptr);
    std::optional<RestError> error = bad_line_;
    if (!status.ok()) error = ToRestError(status, false);
    if (!error) {
      StartStream();
      return exchange_->End();
    }
    {
      const std::lock_guard lock(mutex_);
      if (!has_head_) {
        has_head_ = true;
        return AnswerError(*error);
      }
    }
    const std::string json = ErrorJson(*error);
    exchange_->Send(is_events_ ? "event: error\ndata: " + json + "\n\n" : json + "\n",
                    [exchange = exchange_](bool) { exchange->End(); });
  }

 private:
  absl::Status Prepare(const Route& route, const HttpRequest& request) {
    const auto timeout = TimeoutOf(request);
    if (!timeout.ok()) return timeout.status();
    if (*timeout) context_->set_deadline(std::chrono::system_clock::now() + **timeout);
    PassHeadersOn(request, *context_);
    if (!binding_.method->client_streaming()) {
      if (absl::Status filled = FillRequest(route, request, *request_); !filled.ok()) return filled;
      return ResumeFrom(request.Header("Last-Event-ID"), *request_);
    }
    const absl::StatusOr<bool> first = lines_.Next(*request_);
    if (!first.ok()) return first.status();
    if (*first) return absl::OkStatus();
    return Refuse({.reason = "MISSING_BODY",
                   .message = "the body has no message",
                   .remedy = "send one JSON object a line"});
  }

  void Write() {
    grpc::WriteOptions options;
    if (!binding_.method->client_streaming()) options.set_last_message();
    grpc::ClientBidiReactor<Message, Message>::StartWrite(request_.get(), options);
  }

  void StartStream() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(has_head_, true)) return;
    HttpResponse head;
    head.route = binding_.pattern;
    head.headers = {{"Content-Type", is_events_ ? kEventStream : kNdjson},
                    {"Cache-Control", "no-store"},
                    {"X-Accel-Buffering", "no"}};
    exchange_->StartStream(std::move(head));
  }

  RequestLines lines_;
  const bool is_events_;
  std::optional<RestError> bad_line_;  // set before the last write, read when all is over
  std::mutex mutex_;
  bool has_head_ = false;
  grpc::Alarm alarm_;
  std::shared_ptr<StreamCall> self_;  // until OnDone
};

}  // namespace

void CallStream(const Upstream& upstream, const Route& route, const HttpRequest& request,
                const std::string& media_type, std::shared_ptr<Exchange> exchange) {
  const auto call =
      std::make_shared<StreamCall>(upstream, route, request, media_type, std::move(exchange));
  call->Start(upstream, route, request);
}

}  // namespace auscult::rest
