#include "server/spectrum_calls.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "db/record_query.h"
#include "db/waveform_store.h"
#include "features/feature_set.h"
#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/machine_lines.h"
#include "server/names.h"
#include "server/record_spectra.h"
#include "server/spectrum_request.h"
#include "server/spectrum_view.h"
#include "server/stored_record.h"
#include "server/waveform_calls.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int kMostPoints = 65'536;
constexpr double kUsualEnvelopeHz = 1000;
constexpr int kUsualSpectra = 100, kMostSpectra = 1000;
constexpr int kUsualBins = 512, kMostBins = 8192;

// A stored record, decoded, with what its features say.
struct Found {
  int64_t measured_at_us = 0;
  features::Waveform waveform;
  int channel = 0;
  std::optional<features::FeatureVector> features;

  features::Quantity quantity() const { return waveform.channel(channel).quantity; }
  float speed_rpm() const { return features ? features->speed_rpm : features::kNotKnown; }
};

absl::StatusOr<Found> Decode(CallScope& scope, const DirectoryEntry& point,
                             db::StoredWaveform stored, const std::string& channel,
                             WaveformDecoder& decoder) {
  const int64_t at_us = stored.entry.measured_at_us;
  auto waveform = DecodeStored(std::move(stored), point, decoder);
  if (!waveform.ok()) return waveform.status();
  const absl::StatusOr<int> index = ChannelIndex(*waveform, channel);
  if (!index.ok()) return index.status();
  Found found{.measured_at_us = at_us,
              .waveform = *std::move(waveform),
              .channel = *index,
              .features = std::nullopt};
  auto record = db::ReadRecord(scope.connection, {point.asset_id, point.point_id}, at_us);
  if (record.ok()) found.features = std::move(record->features);
  return found;
}

template <typename Request>
absl::StatusOr<Found> Find(CallScope& scope, const DirectoryEntry& point, const Request& request) {
  auto stored =
      FindSamples(scope, point, request.has_measured_at() ? &request.measured_at() : nullptr);
  if (!stored.ok()) return stored.status();
  WaveformDecoder decoder;
  return Decode(scope, point, *std::move(stored), request.channel(), decoder);
}

absl::StatusOr<features::Band> BandOf(const Found& found, features::Band asked) {
  return EnvelopeBand(asked, found.waveform, found.channel,
                      found.features ? &*found.features : nullptr);
}

// What a waterfall shows of each record.
struct Row {
  bool envelope = false;
  bool rms = false;
  features::Unit unit{};
  features::Band band{0, 0};  // that is demodulated
  double max_hz = 0;
};

LineSpectrum SpectrumOf(const Found& found, const Row& row, RecordSpectra& spectra) {
  const std::span<const float> samples = found.waveform.samples(found.channel);
  const double rate_hz = found.waveform.sample_rate_hz();
  if (row.envelope) {
    const features::Band band{row.band.low_hz, std::min(row.band.high_hz, rate_hz / 2)};
    return spectra.Envelope(samples, rate_hz, band, row.max_hz);
  }
  LineSpectrum spectrum = spectra.Amplitude(samples, rate_hz);
  Convert(found.quantity(), row.unit, spectrum);
  if (row.rms) {
    for (float& value : spectrum.values) value *= static_cast<float>(std::sqrt(0.5));
  }
  return spectrum;
}

absl::StatusOr<Row> RowOf(const v1::GetWaterfallRequest& request, const Found& first) {
  Row row{.envelope = request.envelope(), .rms = request.rms()};
  if (row.envelope) {
    row.max_hz = request.max_hz() > 0 ? request.max_hz() : kUsualEnvelopeHz;
    const auto band = BandOf(first, {0, 0});
    if (!band.ok()) return band.status();
    row.band = *band;
    return row;
  }
  const auto unit = SpectrumUnit(request.unit(), first.quantity());
  if (!unit.ok()) return unit.status();
  row.unit = *unit;
  return row;
}

// `most` of the times, evenly spread, with both ends.
std::vector<int64_t> SpreadOver(const std::vector<int64_t>& times_us, size_t most) {
  if (times_us.size() <= most) return times_us;
  if (most == 1) return {times_us.back()};
  std::vector<int64_t> chosen;
  for (size_t i = 0; i < most; ++i) {
    chosen.push_back(times_us[i * (times_us.size() - 1) / (most - 1)]);
  }
  return chosen;
}

absl::Status NothingInPeriod(const DirectoryEntry& point) {
  return MakeError(absl::StatusCode::kNotFound,
                   {.reason = "SAMPLES_NOT_KEPT",
                    .message = Concat("no record of ", point.name,
                                      " in this period has samples that can be shown"),
                    .remedy = "ListWaveforms shows which records have theirs; ask for a period "
                              "with some"});
}

}  // namespace

