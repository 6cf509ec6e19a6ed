#include "server/server_metrics.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>
#include <utility>

#include "server/group_commit.h"
#include "server/open_files.h"
#include "server/operation_runner.h"
#include "server/rescore_jobs.h"
#include "server/scoring_pipeline.h"
#include "server/tenants.h"
#include "server/tls/tls_watch.h"
#include "server/version.h"

namespace auscult::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

class Page {
 public:
  // Values of one name stand together, told apart by their labels.
  void Add(const char* name, const char* help, MetricType type, double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    Put(name, help, type, std::move(metric));
  }
  void Counter(const char* name, const char* help, double value, Labels labels = {}) {
    Add(name, help, MetricType::Counter, value, std::move(labels));
  }
  void Gauge(const char* name, const char* help, double value, Labels labels = {}) {
    Add(name, help, MetricType::Gauge, value, std::move(labels));
  }
  void Histogram(const char* name, const char* help, const DurationCounts& durations) {
    ClientMetric metric;
    uint64_t below = 0;
    for (size_t i = 0; i <= DurationCounts::kBoundsS.size(); ++i) {
      below += static_cast<uint64_t>(durations.count_of(i));
      const double bound = i < DurationCounts::kBoundsS.size()
                               ? DurationCounts::kBoundsS[i]
                               : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({below, bound});
    }
    metric.histogram.sample_count = below;
    metric.histogram.sample_sum = durations.total_s();
    Put(name, help, MetricType::Histogram, std::move(metric));
  }
  std::vector<MetricFamily> Take() { return std::move(families_); }

 private:
  void Put(const char* name, const char* help, MetricType type, ClientMetric metric) {
    if (families_.empty() || families_.back().name != name) {
      families_.push_back({name, help, type, {}});
    }
    families_.back().metric.push_back(std::move(metric));
  }
  std::vector<MetricFamily> families_;
};

void AddIngest(const ServerMetrics::Parts& parts, Page& page) {
  if (parts.pipeline != nullptr) {
    const IngestCounts& counts = parts.pipeline->counts();
    constexpr char kName[] = "auscult_ingest_records_total";
    constexpr char kHelp[] = "Records answered, by outcome.";
    page.Counter(kName, kHelp, static_cast<double>(counts.accepted), {{"outcome", "accepted"}});
    page.Counter(kName, kHelp, static_cast<double>(counts.duplicate), {{"outcome", "duplicate"}});
    page.Counter(kName, kHelp, static_cast<double>(counts.rejected), {{"outcome", "rejected"}});
  }
  if (parts.tenants != nullptr) {
    page.Gauge("auscult_ingest_in_flight_bytes", "Waveforms in memory.",
               static_cast<double>(parts.tenants->budget().used_bytes()));
    for (size_t i = 0; i < kRefusedForNames.size(); ++i) {
      page.Counter(
          "auscult_refused_total", "Records, streams and calls refused, by what was spent.",
          static_cast<double>(parts.tenants->refusals().of(i)), {{"limit", kRefusedForNames[i]}});
    }
  }
  if (parts.commit != nullptr) {
    const CommitCounts& counts = parts.commit->counts();
    page.Gauge("auscult_commit_waiting_records", "Records that wait for a writer.",
               static_cast<double>(counts.waiting));
    page.Counter("auscult_commit_records_total", "Records committed.",
                 static_cast<double>(counts.records));
    page.Counter("auscult_commit_failures_total", "Commits that failed and were tried again.",
                 static_cast<double>(counts.failures));
    page.Histogram("auscult_commit_duration_seconds", "Of a batch, from its first statement on.",
                   counts.durations);
  }
}

void AddJobs(const ServerMetrics::Parts& parts, Page& page) {
  if (parts.operations != nullptr) {
    page.Gauge("auscult_operations_running", "Training and comparing under way on this server.",
               parts.operations->running());
  }
  if (parts.rescore != nullptr) {
    page.Counter("auscult_rescore_steps_total", "Steps of re-scorings done by this server.",
                 static_cast<double>(parts.rescore->steps()));
  }
}

void AddCertificate(const ServerMetrics::Parts& parts, Page& page) {
  if (parts.certificates == nullptr) return;
  const auto expires = parts.certificates->current()->expires.time_since_epoch();
  page.Gauge("auscult_tls_certificate_expiry_timestamp_seconds",
             "When the server's certificate ends, in seconds since 1970.",
             std::chrono::duration<double>(expires).count());
}

// By the names that all of Prometheus' clients give them.
void AddProcess(Page& page) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  page.Counter("process_cpu_seconds_total", "User and system time.",
               seconds(usage.ru_utime) + seconds(usage.ru_stime));
  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  double virtual_pages = 0, resident_pages = 0;
  std::ifstream("/proc/self/statm") >> virtual_pages >> resident_pages;
  page.Gauge("process_resident_memory_bytes", "Memory in use.", resident_pages * page_bytes);
  page.Gauge("process_virtual_memory_bytes", "Address space.", virtual_pages * page_bytes);
  page.Gauge("process_open_fds", "Files and connections open.",
             static_cast<double>(CountOpenFiles()));
  rlimit most{};
  getrlimit(RLIMIT_NOFILE, &most);
  page.Gauge("process_max_fds", "Files and connections that may be open.",
             static_cast<double>(most.rlim_cur));
  page.Gauge("auscult_build", "1, with the version.", 1, {{"version", kVersion}});
}

}  // namespace

std::vector<MetricFamily> ServerMetrics::Collect() const {
  Page page;
  AddIngest(parts_, page);
  AddJobs(parts_, page);
  AddCertificate(parts_, page);
  AddProcess(page);
  return page.Take();
}

}  // namespace auscult::server
