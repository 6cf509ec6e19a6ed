// How long do the questions of a dashboard take, and does it matter how large the fleet is? Trends
// of 1,000 pixels of one point with ten years at a record every ten minutes, beside a fleet with
// thirty days of hourly records, first a tenth of it, then all; the worst 100 of the fleet, and of
// one ten times larger of which only the states are there, for nothing else is read. Warm: the
// median of 21 calls of the handlers, without the network. Answers are checked first.
//
//   trend_bench [--points 10000] [--years 10] [--quick]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "auscult/v1/trend_service.pb.h"
#include "bench/trend_scene.h"
#include "db/rollup.h"
#include "google/protobuf/util/time_util.h"
#include "server/embedded_postgres.h"
#include "server/health_calls.h"
#include "server/trend_calls.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::bench {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int kRuns = 21;
constexpr char kLongPoint[] = "sites/fleet/assets/long/points/de";

int64_t RollEverything(const std::string& conninfo) {
  auto connection = db::Connection::Open(conninfo);
  Check(connection.status());
  db::RollupPartitions partitions;
  int64_t portions = 0;
  for (;;) {
    const auto keys = db::ListPointsToRoll(**connection, 1'000'000);
    Check(keys.status());
    if (keys->empty()) return portions;
    for (const db::PointKey& key : *keys) {
      for (bool more = true; more; ++portions) {
        const auto rolled = db::RollPortion(**connection, partitions, key);
        Check(rolled.status());
        more = *rolled;
      }
    }
  }
}

double MedianMs(const std::function<void()>& call) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times_ms;
  for (int i = 0; i < kRuns; ++i) {
    const Clock::time_point begin = Clock::now();
    call();
    times_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  std::nth_element(times_ms.begin(), times_ms.begin() + kRuns / 2, times_ms.end());
  return times_ms[kRuns / 2];
}

class Questions {
 public:
  Questions(db::Connection& connection, const LongTrend& trend)
      : scope_{connection, [] { return absl::OkStatus(); }}, trend_(trend) {}

  v1::QueryTrendResponse Trend(double days, const std::string& series) {
    v1::QueryTrendRequest request;
    request.set_name(kLongPoint);
    request.add_series(series);
    request.set_statistics(true);
    *request.mutable_end_time() = TimeUtil::MicrosecondsToTimestamp(trend_.end_us());
    *request.mutable_start_time() = TimeUtil::MicrosecondsToTimestamp(
        trend_.end_us() - static_cast<int64_t>(days * db::kDayUs));
    v1::QueryTrendResponse response;
    Check(server::QueryTrend(scope_, request, response));
    return response;
  }

  v1::ListAssetHealthResponse Worst() {
    v1::ListAssetHealthRequest request;
    request.set_parent("sites/fleet");
    request.set_page_size(100);
    v1::ListAssetHealthResponse response;
    Check(server::ListAssetHealth(scope_, request, response));
    return response;
  }

  // Every record counts once, and extremes are those of the records.
  void CheckTrend(double days) {
    const v1::QueryTrendResponse response = Trend(days, std::string(LongTrend::kFeature));
    const v1::Series& series = response.series(0);
    float low = 1e9f, high = -1e9f;
    int64_t expected = 0;
    for (int64_t n = 0; n < trend_.count(); ++n) {
      if (trend_.TimeUs(n) < trend_.end_us() - static_cast<int64_t>(days * db::kDayUs)) continue;
      low = std::min(low, LongTrend::Value(n));
      high = std::max(high, LongTrend::Value(n));
      ++expected;
    }
    int64_t counted = 0;
    for (const int64_t count : series.count()) counted += count;
    const bool right = series.record_count() == expected && counted == expected &&
                       series.value_size() > 400 && series.value_size() <= 1000 &&
                       *std::min_element(series.min().begin(), series.min().end()) == low &&
                       *std::max_element(series.max().begin(), series.max().end()) == high;
    if (!right) Die(absl::StrCat("the trend of ", days, " days is wrong"));
  }

  // The first 100 by condition and health, as plain SQL finds them.
  void CheckWorst() {
    const v1::ListAssetHealthResponse response = Worst();
    const auto rows = scope_.connection.Query(
        "SELECT slug FROM asset JOIN (SELECT DISTINCT ON (asset_id) asset_id, condition, health"
        "  FROM point_state WHERE condition > 1 ORDER BY asset_id, condition DESC, health) AS worst"
        " USING (asset_id) ORDER BY condition DESC, health LIMIT 100");
    Check(rows.status());
    if (rows->count() == 0) Die("nothing in the fleet is ill");
    for (int i = 0; i < rows->count(); ++i) {
      if (response.assets_size() <= i ||
          response.assets(i).name() !=
              absl::StrCat("sites/fleet/assets/", std::string(rows->Text(i, 0)))) {
        Die(absl::StrCat("the fleet's worst are wrong from place ", i));
      }
    }
  }