absl::Status GetSpectrum(CallScope& scope, const DirectoryEntry& point,
                         const v1::GetSpectrumRequest& request, v1::Spectrum& response) {
  if (absl::Status status = CheckBand(request.min_hz(), request.max_hz(), "min_hz"); !status.ok()) {
    return status;
  }
  const auto max_points =
      CheckCount(request.max_points(), kMostPoints, kMostPoints, "BAD_MAX_POINTS", "max_points");
  if (!max_points.ok()) return max_points.status();
  const absl::StatusOr<Found> found = Find(scope, point, request);
  if (!found.ok()) return found.status();
  const auto unit = SpectrumUnit(request.unit(), found->quantity());
  if (!unit.ok()) return unit.status();
  RecordSpectra spectra;
  const LineSpectrum spectrum = SpectrumOf(*found, {.rms = request.rms(), .unit = *unit}, spectra);
  *response.mutable_measured_at() = TimeUtil::MicrosecondsToTimestamp(found->measured_at_us);
  response.set_channel(found->waveform.channel(found->channel).name);
  response.set_unit(std::string(unit->symbol));
  const bool electrical = features::SignalOf(found->quantity()) == features::Signal::kCurrent;
  const auto lines = electrical ? ElectricalLinesOf : LinesOf;
  ShowSpectrum(spectrum, {request.min_hz(), request.max_hz()}, *max_points,
               lines(*point.machine, found->speed_rpm()), found->speed_rpm(), request.format(),
               response);
  return absl::OkStatus();
}

absl::Status GetEnvelopeSpectrum(CallScope& scope, const DirectoryEntry& point,
                                 const v1::GetEnvelopeSpectrumRequest& request,
                                 v1::Spectrum& response) {
  if (absl::Status status = CheckBand(0, request.max_hz(), "max_hz"); !status.ok()) return status;
  const auto max_points =
      CheckCount(request.max_points(), kMostPoints, kMostPoints, "BAD_MAX_POINTS", "max_points");
  if (!max_points.ok()) return max_points.status();
  const absl::StatusOr<Found> found = Find(scope, point, request);
  if (!found.ok()) return found.status();
  const auto band = BandOf(*found, {request.band_low_hz(), request.band_high_hz()});
  if (!band.ok()) return band.status();
  const double max_hz = request.max_hz() > 0 ? request.max_hz() : kUsualEnvelopeHz;
  RecordSpectra spectra;
  const LineSpectrum spectrum =
      SpectrumOf(*found, {.envelope = true, .band = *band, .max_hz = max_hz}, spectra);
  *response.mutable_measured_at() = TimeUtil::MicrosecondsToTimestamp(found->measured_at_us);
  response.set_channel(found->waveform.channel(found->channel).name);
  response.set_band_low_hz(band->low_hz);
  response.set_band_high_hz(band->high_hz);
  ShowSpectrum(spectrum, {0, max_hz}, *max_points, LinesOf(*point.machine, found->speed_rpm()),
               found->speed_rpm(), request.format(), response);
  return absl::OkStatus();
}

absl::Status GetWaterfall(CallScope& scope, const DirectoryEntry& point,
                          const v1::GetWaterfallRequest& request, v1::Waterfall& response) {
  if (absl::Status status = CheckBand(request.min_hz(), request.max_hz(), "min_hz"); !status.ok()) {
    return status;
  }
  const auto period = StoredPeriod(request);
  if (!period.ok()) return period.status();
  const auto most = CheckCount(request.max_spectra(), kUsualSpectra, kMostSpectra,
                               "BAD_MAX_SPECTRA", "max_spectra");
  if (!most.ok()) return most.status();
  const auto max_bins =
      CheckCount(request.max_bins(), kUsualBins, kMostBins, "BAD_MAX_BINS", "max_bins");
  if (!max_bins.ok()) return max_bins.status();
  const db::PointKey key{point.asset_id, point.point_id};
  const auto times_us = db::ListWaveformTimes(scope.connection, key, *period);
  if (!times_us.ok()) return times_us.status();
  response.set_record_count(static_cast<int64_t>(times_us->size()));

  db::WaveformHistory history(key, SpreadOver(*times_us, static_cast<size_t>(*most)));
  WaveformDecoder decoder;
  RecordSpectra spectra;
  std::optional<Row> row;
  FrequencyPixels pixels;
  std::vector<float> values;
  while (true) {
    if (absl::Status status = scope.still_wanted(); !status.ok()) return status;
    auto item = history.Next(scope.connection);
    if (!item.ok()) return item.status();
    if (!item->has_value()) break;
    // A damaged record leaves a gap in the picture, no more.
    if (!(*item)->waveform.ok()) continue;
    auto found = Decode(scope, point, *std::move((*item)->waveform), request.channel(), decoder);
    if (!row && !found.ok()) return found.status();
    if (!found.ok()) continue;
    if (!row) {
      const absl::StatusOr<Row> first = RowOf(request, *found);
      if (!first.ok()) return first.status();
      row = *first;
      response.set_channel(found->waveform.channel(found->channel).name);
      response.set_unit(std::string(row->unit.symbol));
    }
    const LineSpectrum spectrum = SpectrumOf(*found, *row, spectra);
    if (pixels.count == 0) {
      const double max_hz = row->envelope ? row->max_hz : request.max_hz();
      pixels =
          PixelsOf({request.min_hz(), max_hz}, spectrum.bin_hz, spectrum.values.size(), *max_bins);
    }
    AppendLargest(spectrum, pixels, values);
    response.add_time_us(found->measured_at_us);
    response.add_speed_rpm(found->speed_rpm());
    decoder.Recycle(std::move(found->waveform));
  }
  if (!row) return NothingInPeriod(point);
  response.set_start_hz(pixels.start_hz);
  response.set_step_hz(pixels.step_hz);
  response.set_bin_count(pixels.count);
  SetNumbers(values, request.format(), response.mutable_values(), response.mutable_octets());
  return absl::OkStatus();
}

}  // namespace auscult::server
