// How many records a second does the writer store, and how far is that from a bare binary COPY of
// the very same rows of trend and score, in transactions of the same size, on the same cluster? Two
// fleets: many points that send now and then, so that every record of a batch is of another point,
// and few that send without a pause. Both sides take turns; the answer is checked first: the rows
// they left are the same. Also told: what a record takes on disk, against what is in it.
//
//   writer_bench [--records 81920] [--quick]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "db/health_detail.h"
#include "db/record_rows.h"
#include "db/trend_writer.h"
#include "features/bearing_catalogue.h"
#include "features/extract.h"
#include "models/simulate.h"
#include "server/embedded_postgres.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBatch = 256;  // records a transaction, as auscultd commits at most
constexpr int64_t kStartUs = 1'790'000'000'000'000;
constexpr int64_t kStepUs = 10'000'000;
constexpr int kRounds = 8;
// Of each point before anything is counted: by then its baseline is learnt, and learnt again from
// the wider window.
constexpr int kLearntRecords = 320;

constexpr int kDistinctWindows = 32;
constexpr int kSamples = 16'384;
constexpr double kRateHz = 25'600;
constexpr float kSpeedRpm = 1480;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "writer_bench: %s\n", what.c_str());
  std::_Exit(1);
}

void Check(const absl::Status& status) {
  if (!status.ok()) Die(status.ToString());
}

// A database of the cluster with the schema and `points` points of one asset.
class Store {
 public:
  Store(support::PostgresCluster& cluster, int points)
      : database_(cluster), connection_(database_.Connect()) {
    Check(connection_->Execute("INSERT INTO site (slug) VALUES ('s')"));
    Check(connection_->Execute("INSERT INTO asset (site_id, slug) VALUES (1, 'a')"));
    const db::Param count[] = {db::Int(points)};
    Check(
        connection_->Execute("INSERT INTO point (asset_id, site_id, slug, definition)"
                             " SELECT 1, 1, 'p' || n, '{}' FROM generate_series(1, $1::int) AS n",
                             count));
    Check(connection_->Execute(
        "INSERT INTO point_state (asset_id, point_id, site_id) SELECT 1, point_id, 1 FROM point"));
  }
  const std::string& conninfo() const { return database_.conninfo(); }
  db::Connection& connection() { return *connection_; }
  std::string Text(db::Sql sql) {
    const auto rows = connection_->Query(sql);
    Check(rows.status());
    return std::string(rows->Text(0, 0));
  }
  std::string Rows() {
    // Of each row a number, added up: no order is needed.
    return Text(
        "SELECT (SELECT count(*) || ' ' || sum(hashtextextended(t::text, 1)::numeric) FROM trend t)"
        " || ' ' || (SELECT count(*) || ' ' || sum(hashtextextended(s::text, 1)::numeric)"
        " FROM score s)");
  }

 private:
  const support::TestDatabase database_;
  std::unique_ptr<db::Connection> connection_;
};

// Healthy records with a little noise of their own.
class Records {
 public:
  explicit Records(int points) : points_(points) {
    models::SimulatedMachine machine;
    machine.speed_rpm = machine.machine.rated_speed_rpm = kSpeedRpm;
    machine.machine.rated_power_kw = 75;
    machine.machine.bearings.push_back(
        {"drive end", "6205", features::OrdersOf({9, 7.94f, 39.04f, 0})});
    machine_ = std::make_shared<features::Machine>(machine.machine);
    features::Conditions conditions;
    conditions.speed_rpm = kSpeedRpm;
    features::Extractor extractor;
    for (int i = 0; i < kDistinctWindows; ++i) {
      const auto waveform = features::Waveform::Create(
          models::SimulateVibration(machine, {}, static_cast<uint64_t>(i), kRateHz, kSamples),
          {{"", features::Quantity::kAcceleration}}, kRateHz, conditions);
      Check(waveform.status());
      Check(extractor.Extract(*waveform, *machine_, vectors_.emplace_back()));
    }
  }
  // The n-th batch of the fleet: the points take turns.
  std::vector<db::Record> Batch(int n) const {
    std::vector<db::Record> batch(kBatch);
    for (int i = 0; i < kBatch; ++i) {
      const int64_t number = int64_t{n} * kBatch + i;
      db::Record& record = batch[i];
      record.site_id = record.asset_id = 1;
      record.point_id = number % points_ + 1;
      record.measured_at_us = kStartUs + number / points_ * kStepUs;
      record.features = vectors_[(number / points_ + record.point_id) % kDistinctWindows];
      record.channel_ids = {""};
      record.machine = machine_;
      record.content_hash.assign(reinterpret_cast<const char*>(&number), sizeof number);
      record.content_hash.resize(16);
    }
    return batch;
  }
  size_t feature_count() const { return vectors_.front().values.size(); }

 private:
  const int points_;
  std::shared_ptr<const features::Machine> machine_;
  std::vector<features::FeatureVector> vectors_;
};

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The rows that the writer made of a batch.
void AddRows(const std::vector<db::Record>& batch, const std::vector<db::Outcome>& outcomes,
             db::RecordRows& rows) {
  for (size_t i = 0; i < batch.size(); ++i) {
    const db::Outcome& outcome = outcomes[i];
    if (outcome.kind != db::Outcome::Kind::kAccepted) Die(outcome.rejection.ToString());
    rows.AddTrend(batch[i], batch[i].features.quality);
    rows.AddScore(batch[i], {outcome.model_version, 0}, outcome.health,
                  db::IsWorthDetail(outcome.health) ? outcome.detail : "");
  }
}

