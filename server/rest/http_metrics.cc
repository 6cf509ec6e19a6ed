#include "server/rest/http_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

namespace auscult::rest {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

// From what memory answers to what a browser gives up on; s.
const prometheus::Histogram::BucketBoundaries kDurationsS = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

class HttpMetrics : public HttpTraffic {
 public:
  explicit HttpMetrics(prometheus::Registry& registry)
      : requests_(BuildCounter()
                      .Name("auscult_http_requests_total")
                      .Help("Requests that ended, by what became of them; 499: the client left.")
                      .Register(registry)),
        durations_(BuildHistogram()
                       .Name("auscult_http_request_duration_seconds")
                       .Help("From the head of a request to the last byte of its answer; streams "
                             "until their end.")
                       .Register(registry)),
        open_(BuildGauge()
                  .Name("auscult_http_connections")
                  .Help("Connections that are open.")
                  .Register(registry)
                  .Add({})),
        opened_(Counter(registry, "auscult_http_connections_total", "Connections taken.")),
        turned_away_(Counter(registry, "auscult_http_connections_turned_away_total",
                             "Connections refused for there were too many.")),
        bytes_in_(Counter(registry, "auscult_http_received_bytes_total", "Bodies of requests.")),
        bytes_out_(
            Counter(registry, "auscult_http_sent_bytes_total", "Answers with their heads.")) {}

  void Opened() override {
    open_.Increment();
    opened_.Increment();
  }
  void Closed() override { open_.Decrement(); }
  void TurnedAway() override { turned_away_.Increment(); }
  void Finished(const HttpAccess& access) override {
    const std::string route = access.route.empty() ? "none" : access.route;
    const std::string method = access.method.empty() ? "none" : access.method;
    requests_.Add({{"method", method}, {"route", route}, {"status", std::to_string(access.status)}})
        .Increment();
    durations_.Add({{"method", method}, {"route", route}}, kDurationsS)
        .Observe(std::chrono::duration<double>(access.took).count());
    bytes_in_.Increment(static_cast<double>(access.bytes_in));
    bytes_out_.Increment(static_cast<double>(access.bytes_out));
  }

 private:
  static prometheus::Counter& Counter(prometheus::Registry& registry, const char* name,
                                      const char* help) {
    return BuildCounter().Name(name).Help(help).Register(registry).Add({});
  }

  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& durations_;
  prometheus::Gauge& open_;
  prometheus::Counter &opened_, &turned_away_, &bytes_in_, &bytes_out_;
};

}  // namespace

std::unique_ptr<HttpTraffic> MakeHttpMetrics(prometheus::Registry* registry) {
  return std::make_unique<HttpMetrics>(*registry);
}

}  // namespace auscult::rest