 private:
  server::CallScope scope_;
  const LongTrend& trend_;
};

using Figures = nlohmann::ordered_json;

Figures MeasureTrends(Questions& questions, const std::vector<double>& periods) {
  Figures figures;
  for (const double days : periods) {
    questions.CheckTrend(days);
    for (const char* series : {"level_db", "health"}) {
      const double ms = MedianMs([&] { questions.Trend(days, series); });
      figures[absl::StrCat(series, "_", days, "_days_ms")] = ms;
      std::printf("  %-10s %6.0f days  %7.2f ms\n", series, days, ms);
    }
  }
  return figures;
}

Figures MeasureWorst(Questions& questions) {
  questions.CheckWorst();
  const double ms = MedianMs([&] { questions.Worst(); });
  std::printf("  worst 100              %7.2f ms\n", ms);
  return {{"worst_100_ms", ms}};
}

// How many times as long anything took, at most.
double WorstRatio(const Figures& small, const Figures& large) {
  double worst = 0;
  for (const auto& [name, value] : large.items()) {
    worst = std::max(worst, value.get<double>() / small[name].get<double>());
  }
  return worst;
}

// A fleet that grows.
class Fleet {
 public:
  Fleet(db::Connection& connection, std::string conninfo)
      : connection_(connection), conninfo_(std::move(conninfo)) {}

  void GrowTo(int points, bool with_records) {
    LoadFleet(connection_, points_, points);
    if (with_records) {
      LoadFleetRecords(connection_, points_, points);
      RollEverything(conninfo_);
    }
    points_ = points;
    Execute(connection_, "VACUUM ANALYZE");
    std::printf("fleet of %d points\n", points);
  }

 private:
  db::Connection& connection_;
  const std::string conninfo_;
  int points_ = 0;
};

struct Options {
  int points = 10000;
  double years = 10;
};

int Main(const Options& options) {
  support::PostgresCluster cluster({.fsync = false, .settings = server::kClusterSettings});
  support::TestDatabase database(cluster);
  const auto connection = database.Connect();
  Execute(*connection, "SET statement_timeout = 0");
  const LongTrend trend(options.years);
  const db::Point point = MakeLongPoint(*connection);
  MakePartitions(*connection, trend.TimeUs(0), trend.end_us());
  trend.Load(*connection, point);
  const db::Param state[] = {db::TimeUs(trend.TimeUs(trend.count() - 1)), db::Int(trend.count())};
  Execute(*connection,
          "UPDATE point_state SET last_measured_at = $1, received_at = now(), record_count = $2,"
          " condition = 1, health = 90, severity = 1, zone = 1, verdict = 0, confidence = 1",
          state);
  const absl::Time rolling = absl::Now();
  RollEverything(database.conninfo());
  const double roll_s = absl::ToDoubleSeconds(absl::Now() - rolling);
  std::printf("one point: %lld records, rolled up in %.1f s\n",
              static_cast<long long>(trend.count()), roll_s);

  // 41 and 990 days are the worst cases of records and hours: nearly as coarse as would do.
  std::vector<double> periods = {30, 41, 365, 990, 365 * options.years};
  std::erase_if(periods, [&](double days) { return days > 365 * options.years; });
  Questions questions(*connection, trend);
  Fleet fleet(*connection, database.conninfo());
  fleet.GrowTo(options.points / 10, true);
  const Figures trends_small = MeasureTrends(questions, periods);
  fleet.GrowTo(options.points, true);
  const Figures trends = MeasureTrends(questions, periods);
  const Figures worst_small = MeasureWorst(questions);
  fleet.GrowTo(10 * options.points, false);
  const Figures worst = MeasureWorst(questions);
  const Figures figures = {{"bench", "trend"},
                           {"points", options.points},
                           {"records", trend.count()},
                           {"roll_records_per_s", static_cast<double>(trend.count()) / roll_s},
                           {"trends_beside_a_tenth", trends_small},
                           {"trends", trends},
                           {"trends_ratio", WorstRatio(trends_small, trends)},
                           {"worst", worst_small},
                           {"worst_of_ten_times", worst},
                           {"worst_ratio", WorstRatio(worst_small, worst)}};
  std::printf(
      "a fleet ten times larger: trends at most %.2f, the worst 100 %.2f times as long\n%s\n",
      figures["trends_ratio"].get<double>(), figures["worst_ratio"].get<double>(),
      figures.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) {
  auscult::bench::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--quick") {
      options = {.points = 1000, .years = 3};
    } else if (name == "--points" && i + 1 < argc) {
      options.points = std::atoi(argv[++i]);
    } else if (name == "--years" && i + 1 < argc) {
      options.years = std::atof(argv[++i]);
    } else {
      std::fputs("usage: trend_bench [--points 10000] [--years 10] [--quick]\n", stderr);
      return 2;
    }
  }
  return auscult::bench::Main(options);
}
