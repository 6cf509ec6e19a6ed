#include "server/rest/gzip.h"

#include <zlib.h>

#include <cassert>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace auscult::rest {
namespace {

constexpr int kGzipWindow = 15 + 16;  // the largest window, with gzip's own header
constexpr int kMemoryLevel = 8;

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

// "gzip;q=0.5" to its name and weight; a weight that cannot be read is 0.
double WeightOf(absl::string_view& coding) {
  const size_t semicolon = coding.find(';');
  absl::string_view parameter;
  if (semicolon != coding.npos) {
    parameter = absl::StripAsciiWhitespace(coding.substr(semicolon + 1));
    coding = absl::StripAsciiWhitespace(coding.substr(0, semicolon));
  }
  if (parameter.empty()) return 1;
  double weight = 0;
  if (!absl::ConsumePrefix(&parameter, "q=") && !absl::ConsumePrefix(&parameter, "Q=")) return 1;
  return absl::SimpleAtod(parameter, &weight) ? weight : 0;
}

}  // namespace

bool AcceptsGzip(std::string_view accept_encoding) {
  double any = 0, gzip = -1;
  for (absl::string_view coding : absl::StrSplit(ToAbsl(accept_encoding), ',')) {
    coding = absl::StripAsciiWhitespace(coding);
    const double weight = WeightOf(coding);
    if (absl::EqualsIgnoreCase(coding, "gzip") || absl::EqualsIgnoreCase(coding, "x-gzip")) {
      gzip = weight;
    } else if (coding == "*") {
      any = weight;
    }
  }
  return (gzip >= 0 ? gzip : any) > 0;
}

bool IsCompressible(std::string_view content_type) {
  const absl::string_view type = ToAbsl(content_type.substr(0, content_type.find(';')));
  return absl::StartsWith(type, "text/") || absl::EndsWith(type, "json") ||
         absl::EndsWith(type, "xml") || absl::EndsWith(type, "javascript") ||
         absl::EndsWith(type, "ndjson");
}

std::string Gzip(std::string_view bytes, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    std::abort();  // out of memory, or not the library that this was built for
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&stream, Z_FINISH);
  assert(ended == Z_STREAM_END);
  static_cast<void>(ended);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace auscult::rest
