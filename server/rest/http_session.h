#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/rest/exchange.h"
#include "server/rest/http_context.h"
#include "server/rest/http_deadline.h"
#include "server/rest/http_head.h"
#include "server/rest/http_stream.h"

namespace auscult::rest {

// One connection: shakes hands where it is TLS, reads a request, has it answered, writes the
// answer, begins again. What the client sends meanwhile waits. All but Start, Drain and Close run
// on its strand, one at a time.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  // `tls` null: without.
  HttpSession(Socket socket, SSL_CTX* tls, std::string remote_host,
              std::weak_ptr<boost::asio::io_context> io, std::shared_ptr<HttpContext> context);
  ~HttpSession();

  void Start();
  // Closes it where no request is under way; ends a stream; else closes after the answer.
  void Drain();
  void Close();

  Strand strand() { return stream_.get_executor(); }

  // For the exchange of request `number`; what comes for one that is over does nothing.
  void Answer(uint64_t number, HttpResponse response);
  void StartStream(uint64_t number, HttpResponse head);
  void Send(uint64_t number, std::string piece, std::function<void(bool)> taken);
  void End(uint64_t number);
  void OnLeft(uint64_t number, std::function<void()> left);
  // The exchange is gone: without an answer that is an error of the server's.
  void Abandon(uint64_t number);

 private:
  using ErrorCode = boost::system::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class Stage { kHandshaking, kWaiting, kReading, kHandling, kStreaming, kEnding };

  // Reading, in http_session.cc.
  void ShakeHands();
  void AwaitRequest();
  void Watch();
  void OnReadable();
  void ReadHead();
  void LookAtHead();
  void TakeHead(size_t head_bytes);
  void TakeFields();
  void ReadBody();
  void OnBody(const ErrorCode& error);
  void Dispatch();
  void Refuse(const HttpRefusal& refusal);
  void NoticeLeaving();
  bool TakeWhatCame();
  void GiveBackBody();
  void DoClose();

  // Answering, in http_answer.cc.
  bool IsOf(uint64_t number, Stage stage) const { return number == number_ && stage_ == stage; }
  std::string Head(const HttpResponse& response, bool is_stream);
  void Write(std::string head, std::string body, std::function<void()> written);
  void WriteSome();
  void EndStream();
  void FinishRequest();
  void Report(int status);
  void Linger();
  void LingerOn();
  void TellLeft();

  HttpStream stream_;
  const std::string remote_host_;
  const std::weak_ptr<boost::asio::io_context> io_;
  const std::shared_ptr<HttpContext> context_;
  std::shared_ptr<HttpDeadline> deadline_;

  Stage stage_ = Stage::kHandshaking;
  bool watches_ = false;  // a wait for bytes is under way
  bool closed_ = false;
  boost::beast::flat_buffer buffer_;
  HeadScan scan_;
  std::optional<Parser> parser_;
  int64_t body_taken_ = 0;  // of the budget

  // Of the request under way.
  uint64_t number_ = 0;
  HttpRequest request_;
  HttpAccess access_;
  std::chrono::steady_clock::time_point began_;
  bool is_http_1_1_ = true, is_head_ = false, keep_alive_ = true;
  bool reported_ = true;
  std::function<void()> left_;

  // The write under way.
  std::string out_head_, out_body_;
  size_t out_done_ = 0;
  std::function<void()> written_;
  std::function<void(bool)> taken_;
  bool ends_after_write_ = false;  // of a stream
};

}  // namespace auscult::rest
