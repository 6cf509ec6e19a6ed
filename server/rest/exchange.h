#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auscult::rest {

// Header fields in the order in which they came or go. Names compare without case.
using HeaderFields = std::vector<std::pair<std::string, std::string>>;

// A request whose framing was checked and whose body has arrived in full, within the limits of the
// listener.
struct HttpRequest {
  std::string method;  // "GET"; HEAD comes as GET, and the body of the answer is not sent
  std::string path;    // as sent, percent-encoded, without the query: "/v1/sites/hamburg%20ost"
  std::string query;   // as sent, without '?'
  HeaderFields headers;
  std::string body;
  std::string request_id;   // of X-Request-Id, or made here; goes back with the answer
  std::string remote_host;  // numeric, of the connection

  // The first of that name; empty: none.
  std::string_view Header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  HeaderFields headers;  // without Content-Length, Connection, Date, which the connection adds
  std::string body;
  // The template that the path matched, "/v1/{name=sites/*}", for metrics and the log; a fixed
  // text, for each value is counted for itself. Empty: none matched.
  std::string route;
};

// The answering side of one request. Calls come from any thread; the connection orders them. Either
// Answer once, or StartStream once, Send any number of times, and End. What comes after the client
// has left does nothing.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual void Answer(HttpResponse response) = 0;

  // The body follows in pieces of unknown number. `head.body` stays empty.
  virtual void StartStream(HttpResponse head) = 0;
  // `taken` is called once, when another piece may be sent (false: the client has left). At most
  // one piece is under way.
  virtual void Send(std::string piece, std::function<void(bool)> taken) = 0;
  virtual void End() = 0;

  // `left` is called once, at once if it has happened, when the client has gone before the end.
  virtual void OnLeft(std::function<void()> left) = 0;
};

// Answers requests: the transcoder, static files, the pages for operators. Never blocks: it runs on
// a thread that serves other connections.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void Handle(HttpRequest request, std::shared_ptr<Exchange> exchange) = 0;
};

}  // namespace auscult::rest
