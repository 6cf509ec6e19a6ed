#include "server/access/http_fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <memory>

#include "server/concat.h"

namespace auscult::server {
namespace {

constexpr size_t kMostBytes = 256 << 10;
constexpr long kTimeoutMs = 5000, kConnectTimeoutMs = 3000;

struct FreeText {
  void operator()(char* text) const { curl_free(text); }
};
using CurlText = std::unique_ptr<char, FreeText>;

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  return CurlText(text).get();
}

bool IsThisMachine(const std::string& host) {
  in_addr address{};
  const bool is_address = inet_pton(AF_INET, host.c_str(), &address) == 1;
  return host == "localhost" || host == "[::1]" ||
         (is_address && ntohl(address.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET);
}

// Takes more of the body; less than it was given ends the transfer.
size_t Take(char* bytes, size_t, size_t count, void* body) {
  std::string& taken = *static_cast<std::string*>(body);
  if (taken.size() + count > kMostBytes) return 0;
  taken.append(bytes, count);
  return count;
}

}  // namespace

absl::Status CheckFetchUrl(const std::string& text) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return absl::InvalidArgumentError(Concat(text, " is no URL"));
  }
  const std::string scheme = PartOf(url.get(), CURLUPART_SCHEME);
  if (scheme == "https" || (scheme == "http" && IsThisMachine(PartOf(url.get(), CURLUPART_HOST)))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      Concat(text, " is not asked: it has to be https, or http of this machine"));
}

absl::StatusOr<std::string> FetchUrl(const std::string& url) {
  static const CURLcode set_up = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (absl::Status status = CheckFetchUrl(url); !status.ok()) {
    return absl::UnavailableError(std::string(status.message()));
  }
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(),
                                                                   curl_easy_cleanup);
  if (set_up != CURLE_OK || !handle) return absl::UnavailableError("no HTTP client could be made");
  std::string body;
  char problem[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(handle.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(handle.get(), CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(handle.get(), CURLOPT_MAXFILESIZE, static_cast<long>(kMostBytes));
  curl_easy_setopt(handle.get(), CURLOPT_USERAGENT, "auscultd");
  curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, problem);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, &Take);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &body);
  const CURLcode done = curl_easy_perform(handle.get());
  if (done != CURLE_OK) {
    return absl::UnavailableError(
        Concat(url, ": ", *problem != '\0' ? problem : curl_easy_strerror(done)));
  }
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 200) return body;
  return absl::UnavailableError(Concat(url, " answers with status ", status));
}

}  // namespace auscult::server
