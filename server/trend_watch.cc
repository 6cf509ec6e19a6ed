#include "server/trend_watch.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "db/trend_news.h"
#include "db/trend_query.h"
#include "server/errors.h"
#include "server/plant_check.h"
#include "server/time_check.h"
#include "server/trend_series.h"
#include "server/trend_view.h"

namespace auscult::server {
namespace {

constexpr int kMaxPoints = 1000;
constexpr int kMaxSeries = 64;
// Records of all points in one message, so that it stays within 4 MB with every feature.
constexpr int kRecordsAtOnce = 2000;
constexpr int kRecordsOfAPoint = 500;
// Points that are made meanwhile are found within this.
constexpr std::chrono::seconds kPointsKnownFor{10};

absl::StatusOr<std::optional<int64_t>> AfterOf(const v1::WatchTrendRequest& request) {
  if (!request.has_after_time()) return std::nullopt;
  const absl::StatusOr<int64_t> after_us = CheckTime(request.after_time(), "after_time");
  if (!after_us.ok()) return after_us.status();
  return *after_us;
}

absl::Status CheckRequest(const v1::WatchTrendRequest& request) {
  if (request.name().find("/points/") == std::string::npos) {
    return BadField("MALFORMED_NAME", "name", "the name is not that of a point",
                    "write it as sites/{site}/assets/{asset}/points/{point}, with - for every "
                    "point of the asset");
  }
  if (request.series_size() <= kMaxSeries) return absl::OkStatus();
  return BadField("TOO_MANY_SERIES", "series", "the request names too many series",
                  "ask for at most 64, or for \"*\"");
}

// Looks up the points of the stream again; those that are new begin where the stream does.
absl::Status FindPlaces(db::Connection& connection, TrendStream& stream) {
  auto sources = stream.selector.After(connection, "", "", kMaxPoints);
  if (!sources.ok()) return sources.status();
  std::vector<TrendStream::Place> places;
  std::vector<db::PointKey> unknown;
  for (TrendSource& source : *sources) {
    const auto known = std::find_if(
        stream.places.begin(), stream.places.end(),
        [&](const TrendStream::Place& place) { return place.source.point_id == source.point_id; });
    if (!stream.begun && stream.selector.single()) {
      const auto wanted = FindAllSeries(stream.request.series(), source, true);
      if (!wanted.ok()) return wanted.status();
    }
    std::optional<int64_t> told_us = stream.after_us;
    if (known != stream.places.end()) {
      told_us = known->told_us;
    } else if (!stream.begun && !stream.after_us) {
      unknown.emplace_back(source.asset_id, source.point_id);
    }
    places.push_back({std::move(source), told_us});
  }
  // From now on, for who begins.
  const auto last = db::LastMeasured(connection, unknown);
  if (!last.ok()) return last.status();
  for (TrendStream::Place& place : places) {
    const auto found = last->find({place.source.asset_id, place.source.point_id});
    if (found != last->end()) place.told_us = found->second;
  }
  stream.places = std::move(places);
  stream.points_known_until = TrendStream::Clock::now() + kPointsKnownFor;
  return absl::OkStatus();
}

// Adds what was measured in (told, until] to the message.
absl::Status AddNews(db::Connection& connection, const TrendStream& stream,
                     const TrendSource& source, db::Period period, v1::WatchTrendResponse& news) {
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
    v1::Series& series = *news.add_series();
    series.set_name(std::move(wanted->names[i]));
    series.set_unit(std::move(wanted->units[i]));
    series.set_source(source.name);
    ShowSeries((*read)[i], false, false, series);
  }
  return absl::OkStatus();
}

bool IsRefusal(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsInvalidArgument(status);
}

}  // namespace

TrendWatch::TrendWatch(db::Pool* database, WatchPace pace)
    : database_(database),
      loop_(
          pace, "watch again with after_time, the last time seen",
          [this](std::span<const std::shared_ptr<TrendStream>> streams) { return Poll(streams); }) {
}

grpc::ServerWriteReactor<v1::WatchTrendResponse>* TrendWatch::Watch(
    const v1::WatchTrendRequest& request, OpenedStream opened) {
  using Refused = RefusedWatch<v1::WatchTrendResponse>;
  if (absl::Status status = CheckRequest(request); !status.ok()) return new Refused(status);
  auto selector = TrendSelector::Parse(request.name(), {});
  if (!selector.ok()) return new Refused(selector.status());
  const auto after_us = AfterOf(request);
  if (!after_us.ok()) return new Refused(after_us.status());
  auto stream = std::make_shared<TrendStream>(request, *std::move(selector), *after_us);
  stream->opened = std::move(opened);
  loop_.Add(stream);
  return stream.get();
}

absl::Status TrendWatch::Poll(std::span<const std::shared_ptr<TrendStream>> streams) {
  if (streams.empty()) return absl::OkStatus();
  absl::StatusOr<db::Pool::Lease> lease = database_->Acquire();
  if (!lease.ok()) return lease.status();
  for (const std::shared_ptr<TrendStream>& stream : streams) {
    if (!stream->idle()) continue;
    const absl::Status status = Serve(**lease, *stream);
    if (IsRefusal(status)) {
      stream->End(ToGrpcStatus(status));
    } else if (!status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status TrendWatch::Serve(db::Connection& connection, TrendStream& stream) {
  if (!stream.begun || TrendStream::Clock::now() >= stream.points_known_until) {
    if (absl::Status status = FindPlaces(connection, stream); !status.ok()) return status;
    stream.begun = true;
  }
  std::vector<db::PointKey> keys;
  for (const TrendStream::Place& place : stream.places) {
    keys.emplace_back(place.source.asset_id, place.source.point_id);
  }
  const auto last = db::LastMeasured(connection, keys);
  if (!last.ok()) return last.status();
  v1::WatchTrendResponse news;
  std::vector<std::pair<TrendStream::Place*, int64_t>> told;
  int records = 0;
  for (TrendStream::Place& place : stream.places) {
    const db::PointKey key(place.source.asset_id, place.source.point_id);
    const auto found = last->find(key);
    if (found == last->end() || (place.told_us && *place.told_us >= found->second)) continue;
    if (records >= kRecordsAtOnce) break;
    const auto until_us =
        db::EndOfPortion(connection, key, place.told_us, found->second, kRecordsOfAPoint);
    if (!until_us.ok()) return until_us.status();
    const db::Period period{place.told_us ? *place.told_us + 1 : 0, *until_us + 1};
    if (absl::Status status = AddNews(connection, stream, place.source, period, news);
        !status.ok()) {
      return status;
    }
    records = 0;
    for (const v1::Series& series : news.series()) records += series.value_size();
    told.emplace_back(&place, *until_us);
  }
  // Only once all of the message is there.
  for (const auto& [place, until_us] : told) place->told_us = until_us;
  if (!news.series().empty()) stream.Tell(std::move(news));
  return absl::OkStatus();
}

}  // namespace auscult::server
