#include "server/waveform_calls.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "db/partitions.h"
#include "db/waveform_store.h"
#include "server/concat.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/spectrum_view.h"
#include "server/stored_record.h"
#include "server/stored_waveform.h"
#include "server/time_check.h"

namespace auscult::server {
namespace {

constexpr int kDefaultPixels = 2000;
constexpr int kMostPixels = 100'000;

absl::StatusOr<int> PixelLimit(int requested) {
  if (requested < 0) {
    return BadField("BAD_MAX_POINTS", "max_points", Concat("max_points is ", requested),
                    Concat("send 0 for ", kDefaultPixels, ", or 1 to ", kMostPixels));
  }
  return requested == 0 ? kDefaultPixels : std::min(requested, kMostPixels);
}

// Extremes of each pixel; the samples themselves where a pixel is one.
void Draw(std::span<const float> samples, double sample_rate_hz, int max_points,
          v1::NumberFormat format, v1::GetWaveformResponse& response) {
  const size_t width =
      (samples.size() + static_cast<size_t>(max_points) - 1) / static_cast<size_t>(max_points);
  response.set_seconds_per_value(static_cast<double>(width) / sample_rate_hz);
  if (width <= 1) {
    SetNumbers(samples, format, response.mutable_min(), response.mutable_min_octets());
    return;
  }
  std::vector<float> min, max;
  for (size_t at = 0; at < samples.size(); at += width) {
    const auto pixel = samples.subspan(at, std::min(width, samples.size() - at));
    const auto [lowest, highest] = std::minmax_element(pixel.begin(), pixel.end());
    min.push_back(*lowest);
    max.push_back(*highest);
  }
  SetNumbers(min, format, response.mutable_min(), response.mutable_min_octets());
  SetNumbers(max, format, response.mutable_max(), response.mutable_max_octets());
}

}  // namespace

absl::StatusOr<db::Period> StoredPeriod(const google::protobuf::Timestamp* start,
                                        const google::protobuf::Timestamp* end) {
  db::Period period{.start_us = db::kEarliestUs, .end_us = db::kLatestUs};
  if (start != nullptr) {
    const absl::StatusOr<int64_t> us = CheckTime(*start, "start_time");
    if (!us.ok()) return us.status();
    period.start_us = *us;
  }
  if (end != nullptr) {
    const absl::StatusOr<int64_t> us = CheckTime(*end, "end_time");
    if (!us.ok()) return us.status();
    period.end_us = *us;
  }
  if (period.start_us < period.end_us) return period;
  return BadField("EMPTY_PERIOD", "start_time", "start_time is not before end_time",
                  "send a start_time before the end_time, or leave one of them out");
}

absl::Status ListWaveforms(CallScope& scope, const DirectoryEntry& point,
                           const v1::ListWaveformsRequest& request,
                           v1::ListWaveformsResponse& response) {
  absl::StatusOr<db::Period> period = StoredPeriod(request);
  if (!period.ok()) return period.status();
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const std::string list = Concat("waveforms ", point.name);
  const auto cursor = ParsePageToken(request.page_token(), list, 1);
  if (!cursor.ok()) return cursor.status();
  // Newest first: the next page ends where this one does.
  if (const std::string& last = cursor->front(); !last.empty()) {
    int64_t end_us = 0;
    std::from_chars(last.data(), last.data() + last.size(), end_us);
    period->end_us = std::min(period->end_us, end_us);
  }
  auto entries = db::ListWaveforms(scope.connection, {point.asset_id, point.point_id}, *period,
                                   *page_size + 1);
  if (!entries.ok()) return entries.status();
  const bool more = static_cast<int>(entries->size()) > *page_size;
  if (more) entries->pop_back();
  for (const db::WaveformEntry& entry : *entries) {
    *response.add_waveforms() = StoredWaveformMessage(entry);
  }
  if (more) {
    response.set_next_page_token(
        MakePageToken(list, {std::to_string(entries->back().measured_at_us)}));
  }
  return absl::OkStatus();
}

absl::Status GetWaveform(CallScope& scope, const DirectoryEntry& point,
                         const v1::GetWaveformRequest& request, v1::GetWaveformResponse& response) {
  const absl::StatusOr<int> max_points = PixelLimit(request.max_points());
  if (!max_points.ok()) return max_points.status();
  absl::StatusOr<db::StoredWaveform> stored =
      FindSamples(scope, point, request.has_measured_at() ? &request.measured_at() : nullptr);
  if (!stored.ok()) return stored.status();
  *response.mutable_stored() = StoredWaveformMessage(stored->entry);
  if (request.channel().empty()) {
    absl::StatusOr<v1::Waveform> waveform = WaveformMessage(*std::move(stored), point.name);
    if (!waveform.ok()) return waveform.status();
    *response.mutable_waveform() = *std::move(waveform);
    return absl::OkStatus();
  }
  WaveformDecoder decoder;
  const auto waveform = DecodeStored(*std::move(stored), point, decoder);
  if (!waveform.ok()) return waveform.status();
  const absl::StatusOr<int> channel = ChannelIndex(*waveform, request.channel());
  if (!channel.ok()) return channel.status();
  response.set_unit(std::string(features::SiUnit(waveform->channel(*channel).quantity)));
  Draw(waveform->samples(*channel), waveform->sample_rate_hz(), *max_points, request.format(),
       response);
  return absl::OkStatus();
}

absl::Status KeepWaveform(CallScope& scope, const DirectoryEntry& point,
                          const v1::KeepWaveformRequest& request, v1::StoredWaveform& response) {
  if (!request.has_measured_at()) {
    return BadField("MISSING_TIME", "measured_at", "measured_at is missing",
                    "send the time of the record whose samples are to be kept");
  }
  const absl::StatusOr<int64_t> at_us = CheckTime(request.measured_at(), "measured_at");
  if (!at_us.ok()) return at_us.status();
  const auto kept = db::KeepWaveform(scope.connection, {point.asset_id, point.point_id}, *at_us);
  if (!kept.ok()) return WithoutSamples(scope, point, *at_us, kept.status());
  response = StoredWaveformMessage(*kept);
  return absl::OkStatus();
}

}  // namespace auscult::server
