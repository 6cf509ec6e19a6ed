#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "server/rest/exchange.h"
#include "server/rest/http_limits.h"

namespace auscult::rest {

// Why a request is not taken. The connection ends with it, for where the next request begins cannot
// be told any more.
struct HttpRefusal {
  int status = 0;  // 0: it is taken
  std::string message;
  bool refused() const { return status != 0; }
};

// Looks for the end of a request's head in bytes as they come, each byte once. Lines end with CRLF
// and nothing else (RFC 9112, 2.2 lets a server be stricter than to take a bare LF).
class HeadScan {
 public:
  explicit HeadScan(const HttpLimits* limits) : limits_(limits) {}

  // `bytes` begin with the first of the request and have grown since the last call.
  enum class Result { kMore, kWhole, kRefused };
  Result Look(std::string_view bytes);

  size_t head_bytes() const { return next_; }  // with the empty line, once whole
  const HttpRefusal& refusal() const { return refusal_; }

 private:
  Result Refuse(int status, std::string message);
  Result LimitsOf(std::string_view bytes);

  const HttpLimits* limits_;
  size_t next_ = 0;        // the first byte that was not looked at
  size_t line_start_ = 0;  // of the line that `next_` is in
  bool after_first_line_ = false;
  HttpRefusal refusal_;
};

// What of the head tells how the request is to be read.
struct HttpFraming {
  bool is_http_1_1 = true;
  bool is_chunked = false;
  int64_t content_length = 0;
  bool expects_continue = false;
};

// Checks a whole head (with its empty line) by RFC 9110 and 9112 more strictly than a general
// parser: one space between the parts of the request line, targets in origin form ("*" for OPTIONS)
// of printable ASCII with whole percent-encodings and no encoded NUL, no line folding, no space
// before a colon, no control characters, one Host, one Content-Length of digits alone,
// Transfer-Encoding exactly "chunked" and only on 1.1, never both. No framing but what it gives in
// `framing` is believed afterwards.
HttpRefusal CheckHead(std::string_view head, const HttpLimits& limits, HttpFraming& framing);

}  // namespace auscult::rest
