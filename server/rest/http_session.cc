#include "server/rest/http_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <utility>

#include "server/rest/http_error.h"
#include "server/rest/http_exchange.h"
#include "server/rest/request_id.h"

namespace auscult::rest {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;

constexpr size_t kReadBytes = 4096;
// The kernel would let it grow to megabytes for each, and report progress at every third of it.
constexpr int kSendBufferBytes = 128 << 10;
constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view ViewOf(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

// A chunk extension may be anything by its grammar; what would end a line elsewhere is refused.
void CheckChunkExtension(uint64_t /*size*/, boost::beast::string_view extension,
                         boost::system::error_code& error) {
  for (const char c : extension) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) error = http::error::bad_chunk_extension;
  }
}
// The parser keeps a reference to what it calls.
auto check_chunk_extension = &CheckChunkExtension;

HttpRefusal RefusalOf(const boost::system::error_code& error, const HttpLimits& limits) {
  if (error == http::error::body_limit) {
    return {413,
            "the body is larger than the " + std::to_string(limits.body_bytes) + " bytes allowed"};
  }
  return {400, "the body is not framed as its header says: " + error.message()};
}

}  // namespace

HttpSession::HttpSession(Socket socket, SSL_CTX* tls, std::string remote_host,
                         std::weak_ptr<net::io_context> io, std::shared_ptr<HttpContext> context)
    : stream_(std::move(socket), tls),
      remote_host_(std::move(remote_host)),
      io_(std::move(io)),
      context_(std::move(context)),
      buffer_(static_cast<size_t>(context_->limits.head_bytes) + kReadBytes),
      scan_(&context_->limits) {
  context_->traffic->Opened();
}

HttpSession::~HttpSession() {
  GiveBackBody();
  context_->sessions.Leave(this, remote_host_);
  context_->traffic->Closed();
}

void HttpSession::Start() {
  net::post(strand(), [self = shared_from_this()] {
    self->deadline_ =
        std::make_shared<HttpDeadline>(self->strand(), [weak = self->weak_from_this()] {
          if (auto session = weak.lock()) session->DoClose();
        });
    ErrorCode ignored;
    self->stream_.socket().non_blocking(true, ignored);
    self->stream_.socket().set_option(net::ip::tcp::no_delay(true), ignored);
    self->stream_.socket().set_option(net::socket_base::send_buffer_size(kSendBufferBytes),
                                      ignored);
    if (self->stream_.is_tls()) return self->ShakeHands();
    self->AwaitRequest();
  });
}

// Whoever does not, for it speaks no TLS or shows no certificate, is closed without a word of HTTP.
void HttpSession::ShakeHands() {
  if (context_->draining) return DoClose();
  deadline_->Set(context_->limits.handshake);
  stream_.async_handshake([self = shared_from_this()](const ErrorCode& error) {
    if (error || self->closed_) return self->DoClose();
    self->AwaitRequest();
  });
}

void HttpSession::Drain() {
  net::post(strand(), [self = shared_from_this()] {
    if (self->stage_ <= Stage::kReading) {
      self->DoClose();
    } else if (self->stage_ == Stage::kStreaming) {
      self->TellLeft();
      self->EndStream();
    }
  });
}

void HttpSession::Close() {
  net::post(strand(), [self = shared_from_this()] { self->DoClose(); });
}

void HttpSession::DoClose() {
  if (closed_) return;
  closed_ = true;
  if (deadline_) deadline_->End();
  ErrorCode ignored;
  stream_.socket().close(ignored);
  Report(499);
  stage_ = Stage::kEnding;
  written_ = nullptr;
  GiveBackBody();
  TellLeft();
}

void HttpSession::AwaitRequest() {
  if (context_->draining) return DoClose();
  stage_ = Stage::kWaiting;
  ++number_;
  request_ = {};
  access_ = {};
  is_http_1_1_ = true;
  is_head_ = false;
  scan_ = HeadScan(&context_->limits);
  if (buffer_.size() > 0) return LookAtHead();
  buffer_.clear();
  buffer_.shrink_to_fit();  // a connection that waits holds no memory for reading
  deadline_->Set(context_->limits.idle);
  Watch();
}

void HttpSession::Watch() {
  if (watches_) return;
  watches_ = true;
  stream_.async_wait_readable([self = shared_from_this()](const ErrorCode& error) {
    self->watches_ = false;
    if (!error && !self->closed_) self->OnReadable();
  });
}

void HttpSession::OnReadable() {
  switch (stage_) {
    case Stage::kWaiting:
      // Not all that wakes us is a request: a socket may tell once more of what is read already,
      // and TLS has records of its own.
      if (TakeWhatCame()) return LookAtHead();
      return buffer_.shrink_to_fit();
    case Stage::kHandling:
    case Stage::kStreaming:
      return NoticeLeaving();
    case Stage::kHandshaking:
    case Stage::kReading:
    case Stage::kEnding:
      return;
  }
}

// While a request is answered: what comes is kept up to the size of the buffer, the end of the
// connection is told at once.
void HttpSession::NoticeLeaving() {
  if (buffer_.size() + kReadBytes > buffer_.max_size()) return;
  if (TakeWhatCame()) Watch();
}

// False where nothing did, which is waited for, or where the connection has ended.
bool HttpSession::TakeWhatCame() {
  ErrorCode error;
  const size_t bytes = stream_.read_some(buffer_.prepare(kReadBytes), error);
  if (!error) {
    buffer_.commit(bytes);
  } else if (error == net::error::would_block) {
    Watch();
  } else {
    DoClose();
  }
  return !error;
}