struct Spent {
  double writer_s = 0, copy_s = 0;
};

// The same batches by the writer, and as bare rows.
class Race {
 public:
  Race(support::PostgresCluster& cluster, int points)
      : written_(cluster, points),
        bare_(cluster, points),
        writer_(written_.conninfo(), &baselines_) {}

  Spent Run(const std::vector<std::vector<db::Record>>& batches) {
    Spent spent;
    std::deque<db::RecordRows> rows;
    for (const std::vector<db::Record>& batch : batches) {
      const auto begin = Clock::now();
      const auto outcomes = writer_.Write(batch);
      spent.writer_s += SecondsSince(begin);
      Check(outcomes.status());
      AddRows(batch, *outcomes, rows.emplace_back());
    }
    const int64_t instants[] = {batches.front().front().measured_at_us,
                                batches.back().back().measured_at_us};
    Check(partitions_.EnsureFor(bare_.connection(), instants));
    const auto begin = Clock::now();
    for (db::RecordRows& batch : rows) {
      Check(db::InTransaction(bare_.connection(), [&] {
        const absl::Status status = batch.CopyTrends(bare_.connection());
        return status.ok() ? batch.CopyOthers(bare_.connection()) : status;
      }));
    }
    spent.copy_s = SecondsSince(begin);
    return spent;
  }
  bool Agrees() { return written_.Rows() == bare_.Rows(); }
  double Number(db::Sql sql) { return std::atof(written_.Text(sql).c_str()); }

 private:
  Store written_, bare_;
  db::BaselineCache baselines_{20'000};
  db::TrendWriter writer_;
  db::PartitionCache partitions_;
};

nlohmann::json Measure(support::PostgresCluster& cluster, const std::string& name, int points,
                       int records) {
  Race race(cluster, points);
  const Records source(points);
  int next = 0;
  const auto run = [&](int batch_count) {
    std::vector<std::vector<db::Record>> batches;
    for (int i = 0; i < batch_count; ++i) batches.push_back(source.Batch(next++));
    return race.Run(batches);
  };
  const int round = std::max(1, records / kBatch / kRounds);
  while (next * kBatch < points * kLearntRecords) run(round);
  std::vector<double> ratios;
  Spent all;
  for (int r = 0; r < kRounds; ++r) {
    const Spent spent = run(round);
    ratios.push_back(spent.copy_s / spent.writer_s);
    all.writer_s += spent.writer_s;
    all.copy_s += spent.copy_s;
  }
  if (!race.Agrees()) Die(name + ": the rows differ");
  std::sort(ratios.begin(), ratios.end());
  const double counted = static_cast<double>(kRounds) * round * kBatch;
  const double stored = race.Number("SELECT count(*) FROM trend");
  const double trend =
      race.Number("SELECT sum(pg_total_relation_size(child)) FROM partitions_of('trend')") / stored;
  const double score =
      race.Number("SELECT sum(pg_total_relation_size(child)) FROM partitions_of('score')") / stored;
  // Features; time, point, quality, speed, hash; condition, zone, verdict, three numbers.
  const double information =
      4.0 * static_cast<double>(source.feature_count()) + (8 + 8 + 4 + 4 + 16) + (3 + 12);
  std::printf(
      "%-6s %4d points, %.0f with a baseline: writer %.0f records/s, COPY %.0f, ratio %.2f"
      " (rounds %.2f to %.2f)\n",
      name.c_str(), points, race.Number("SELECT count(DISTINCT point_id) FROM baseline"),
      counted / all.writer_s, counted / all.copy_s, all.copy_s / all.writer_s, ratios.front(),
      ratios.back());
  std::printf(
      "%-6s a record takes %.0f bytes with indexes: trend %.0f, score %.0f; %.0f are in it\n",
      name.c_str(), trend + score, trend, score, information);
  return {{"points", points},
          {"writer_records_per_s", counted / all.writer_s},
          {"copy_records_per_s", counted / all.copy_s},
          {"ratio", all.copy_s / all.writer_s},
          {"bytes_per_record", trend + score},
          {"information_bytes", information}};
}

// Records of each fleet that are counted.
int Parse(int argc, char** argv) {
  int records = 81'920;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--quick") {
      records = 16'384;
    } else if (word == "--records" && i + 1 < argc) {
      records = std::max(kBatch * kRounds, std::atoi(argv[++i]));
    } else {
      Die("usage: writer_bench [--records N] [--quick]");
    }
  }
  return records;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) {
  using namespace auscult::bench;
  const int records = Parse(argc, argv);
  auscult::support::PostgresCluster cluster({.settings = auscult::server::kClusterSettings});
  const nlohmann::json fleet = Measure(cluster, "fleet", 256, records);
  const nlohmann::json few = Measure(cluster, "few", 8, records);
  std::printf("%s\n",
              nlohmann::json({{"bench", "writer"}, {"fleet", fleet}, {"few", few}}).dump().c_str());
  return 0;
}
