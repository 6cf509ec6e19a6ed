#include "server/rest/http_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace auscult::rest {
namespace {

constexpr std::string_view kCrlf = "\r\n";
constexpr int kBadRequest = 400, kNotAllowed = 405, kTooLarge = 413, kTargetTooLong = 414,
              kExpectationFailed = 417, kFieldsTooLarge = 431, kNotImplemented = 501,
              kVersionNotSupported = 505;
constexpr std::array<std::string_view, 9> kMethods = {"GET",    "HEAD",    "POST",  "PUT",  "PATCH",
                                                      "DELETE", "OPTIONS", "TRACE", "QUERY"};

HttpRefusal Bad(std::string message) { return {kBadRequest, std::move(message)}; }

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase({a.data(), a.size()}, {b.data(), b.size()});
}

// RFC 9110, 5.6.2.
bool IsTokenChar(char c) {
  constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || kSigns.find(c) != kSigns.npos;
}
bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

std::string_view Trimmed(std::string_view value) {
  const size_t first = value.find_first_not_of(" \t");
  if (first == value.npos) return {};
  return value.substr(first, value.find_last_not_of(" \t") - first + 1);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

HttpRefusal CheckTarget(std::string_view method, std::string_view target) {
  if (target == "*" && method == "OPTIONS") return {};
  if (target.empty() || target.front() != '/') {
    return Bad("the request target has to be a path that begins with /, without scheme and host");
  }
  for (size_t i = 0; i < target.size(); ++i) {
    const char c = target[i];
    if (c <= ' ' || c >= 0x7f) {
      return Bad("the request target holds a byte that is not printable ASCII; percent-encode it");
    }
    if (c == '#') return Bad("the request target holds a fragment (#); percent-encode it as %23");
    if (c != '%') continue;
    const int high = i + 2 < target.size() ? HexDigit(target[i + 1]) : -1;
    const int low = i + 2 < target.size() ? HexDigit(target[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return Bad("the request target holds a % that two hexadecimal digits do not follow");
    }
    if (high == 0 && low == 0) return Bad("the request target holds an encoded NUL (%00)");
  }
  return {};
}

HttpRefusal CheckRequestLine(std::string_view line, HttpFraming& framing) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == line.npos || first == last) {
    return Bad("the request line is not METHOD TARGET HTTP/1.1");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!IsToken(method) || target.find(' ') != target.npos) {
    return Bad("the request line is not METHOD TARGET HTTP/1.1");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    if (!version.starts_with("HTTP/")) return Bad("the request line does not end with HTTP/1.1");
    return {kVersionNotSupported, "HTTP/1.1 and HTTP/1.0 are served here, no other version"};
  }
  framing.is_http_1_1 = version == "HTTP/1.1";
  if (method == "CONNECT") return {kNotAllowed, "CONNECT is not allowed: this is no tunnel"};
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
    return {kNotImplemented, "this method is not known here"};
  }
  if (method == "TRACE") return {kNotAllowed, "TRACE is not allowed"};
  return CheckTarget(method, target);
}

// What header fields say of the framing, while they are read one by one.
struct Seen {
  int host = 0, content_length = 0, transfer_encoding = 0;
};

HttpRefusal CheckContentLength(std::string_view value, const HttpLimits& limits,
                               HttpFraming& framing) {
  const bool digits = !value.empty() && value.find_first_not_of("0123456789") == value.npos;
  if (!digits) return Bad("Content-Length is not a number of digits alone");
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), framing.content_length);
  if (error != std::errc() || framing.content_length > limits.body_bytes) {
    return {kTooLarge,
            "the body is larger than the " + std::to_string(limits.body_bytes) + " bytes allowed"};
  }
  return {};
}

HttpRefusal CheckField(std::string_view name, std::string_view value, const HttpLimits& limits,
                       Seen& seen, HttpFraming& framing) {
  if (EqualsIgnoreCase(name, "Host")) {
    if (++seen.host > 1) return Bad("Host stands more than once");
    if (value.find_first_of(" \t,/@") != value.npos) return Bad("Host is not HOST or HOST:PORT");
  } else if (EqualsIgnoreCase(name, "Content-Length")) {
    if (++seen.content_length > 1) return Bad("Content-Length stands more than once");
    return CheckContentLength(value, limits, framing);
  } else if (EqualsIgnoreCase(name, "Transfer-Encoding")) {
    if (++seen.transfer_encoding > 1) return Bad("Transfer-Encoding stands more than once");
    if (!framing.is_http_1_1) return Bad("Transfer-Encoding has no meaning in HTTP/1.0");
    if (!EqualsIgnoreCase(value, "chunked")) {
      return {kNotImplemented, "Transfer-Encoding: chunked is taken, no other"};
    }
    framing.is_chunked = true;
  } else if (EqualsIgnoreCase(name, "Expect")) {
    if (!EqualsIgnoreCase(value, "100-continue")) {
      return {kExpectationFailed, "Expect: 100-continue is met, no other"};
    }
    framing.expects_continue = framing.is_http_1_1;
  }
  return {};
}

