#include "cli/edge_extraction.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/health_text.h"
#include "cli/plant_machine.h"
#include "cli/plant_reading.h"
#include "features/decode.h"
#include "features/feature_set.h"
#include "features/quality.h"

namespace auscult::cli {
namespace {

// A change of the machine data is noticed within it.
constexpr absl::Duration kFresh = absl::Minutes(1);

absl::Status NotHere(std::string_view why) {
  return absl::FailedPreconditionError(std::string(why));
}

// The channel of the point that the channel at `position` of a message is, -1 for none.
int IndexOf(const v1::ChannelSamples& sent, int position, const v1::Point& point) {
  if (sent.id().empty()) return position;
  for (int i = 0; i < point.channels_size(); ++i) {
    if (point.channels(i).id() == sent.id()) return i;
  }
  return -1;
}

absl::Status AppendSamples(const v1::ChannelSamples& sent, double to_si,
                           std::vector<float>& samples) {
  if (!sent.has_encoded()) {
    for (const float value : sent.floats().values()) {
      samples.push_back(static_cast<float>(value * to_si));
    }
    return absl::OkStatus();
  }
  const v1::EncodedSamples& encoded = sent.encoded();
  features::Encoding encoding;
  switch (encoded.encoding()) {
    case v1::SAMPLE_ENCODING_FLOAT32_LE:
      encoding = features::Encoding::kFloat32Le;
      break;
    case v1::SAMPLE_ENCODING_INT16_LE:
      encoding = features::Encoding::kInt16Le;
      break;
    case v1::SAMPLE_ENCODING_INT32_LE:
      encoding = features::Encoding::kInt32Le;
      break;
    default:
      return NotHere("unknown encoding");
  }
  const features::Calibration calibration{encoded.scale() == 0 ? 1.0 : encoded.scale(),
                                          encoded.offset()};
  return features::DecodeSamples(encoded.octets(), encoding, calibration, to_si, samples);
}

}  // namespace

absl::Status EdgeExtraction::Fetch(const std::string& site) {
  const auto last = fetched_.find(site);
  if (last != fetched_.end() && absl::Now() - last->second < kFresh) return absl::OkStatus();
  const auto assets = ListAllAssets(channel_, server_, site, "name");
  if (!assets.ok()) return assets.status();
  const auto points = ListAllPoints(channel_, server_, absl::StrCat(site, "/assets/-"));
  if (!points.ok()) return points.status();
  const auto listed = ListAllBearings(channel_, server_, site);
  if (!listed.ok()) return listed.status();
  SiteBearings bearings;
  for (const v1::Bearing& bearing : listed->bearings()) bearings[bearing.name()] = bearing;
  std::map<std::string, v1::Machine> machines;
  for (const v1::Asset& asset : assets->assets()) machines[asset.name()] = asset.machine();
  for (const v1::Point& point : points->points()) {
    const std::string asset = point.name().substr(0, point.name().find("/points/"));
    Place place{point, machines[asset], MachineOfMessage(machines[asset], bearings)};
    const auto before = places_.find(point.name());
    if (before != places_.end() &&
        before->second.described.SerializeAsString() != place.described.SerializeAsString()) {
      say_(absl::StrCat(ShortName(asset), ": its machine data changed; features of ",
                        ShortName(point.name()), " are extracted with it from now on"));
    }
    places_[point.name()] = std::move(place);
  }
  fetched_[site] = absl::Now();
  return absl::OkStatus();
}

absl::StatusOr<features::Waveform> EdgeExtraction::Decode(const v1::Waveform& message,
                                                          const v1::Point& point) {
  if (message.channels_size() != point.channels_size() || message.channels().empty()) {
    return NotHere("other channels than the point has");
  }
  const int count = point.channels_size();
  std::vector<const v1::ChannelSamples*> in_order(static_cast<size_t>(count), nullptr);
  for (int i = 0; i < count; ++i) {
    const int index = IndexOf(message.channels(i), i, point);
    if (index < 0 || in_order[static_cast<size_t>(index)] != nullptr) {
      return NotHere("other channels than the point has");
    }
    in_order[static_cast<size_t>(index)] = &message.channels(i);
  }
  std::vector<float> samples;
  std::vector<features::Waveform::Channel> channels;
  for (int i = 0; i < count; ++i) {
    const v1::ChannelSamples& sent = *in_order[static_cast<size_t>(i)];
    const absl::StatusOr<features::Unit> unit =
        features::ParseUnit(sent.unit().empty() ? point.channels(i).unit() : sent.unit());
    if (!unit.ok()) return NotHere(std::string(unit.status().message()));
    const size_t before = samples.size();
    if (absl::Status status = AppendSamples(sent, unit->to_si, samples); !status.ok()) {
      return status;
    }
    if (i > 0 && (samples.size() - before) * static_cast<size_t>(i) != before) {
      return NotHere("channels of several lengths");
    }
    channels.push_back({point.channels(i).id(), unit->quantity});
  }
  features::Conditions conditions;
  if (message.conditions().has_speed_rpm()) conditions.speed_rpm = message.conditions().speed_rpm();
  if (message.conditions().has_load_percent()) {
    conditions.load_percent = message.conditions().load_percent();
  }
  return features::Waveform::Create(std::move(samples), std::move(channels),
                                    message.sample_rate_hz(), conditions);
}

absl::StatusOr<v1::FeatureRecord> EdgeExtraction::Extract(const v1::Waveform& waveform) {
  const std::string& name = waveform.point();
  const size_t site_end = name.find("/assets/");
  if (site_end == std::string::npos) return NotHere("no name of a point");
  const absl::Status fetched = Fetch(name.substr(0, site_end));
  if (absl::IsPermissionDenied(fetched) || absl::IsNotFound(fetched)) {
    if (!std::exchange(told_, true)) {
      say_(absl::StrCat(std::string(fetched.message()),
                        "; the machine data cannot be read, so samples are sent"));
    }
    return NotHere(std::string(fetched.message()));
  }
  if (!fetched.ok()) return fetched;
  const auto place = places_.find(name);
  if (place == places_.end()) return NotHere("the server does not know the point");
  const v1::Point& point = place->second.point;
  const bool other_rate = point.sample_rate_hz() > 0 &&
                          std::abs(waveform.sample_rate_hz() / point.sample_rate_hz() - 1) > 0.01;
  if (other_rate) return NotHere("another rate than the point has");
  const absl::StatusOr<features::Waveform> decoded = Decode(waveform, point);
  if (!decoded.ok()) return NotHere(std::string(decoded.status().message()));
  if (absl::Status status = extractor_.Extract(*decoded, place->second.machine, features_);
      !status.ok()) {
    return NotHere(std::string(status.message()));
  }
  v1::FeatureRecord record;
  record.set_point(name);
  *record.mutable_measured_at() = waveform.measured_at();
  record.set_feature_set(std::string(features::FindFeatureSet(features_.set_id)->name));
  record.mutable_values()->Add(features_.values.begin(), features_.values.end());
  *record.mutable_conditions() = waveform.conditions();
  // The speed that the features stand on, also where the record itself told it.
  if (!std::isnan(features_.speed_rpm)) {
    record.mutable_conditions()->set_speed_rpm(features_.speed_rpm);
  }
  for (const features::QualityText& text : features::Describe(features_.quality)) {
    record.add_quality(std::string(text.name));
  }
  return record;
}

}  // namespace auscult::cli
