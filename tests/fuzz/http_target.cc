#include "tests/fuzz/http_target.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdlib>

#include "server/rest/http_head.h"
#include "server/rest/http_limits.h"

namespace auscult::fuzz {
namespace {

namespace http = boost::beast::http;
using rest::HeadScan;

constexpr rest::HttpLimits kLimits = {
    .request_line_bytes = 256, .head_bytes = 512, .header_fields = 8, .body_bytes = 64};

HeadScan::Result ScanBytewise(std::string_view bytes, HeadScan& scan) {
  for (size_t size = 1; size <= bytes.size(); ++size) {
    const HeadScan::Result result = scan.Look(bytes.substr(0, size));
    if (result != HeadScan::Result::kMore) return result;
  }
  return HeadScan::Result::kMore;
}

// How many bytes the body took.
size_t ReadBody(std::string_view bytes, http::request_parser<http::string_body>& parser) {
  size_t taken = 0;
  boost::system::error_code error;
  parser.eager(true);
  while (!parser.is_done() && taken < bytes.size() && !error) {
    const size_t more =
        parser.put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
    taken += more;
    if (more == 0) break;
  }
  if (parser.get().body().size() > static_cast<size_t>(kLimits.body_bytes)) std::abort();
  return taken;
}

}  // namespace

void TryHttp(std::string_view bytes) {
  while (!bytes.empty()) {
    HeadScan scan(&kLimits), bytewise(&kLimits);
    const HeadScan::Result result = scan.Look(bytes);
    if (ScanBytewise(bytes, bytewise) != result) std::abort();
    if (result != HeadScan::Result::kWhole) return;
    if (scan.head_bytes() != bytewise.head_bytes()) std::abort();
    const std::string_view head = bytes.substr(0, scan.head_bytes());
    rest::HttpFraming framing;
    if (rest::CheckHead(head, kLimits, framing).refused()) return;
    http::request_parser<http::string_body> parser;
    parser.body_limit(static_cast<uint64_t>(kLimits.body_bytes));
    boost::system::error_code error;
    const size_t parsed = parser.put(boost::asio::buffer(head.data(), head.size()), error);
    if (error || !parser.is_header_done() || parsed != head.size()) return;
    const auto length = parser.content_length();
    if (parser.chunked() != framing.is_chunked ||
        (length ? static_cast<int64_t>(*length) : 0) != framing.content_length) {
      std::abort();
    }
    bytes.remove_prefix(head.size());
    bytes.remove_prefix(ReadBody(bytes, parser));
    if (!parser.is_done()) return;
  }
}

}  // namespace auscult::fuzz
