// Makes years of simulated history in a database, for trying trends, fleets and re-scoring on:
// features of healthy points that jitter and wander, and on every seventh point a fault that grows
// until it is repaired. Records go through the writer that the server uses, so that scores, cases,
// baselines and states are what they would be; the rollups are made in the end.
//
//   make_history [--points 100] [--years 1] [--every 10min]
//                (--database CONNINFO | --data-dir FOLDER [--service-user NAME])

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "db/migrate.h"
#include "db/plant_store.h"
#include "db/rollup.h"
#include "db/trend_writer.h"
#include "server/embedded_postgres.h"
#include "tests/models/healthy_point.h"

namespace auscult::bench {
namespace {

constexpr char kSite[] = "history";
constexpr int kPointsOfAnAsset = 4;
constexpr int kRecordsAtOnce = 1000;
constexpr int kFaultyEvery = 7;

struct Options {
  int points = 100;
  double years = 1;
  absl::Duration every = absl::Minutes(10);
  std::string database, data_dir, service_user;
};

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "make_history: %s\n", why.c_str());
  std::exit(1);
}

void Check(const absl::Status& status) {
  if (!status.ok()) Die(std::string(status.message()));
}

Options Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (i + 1 == argc) Die("a value is missing after " + name);
    const std::string value = argv[++i];
    if (name == "--points") {
      options.points = std::atoi(value.c_str());
    } else if (name == "--years") {
      options.years = std::atof(value.c_str());
    } else if (name == "--every") {
      // Go's units, "min" for people.
      const bool minutes = value.ends_with("min");
      if (!absl::ParseDuration(minutes ? value.substr(0, value.size() - 2) : value,
                               &options.every)) {
        Die("--every: write it as 10min, 1h or 30s");
      }
    } else if (name == "--database") {
      options.database = value;
    } else if (name == "--data-dir") {
      options.data_dir = value;
    } else if (name == "--service-user") {
      options.service_user = value;
    } else {
      Die("unknown option " + name);
    }
  }
  if (options.points < 1 || options.points > 100000) Die("--points: 1 to 100000");
  if (!(options.years > 0) || options.years > 30) Die("--years: more than 0, at most 30");
  if (options.every < absl::Seconds(1)) Die("--every: at least 1s");
  if (options.database.empty() == options.data_dir.empty()) {
    Die("give either --database or --data-dir");
  }
  return options;
}

// A point at the level of features. A fault grows over weeks and is repaired, again and again.
class SimulatedPoint {
 public:
  SimulatedPoint(const db::Point& row, int index)
      : row_(row), healthy_(static_cast<uint64_t>(index) + 1), index_(index) {}

  db::Record Next(int64_t measured_at_us) {
    db::Record record;
    record.site_id = row_.site_id;
    record.asset_id = row_.asset_id;
    record.point_id = row_.point_id;
    record.measured_at_us = measured_at_us;
    record.source = db::Source::kEdgeFeatures;
    record.features = healthy_.Next();
    record.features.speed_rpm = 1480;
    const float growth_db = GrowthDb(measured_at_us);
    for (size_t i = 0; i < record.features.values.size(); ++i) {
      if (models::IsLearnt(record.features, static_cast<int>(i))) {
        record.features.values[i] += growth_db;
      }
    }
    record.content_hash = std::string(16, '\0');
    std::memcpy(record.content_hash.data(), &measured_at_us, sizeof measured_at_us);
    std::memcpy(record.content_hash.data() + 8, &index_, sizeof index_);
    return record;
  }

 private:
  float GrowthDb(int64_t at_us) const {
    if (index_ % kFaultyEvery != kFaultyEvery / 2) return 0;
    constexpr double kCycleDays = 110, kGrowingDays = 40, kWorstDb = 12;
    const double day = static_cast<double>(at_us) / static_cast<double>(db::kDayUs) + 13.0 * index_;
    const double of_cycle = std::fmod(day, kCycleDays) - (kCycleDays - kGrowingDays);
    if (of_cycle <= 0) return 0;
    const double share = of_cycle / kGrowingDays;
    return static_cast<float>(kWorstDb * share * share);
  }

  const db::Point row_;
  models::HealthyPoint healthy_;
  const int index_;
};

