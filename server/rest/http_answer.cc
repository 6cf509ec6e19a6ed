#include <array>
#include <boost/asio/buffer.hpp>
#include <cassert>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/rest/http_error.h"
#include "server/rest/http_session.h"
#include "server/rest/http_status.h"

namespace auscult::rest {
namespace {

namespace net = boost::asio;

constexpr int kClientLeft = 499, kInternal = 500;
constexpr size_t kDiscardBytes = 4096;

std::string HttpDate() {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone());
}

// Nothing that came over another wire ends a line of the head.
void AppendField(std::string& head, const std::string& name, const std::string& value) {
  head += name;
  head += ": ";
  for (const char c : value) head += static_cast<unsigned char>(c) < ' ' && c != '\t' ? ' ' : c;
  head += "\r\n";
}

bool HasBody(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

std::string HttpSession::Head(const HttpResponse& response, bool is_stream) {
  if (context_->draining) keep_alive_ = false;
  if (is_stream && !is_http_1_1_) keep_alive_ = false;  // the end of the connection ends the body
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " +
                     std::string(ReasonPhrase(response.status)) + "\r\n";
  AppendField(head, "Date", HttpDate());
  for (const auto& [name, value] : response.headers) AppendField(head, name, value);
  if (is_stream) {
    if (is_http_1_1_) AppendField(head, "Transfer-Encoding", "chunked");
  } else if (HasBody(response.status)) {
    AppendField(head, "Content-Length", std::to_string(response.body.size()));
  }
  if (!keep_alive_) {
    AppendField(head, "Connection", "close");
  } else if (!is_http_1_1_) {
    AppendField(head, "Connection", "keep-alive");
  }
  head += "\r\n";
  return head;
}

void HttpSession::Answer(uint64_t number, HttpResponse response) {
  if (!IsOf(number, Stage::kHandling)) return;
  stage_ = Stage::kEnding;
  left_ = nullptr;
  access_.status = response.status;
  access_.route = std::move(response.route);
  std::string head = Head(response, false);
  const bool has_body = !is_head_ && HasBody(response.status);
  Write(std::move(head), has_body ? std::move(response.body) : std::string(),
        [this] { FinishRequest(); });
}

void HttpSession::StartStream(uint64_t number, HttpResponse head) {
  if (!IsOf(number, Stage::kHandling)) return;
  GiveBackBody();
  access_.status = head.status;
  access_.route = std::move(head.route);
  stage_ = Stage::kStreaming;
  const bool draining = context_->draining;
  Write(Head(head, true), "", [this] {
    if (is_head_) EndStream();
  });
  if (is_head_ || draining) TellLeft();
  if (draining) EndStream();
}

void HttpSession::Send(uint64_t number, std::string piece, std::function<void(bool)> taken) {
  if (!IsOf(number, Stage::kStreaming) || ends_after_write_ || is_head_ || closed_) {
    return taken(false);
  }
  if (piece.empty()) return taken(true);  // an empty chunk would end the stream
  assert(!taken_);
  taken_ = std::move(taken);
  std::string before;
  if (is_http_1_1_) {
    before = absl::StrFormat("%x\r\n", piece.size());
    piece += "\r\n";
  }
  Write(std::move(before), std::move(piece), nullptr);
}

void HttpSession::End(uint64_t number) {
  if (IsOf(number, Stage::kStreaming)) EndStream();
}

void HttpSession::OnLeft(uint64_t number, std::function<void()> left) {
  const bool is_open = number == number_ && !closed_ && !ends_after_write_ &&
                       (stage_ == Stage::kHandling || (stage_ == Stage::kStreaming && !is_head_));
  if (!is_open) return left();
  left_ = std::move(left);
}

void HttpSession::Abandon(uint64_t number) {
  if (IsOf(number, Stage::kHandling)) {
    Answer(number, ErrorResponse(kInternal, "the request was not answered", ""));
  } else if (IsOf(number, Stage::kStreaming) && !is_head_ && !ends_after_write_) {
    DoClose();  // without the last chunk, so that the client sees that something is missing
  }
}

// Once; after the piece under way.
void HttpSession::EndStream() {
  if (stage_ != Stage::kStreaming) return;
  ends_after_write_ = true;
  if (!out_head_.empty() || !out_body_.empty()) return;
  stage_ = Stage::kEnding;
  left_ = nullptr;
  ends_after_write_ = false;
  const bool has_last_chunk = is_http_1_1_ && !is_head_;
  Write(has_last_chunk ? "0\r\n\r\n" : "", "", [this] { FinishRequest(); });
}

void HttpSession::TellLeft() {
  if (auto left = std::exchange(left_, nullptr)) left();
  if (auto taken = std::exchange(taken_, nullptr)) taken(false);
}

// `written` follows once, unless the connection ends before.
void HttpSession::Write(std::string head, std::string body, std::function<void()> written) {
  if (closed_) return;
  if (!out_head_.empty() || !out_body_.empty()) {
    // Pieces wait for each other by `taken`, so that only the head of a stream can be under way.
    out_body_ += head + body;
    written_ = std::move(written);
    return;
  }
  out_head_ = std::move(head);
  out_body_ = std::move(body);
  out_done_ = 0;
  written_ = std::move(written);
  WriteSome();
}

void HttpSession::WriteSome() {
  if (out_done_ == out_head_.size() + out_body_.size()) {
    out_head_ = {};
    out_body_ = {};
    if (stage_ == Stage::kStreaming) deadline_->Clear();
    if (auto written = std::exchange(written_, nullptr)) written();
    if (ends_after_write_) EndStream();
    if (auto taken = std::exchange(taken_, nullptr)) taken(true);
    return;
  }
  deadline_->Set(context_->limits.write);
  const size_t in_head = std::min(out_done_, out_head_.size());
  const size_t in_body = out_done_ - in_head;
  const std::array<net::const_buffer, 2> rest = {
      net::buffer(out_head_.data() + in_head, out_head_.size() - in_head),
      net::buffer(out_body_.data() + in_body, out_body_.size() - in_body)};
  stream_.async_write_some(rest, [self = shared_from_this()](const ErrorCode& error, size_t bytes) {
    if (self->closed_) return;
    if (error) return self->DoClose();
    self->out_done_ += bytes;
    self->access_.bytes_out += static_cast<int64_t>(bytes);
    self->WriteSome();
  });
}

void HttpSession::FinishRequest() {
  Report(access_.status);
  GiveBackBody();
  if (!keep_alive_ || context_->draining) return Linger();
  AwaitRequest();
}

void HttpSession::Report(int status) {
  if (std::exchange(reported_, true)) return;
  access_.status = status;
  access_.took = std::chrono::steady_clock::now() - began_;
  access_.remote_host = remote_host_;
  context_->traffic->Finished(access_);
}

// Closed at once, bytes that the client is still sending would be answered by a reset, which takes
// the answer away from it unread.
void HttpSession::Linger() {
  stream_.ShutDownSending();
  deadline_->Set(context_->limits.linger);
  buffer_.clear();
  LingerOn();
}

void HttpSession::LingerOn() {
  stream_.async_read_some(buffer_.prepare(kDiscardBytes),
                          [self = shared_from_this()](const ErrorCode& error, size_t) {
                            if (error || self->closed_) return self->DoClose();
                            self->LingerOn();
                          });
}

}  // namespace auscult::rest
