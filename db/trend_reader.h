#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "db/trend_plan.h"
#include "db/trend_query.h"

namespace auscult::db {

// One kind of values: where it lies and how it is read.
class TrendReader {
 public:
  virtual ~TrendReader() = default;

  // What there is within the period. The first record is looked for where `records` says so, or
  // where there are no rollups.
  virtual absl::StatusOr<TrendExtent> Extent(Connection& connection, Period period,
                                             bool records) const = 0;
  // Reads a span at a resolution into the collectors, one for each series.
  virtual absl::Status Read(Connection& connection, TrendResolution resolution, Period span,
                            std::span<TrendCollector> collectors) const = 0;
};

// Health, severity and features of a point. The selections must outlive it.
class PointTrendReader final : public TrendReader {
 public:
  PointTrendReader(int64_t asset_id, int64_t point_id, std::span<const TrendSelection> selections,
                   int64_t run)
      : asset_id_(asset_id), point_id_(point_id), selections_(selections), run_(run) {}

  absl::StatusOr<TrendExtent> Extent(Connection& connection, Period period,
                                     bool records) const override;
  absl::Status Read(Connection& connection, TrendResolution resolution, Period span,
                    std::span<TrendCollector> collectors) const override;

 private:
  absl::Status ReadOne(Connection& connection, TrendResolution resolution, Period span,
                       const TrendSelection& selection, TrendCollector& collector) const;
  absl::Status ReadWhole(Connection& connection, TrendResolution resolution, Period span,
                         std::span<TrendCollector> collectors) const;
  std::vector<Param> Values(Period span) const;

  const int64_t asset_id_, point_id_;
  const std::span<const TrendSelection> selections_;
  const int64_t run_;
};

// Process values of an asset. The quantities must outlive it.
class ReadingTrendReader final : public TrendReader {
 public:
  ReadingTrendReader(int64_t asset_id, std::span<const std::string> quantities)
      : asset_id_(asset_id), quantities_(quantities) {}

  absl::StatusOr<TrendExtent> Extent(Connection& connection, Period period,
                                     bool records) const override;
  absl::Status Read(Connection& connection, TrendResolution resolution, Period span,
                    std::span<TrendCollector> collectors) const override;

 private:
  const int64_t asset_id_;
  const std::span<const std::string> quantities_;
};

}  // namespace auscult::db