void HttpSession::ReadHead() {
  stream_.async_read_some(
      buffer_.prepare(std::min(kReadBytes, buffer_.max_size() - buffer_.size())),
      [self = shared_from_this()](const ErrorCode& error, size_t bytes) {
        if (error || self->closed_) return self->DoClose();
        self->buffer_.commit(bytes);
        self->LookAtHead();
      });
}

void HttpSession::LookAtHead() {
  if (stage_ == Stage::kWaiting) {
    stage_ = Stage::kReading;
    deadline_->Set(context_->limits.head);
  }
  switch (scan_.Look(ViewOf(buffer_))) {
    case HeadScan::Result::kMore:
      return ReadHead();
    case HeadScan::Result::kRefused:
      return Refuse(scan_.refusal());
    case HeadScan::Result::kWhole:
      return TakeHead(scan_.head_bytes());
  }
}

void HttpSession::TakeHead(size_t head_bytes) {
  reported_ = false;
  began_ = std::chrono::steady_clock::now();
  HttpFraming framing;
  const std::string_view head = ViewOf(buffer_).substr(0, head_bytes);
  if (const HttpRefusal refusal = CheckHead(head, context_->limits, framing); refusal.refused()) {
    return Refuse(refusal);
  }
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(head_bytes) + 1);
  parser_->body_limit(static_cast<uint64_t>(context_->limits.body_bytes));
  parser_->on_chunk_header(check_chunk_extension);
  ErrorCode error;
  const size_t parsed = parser_->put(net::buffer(head.data(), head.size()), error);
  if (error || !parser_->is_header_done() || parsed != head_bytes ||
      parser_->chunked() != framing.is_chunked) {
    return Refuse({400, "the head of the request is not HTTP: " + error.message()});
  }
  buffer_.consume(head_bytes);
  TakeFields();
  is_http_1_1_ = framing.is_http_1_1;
  if (parser_->is_done()) return Dispatch();
  deadline_->Set(context_->limits.body);
  parser_->eager(true);
  if (!framing.expects_continue || buffer_.size() > 0) return ReadBody();
  net::async_write(stream_, net::buffer(kContinue, sizeof(kContinue) - 1),
                   [self = shared_from_this()](const ErrorCode& failed, size_t) {
                     if (failed || self->closed_) return self->DoClose();
                     self->ReadBody();
                   });
}

// Before the body is read: the parser adds the fields of a trailer to those of the head.
void HttpSession::TakeFields() {
  const auto& message = parser_->get();
  const std::string_view target(message.target().data(), message.target().size());
  request_.method = std::string(message.method_string());
  request_.path = target.substr(0, target.find('?'));
  if (const size_t mark = target.find('?'); mark != target.npos) {
    request_.query = target.substr(mark + 1);
  }
  for (const auto& field : message) {
    request_.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  request_.remote_host = remote_host_;
  request_.request_id = RequestId(request_.Header("X-Request-Id"));
  keep_alive_ = message.keep_alive();
  access_.method = request_.method;
  access_.path = request_.path;
  access_.request_id = request_.request_id;
  access_.user_agent = request_.Header("User-Agent");
  is_head_ = request_.method == "HEAD";
  if (is_head_) request_.method = "GET";
}

void HttpSession::ReadBody() {
  http::async_read_some(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const ErrorCode& error, size_t) { self->OnBody(error); });
}

void HttpSession::OnBody(const ErrorCode& error) {
  if (closed_) return;
  if (error.category() == http::make_error_code(http::error::body_limit).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    return Refuse(RefusalOf(error, context_->limits));
  }
  if (error) return DoClose();
  const auto size = static_cast<int64_t>(parser_->get().body().size());
  if (!context_->bodies.Take(size - body_taken_)) {
    return Refuse({503, "too many requests with large bodies are under way; try again"});
  }
  body_taken_ = size;
  if (!parser_->is_done()) return ReadBody();
  Dispatch();
}

void HttpSession::GiveBackBody() { context_->bodies.GiveBack(std::exchange(body_taken_, 0)); }

void HttpSession::Dispatch() {
  stage_ = Stage::kHandling;
  deadline_->Clear();
  request_.body = std::move(parser_->get().body());
  access_.bytes_in = static_cast<int64_t>(request_.body.size());
  parser_.reset();
  if (buffer_.size() == 0) buffer_.shrink_to_fit();
  Watch();
  context_->handler->Handle(std::move(request_),
                            std::make_shared<SessionExchange>(shared_from_this(), io_, number_));
}

void HttpSession::Refuse(const HttpRefusal& refusal) {
  keep_alive_ = false;
  if (std::exchange(reported_, false)) began_ = std::chrono::steady_clock::now();
  if (access_.request_id.empty()) access_.request_id = RequestId("");
  HttpResponse response = ErrorResponse(refusal.status, refusal.message, request_.Header("Accept"));
  response.headers.emplace_back("X-Request-Id", access_.request_id);
  if (refusal.status == 503) response.headers.emplace_back("Retry-After", "1");
  parser_.reset();
  GiveBackBody();
  buffer_.clear();
  stage_ = Stage::kHandling;
  Answer(number_, std::move(response));
}

}  // namespace auscult::rest