std::vector<SimulatedPoint> MakePlant(db::Connection& connection, int count) {
  db::Site site;
  site.slug = kSite;
  site.display_name = "Simulated history";
  const absl::Status made = db::CreateSite(connection, site).status();
  if (absl::IsAlreadyExists(made)) {
    Die("the database has a site \"history\" already: auscult delete it first");
  }
  Check(made);
  std::vector<SimulatedPoint> points;
  for (int i = 0; i < count; ++i) {
    db::Point point;
    point.site_slug = kSite;
    point.asset_slug = absl::StrFormat("machine-%04d", i / kPointsOfAnAsset + 1);
    point.slug = absl::StrCat("p", i % kPointsOfAnAsset + 1);
    point.definition = R"({"channels":[{"id":"H","quantity":"QUANTITY_ACCELERATION"}]})";
    if (i % kPointsOfAnAsset == 0) {
      db::Asset asset;
      asset.site_slug = kSite;
      asset.slug = point.asset_slug;
      Check(db::CreateAsset(connection, asset).status());
    }
    const auto row = db::CreatePoint(connection, point);
    Check(row.status());
    points.emplace_back(*row, i);
  }
  return points;
}

// Writes every `threads`-th point from `first` on, a few days of each at a time.
void WritePoints(const Options& options, const std::string& conninfo, int first, int threads,
                 std::vector<SimulatedPoint>& points, std::atomic<int64_t>& written) {
  db::BaselineCache baselines(points.size());
  db::TrendWriter writer(conninfo, &baselines);
  const int64_t step_us = absl::ToInt64Microseconds(options.every);
  const int64_t end_us = absl::ToUnixMicros(absl::Now());
  const auto length_us = static_cast<int64_t>(options.years * 365.25 * db::kDayUs);
  for (int64_t at_us = end_us - length_us; at_us < end_us; at_us += kRecordsAtOnce * step_us) {
    for (size_t p = static_cast<size_t>(first); p < points.size();
         p += static_cast<size_t>(threads)) {
      std::vector<db::Record> records;
      for (int i = 0; i < kRecordsAtOnce && at_us + i * step_us < end_us; ++i) {
        records.push_back(points[p].Next(at_us + i * step_us));
      }
      const auto outcomes = writer.Write(records);
      Check(outcomes.status());
      for (const db::Outcome& outcome : *outcomes) Check(outcome.rejection);
      written += std::ssize(records);
    }
  }
}

void WriteHistory(const Options& options, const std::string& conninfo,
                  std::vector<SimulatedPoint>& points) {
  const auto threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::atomic<int64_t> written{0};
  std::atomic<int> running{threads};
  std::vector<std::thread> writers;
  for (int t = 0; t < threads; ++t) {
    writers.emplace_back([&, t] {
      WritePoints(options, conninfo, t, threads, points, written);
      --running;
    });
  }
  const double expected = options.points * options.years * 365.25 *
                          absl::ToDoubleSeconds(absl::Hours(24)) /
                          absl::ToDoubleSeconds(options.every);
  const absl::Time begin = absl::Now();
  while (running > 0) {
    absl::SleepFor(absl::Seconds(1));
    const double rate = static_cast<double>(written) / absl::ToDoubleSeconds(absl::Now() - begin);
    std::fprintf(stderr, "\r%lld of %.0f records, %.0f a second ",
                 static_cast<long long>(written.load()), expected, rate);
  }
  std::fprintf(stderr, "\n");
  for (std::thread& writer : writers) writer.join();
}

void RollEverything(db::Connection& connection) {
  db::RollupPartitions partitions;
  for (;;) {
    const auto keys = db::ListPointsToRoll(connection, 100000);
    Check(keys.status());
    if (keys->empty()) return;
    for (const db::PointKey& key : *keys) {
      for (bool more = true; more;) {
        const auto rolled = db::RollPortion(connection, partitions, key);
        Check(rolled.status());
        more = *rolled;
      }
    }
  }
}

int Main(int argc, char** argv) {
  const Options options = Parse(argc, argv);
  std::unique_ptr<server::EmbeddedPostgres> embedded;
  std::string conninfo = options.database;
  if (conninfo.empty()) {
    auto started = server::EmbeddedPostgres::Start({options.data_dir, "", options.service_user});
    Check(started.status());
    embedded = *std::move(started);
    conninfo = embedded->conninfo();
  }
  auto connection = db::Connection::Open(conninfo);
  Check(connection.status());
  Check(db::Migrate(**connection));
  std::vector<SimulatedPoint> points = MakePlant(**connection, options.points);
  const absl::Time begin = absl::Now();
  WriteHistory(options, conninfo, points);
  const absl::Time rolling = absl::Now();
  std::fprintf(stderr, "rolling up\n");
  RollEverything(**connection);
  std::printf("{\"points\": %d, \"years\": %g, \"write_s\": %.1f, \"roll_s\": %.1f}\n",
              options.points, options.years, absl::ToDoubleSeconds(rolling - begin),
              absl::ToDoubleSeconds(absl::Now() - rolling));
  if (embedded != nullptr) Check(embedded->Stop());
  return 0;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) { return auscult::bench::Main(argc, argv); }
