#include "server/trend_round.h"

#include <utility>

#include "db/trend_query.h"
#include "server/trend_series.h"
#include "server/trend_view.h"

namespace auscult::server {
namespace {

constexpr int kMaxPoints = 1000;
constexpr int kRecordsOfAPoint = 500;

// What was measured in the period.
absl::Status Read(db::Connection& connection, const TrendStream& stream, const TrendSource& source,
                  db::Period period, TrendRound::News& news) {
  auto wanted = FindAllSeries(stream.request.series(), source, stream.selector.single());
  if (!wanted.ok()) return wanted.status();
  db::TrendOptions options;
  options.period = period;
  options.max_points = kRecordsOfAPoint;
  options.resolution = db::TrendResolution::kRecords;
  const auto read = db::QueryPointTrends(connection, source.asset_id, source.point_id,
                                         wanted->selections, options);
  if (!read.ok()) return read.status();
  for (size_t i = 0; i < read->size(); ++i) {
    if ((*read)[i].value.empty()) continue;
    v1::Series& series = news.series.emplace_back();
    series.set_name(std::move(wanted->names[i]));
    series.set_unit(std::move(wanted->units[i]));
    series.set_source(source.name);
    ShowSeries((*read)[i], false, false, series);
    news.records += series.value_size();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::span<const TrendSource>> TrendRound::PointsOf(const TrendStream& stream) {
  const std::string& name = stream.request.name();
  auto known = points_.find(name);
  if (known == points_.end()) {
    auto found = stream.selector.After(connection_, "", "", kMaxPoints);
    if (!found.ok()) return found.status();
    known = points_.emplace(name, *std::move(found)).first;
  }
  return std::span<const TrendSource>(known->second);
}

absl::Status TrendRound::LookAt(const std::set<db::PointKey>& points) {
  auto last =
      db::LastMeasured(connection_, std::vector<db::PointKey>(points.begin(), points.end()));
  if (!last.ok()) return last.status();
  last_us_ = *std::move(last);
  return absl::OkStatus();
}

std::optional<int64_t> TrendRound::LastOf(const db::PointKey& point) const {
  const auto found = last_us_.find(point);
  if (found == last_us_.end()) return std::nullopt;
  return found->second;
}

absl::StatusOr<const TrendRound::News*> TrendRound::NewsOf(const TrendStream& stream,
                                                           const TrendStream::Place& place,
                                                           int64_t last_us) {
  std::string wanted;
  for (const std::string& series : stream.request.series()) wanted += series + "\n";
  const NewsKey key(place.source.point_id, place.told_us, std::move(wanted),
                    stream.selector.single());
  if (const auto known = news_.find(key); known != news_.end()) return &known->second;
  const auto until_us =
      db::EndOfPortion(connection_, {place.source.asset_id, place.source.point_id}, place.told_us,
                       last_us, kRecordsOfAPoint);
  if (!until_us.ok()) return until_us.status();
  News news;
  news.until_us = *until_us;
  const db::Period period{place.told_us ? *place.told_us + 1 : 0, *until_us + 1};
  if (absl::Status status = Read(connection_, stream, place.source, period, news); !status.ok()) {
    return status;
  }
  return &news_.emplace(key, std::move(news)).first->second;
}

}  // namespace auscult::server
