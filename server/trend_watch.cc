#include "server/trend_watch.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "db/trend_news.h"
#include "server/errors.h"
#include "server/plant_check.h"
#include "server/time_check.h"
#include "server/trend_round.h"
#include "server/trend_series.h"

namespace auscult::server {
namespace {

constexpr int kMaxSeries = 64;
// Records of all points in one message, so that it stays within 4 MB with every feature.
constexpr int kRecordsAtOnce = 2000;
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
absl::Status FindPlaces(TrendRound& round, TrendStream& stream) {
  const auto sources = round.PointsOf(stream);
  if (!sources.ok()) return sources.status();
  std::vector<TrendStream::Place> places;
  for (const TrendSource& source : *sources) {
    const auto known = std::find_if(
        stream.places.begin(), stream.places.end(),
        [&](const TrendStream::Place& place) { return place.source.point_id == source.point_id; });
    if (!stream.begun && stream.selector.single()) {
      const auto wanted = FindAllSeries(stream.request.series(), source, true);
      if (!wanted.ok()) return wanted.status();
    }
    places.push_back({source, known != stream.places.end() ? known->told_us : stream.after_us});
  }
  stream.places = std::move(places);
  stream.points_known_until = TrendStream::Clock::now() + kPointsKnownFor;
  return absl::OkStatus();
}

db::PointKey KeyOf(const TrendStream::Place& place) {
  return {place.source.asset_id, place.source.point_id};
}

absl::Status Serve(TrendRound& round, TrendStream& stream) {
  if (!stream.begun && !stream.after_us) {
    // From now on.
    for (TrendStream::Place& place : stream.places) place.told_us = round.LastOf(KeyOf(place));
  }
  stream.begun = true;
  v1::WatchTrendResponse response;
  std::vector<std::pair<TrendStream::Place*, int64_t>> told;
  int records = 0;
  for (TrendStream::Place& place : stream.places) {
    const std::optional<int64_t> last_us = round.LastOf(KeyOf(place));
    if (!last_us || (place.told_us && *place.told_us >= *last_us)) continue;
    if (records >= kRecordsAtOnce) break;
    const auto news = round.NewsOf(stream, place, *last_us);
    if (!news.ok()) return news.status();
    for (const v1::Series& series : (*news)->series) *response.add_series() = series;
    records += (*news)->records;
    told.emplace_back(&place, (*news)->until_us);
  }
  // Only once all of the message is there.
  for (const auto& [place, until_us] : told) place->told_us = until_us;
  if (!response.series().empty()) stream.Tell(std::move(response));
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
    const v1::WatchTrendRequest& request, OpenedStream opened,
    std::function<absl::Status()> may_go_on) {
  using Refused = RefusedWatch<v1::WatchTrendResponse>;
  if (absl::Status status = CheckRequest(request); !status.ok()) return new Refused(status);
  auto selector = TrendSelector::Parse(request.name(), {});
  if (!selector.ok()) return new Refused(selector.status());
  const auto after_us = AfterOf(request);
  if (!after_us.ok()) return new Refused(after_us.status());
  auto stream = std::make_shared<TrendStream>(request, *std::move(selector), *after_us);
  stream->opened = std::move(opened);
  stream->may_go_on = std::move(may_go_on);
  loop_.Add(stream);
  return stream.get();
}

absl::Status TrendWatch::Poll(std::span<const std::shared_ptr<TrendStream>> streams) {
  if (streams.empty()) return absl::OkStatus();
  absl::StatusOr<db::Pool::Lease> lease = database_->Acquire();
  if (!lease.ok()) return lease.status();
  TrendRound round(**lease);
  // Where that is refused the stream has ended; other failures end the round.
  const auto tried = [](TrendStream& stream, const absl::Status& status) {
    if (!IsRefusal(status)) return status;
    stream.End(ToGrpcStatus(status));
    return absl::OkStatus();
  };
  std::set<db::PointKey> points;
  std::vector<TrendStream*> ready;
  for (const std::shared_ptr<TrendStream>& stream : streams) {
    if (!stream->idle()) continue;
    if (TrendStream::Clock::now() >= stream->points_known_until) {
      const absl::Status found = FindPlaces(round, *stream);
      if (absl::Status status = tried(*stream, found); !status.ok()) return status;
      if (!found.ok()) continue;
    }
    for (const TrendStream::Place& place : stream->places) points.insert(KeyOf(place));
    ready.push_back(stream.get());
  }
  if (absl::Status status = round.LookAt(points); !status.ok()) return status;
  for (TrendStream* const stream : ready) {
    if (absl::Status status = tried(*stream, Serve(round, *stream)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace auscult::server