HttpRefusal CheckFieldLine(std::string_view line, const HttpLimits& limits, Seen& seen,
                           HttpFraming& framing) {
  if (line.front() == ' ' || line.front() == '\t') {
    return Bad("a header field is folded over several lines");
  }
  const size_t colon = line.find(':');
  if (colon == line.npos) return Bad("a line of the header has no colon");
  const std::string_view name = line.substr(0, colon);
  if (!name.empty() && (name.back() == ' ' || name.back() == '\t')) {
    return Bad("a space stands between the name of a header field and its colon");
  }
  if (!IsToken(name)) return Bad("the name of a header field is not a token");
  const std::string_view value = Trimmed(line.substr(colon + 1));
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
  };
  if (std::any_of(value.begin(), value.end(), is_control)) {
    return Bad("a header field holds a control character");
  }
  return CheckField(name, value, limits, seen, framing);
}

}  // namespace

HeadScan::Result HeadScan::Refuse(int status, std::string message) {
  refusal_ = {status, std::move(message)};
  return Result::kRefused;
}

HeadScan::Result HeadScan::LimitsOf(std::string_view bytes) {
  const auto seen = static_cast<int64_t>(bytes.size());
  if (!after_first_line_ && seen > limits_->request_line_bytes) {
    return Refuse(kTargetTooLong, "the request line is longer than the " +
                                      std::to_string(limits_->request_line_bytes) +
                                      " bytes allowed");
  }
  if (seen > limits_->head_bytes) {
    return Refuse(kFieldsTooLarge, "the header is larger than the " +
                                       std::to_string(limits_->head_bytes) + " bytes allowed");
  }
  return Result::kMore;
}

HeadScan::Result HeadScan::Look(std::string_view bytes) {
  for (; next_ < bytes.size(); ++next_) {
    const char c = bytes[next_];
    if (c == '\0') return Refuse(kBadRequest, "the head of the request holds a NUL");
    const bool after_cr = next_ > line_start_ && bytes[next_ - 1] == '\r';
    if (c != '\n') {
      if (after_cr) return Refuse(kBadRequest, "a CR stands without LF in the head of the request");
      continue;
    }
    if (!after_cr) return Refuse(kBadRequest, "a line of the head ends with LF alone, not CRLF");
    const size_t line_bytes = next_ - line_start_ + 1;
    line_start_ = next_ + 1;
    if (line_bytes > kCrlf.size()) {
      const Result result = LimitsOf(bytes.substr(0, line_start_));
      if (result != Result::kMore) return result;
      after_first_line_ = true;
    } else if (after_first_line_) {
      ++next_;
      return LimitsOf(bytes.substr(0, next_)) == Result::kRefused ? Result::kRefused
                                                                  : Result::kWhole;
    } else {
      return Refuse(kBadRequest, "an empty line stands where a request line is expected");
    }
  }
  return LimitsOf(bytes);
}

HttpRefusal CheckHead(std::string_view head, const HttpLimits& limits, HttpFraming& framing) {
  framing = {};
  Seen seen;
  int fields = -1;  // the request line is none
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find(kCrlf));
    head.remove_prefix(std::min(head.size(), line.size() + kCrlf.size()));
    if (line.empty()) break;
    if (++fields > limits.header_fields) {
      return {kFieldsTooLarge, "there are more than the " + std::to_string(limits.header_fields) +
                                   " header fields allowed"};
    }
    HttpRefusal refusal =
        fields == 0 ? CheckRequestLine(line, framing) : CheckFieldLine(line, limits, seen, framing);
    if (refusal.refused()) return refusal;
  }
  if (fields < 0) return Bad("there is no request line");
  if (framing.is_http_1_1 && seen.host == 0) return Bad("Host is missing");
  if (seen.content_length > 0 && seen.transfer_encoding > 0) {
    return Bad("Content-Length and Transfer-Encoding stand together");
  }
  return {};
}

}  // namespace auscult::rest
