#include "server/spectrum_request.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "features/vibration_set.h"
#include "server/concat.h"
#include "server/names.h"
#include "server/plant_check.h"

namespace auscult::server {
namespace {

using features::Quantity;

// As features::DemodulationBands takes its widest.
constexpr double kLowestShare = 0.01, kHighestShare = 0.485;
constexpr double kFewestBins = 16;

bool IsVibration(Quantity quantity) {
  return quantity == Quantity::kAcceleration || quantity == Quantity::kVelocity ||
         quantity == Quantity::kDisplacement;
}

}  // namespace

absl::StatusOr<features::Unit> SpectrumUnit(const std::string& unit, Quantity from) {
  const std::string name = unit.empty() ? std::string(features::SiUnit(from)) : unit;
  const absl::StatusOr<features::Unit> parsed = features::ParseUnit(name);
  if (!parsed.ok()) {
    return BadField("UNKNOWN_UNIT", "unit", Concat("unit ", Quoted(unit), " is not known"),
                    "use m/s2, g, mm/s, in/s, um, A or V, or leave it out");
  }
  if (parsed->quantity == from || (IsVibration(parsed->quantity) && IsVibration(from))) {
    return *parsed;
  }
  return BadField("UNIT_MISMATCH", "unit",
                  Concat("the channel measures ", features::QuantityName(from), ", unit ",
                         Quoted(unit), " is one of ", features::QuantityName(parsed->quantity)),
                  Concat("use a unit such as ", features::SiUnit(from)));
}

absl::Status CheckBand(double low_hz, double high_hz, const std::string& prefix) {
  if (std::isfinite(low_hz) && std::isfinite(high_hz) && low_hz >= 0 &&
      (high_hz == 0 || high_hz > low_hz)) {
    return absl::OkStatus();
  }
  return BadField("BAD_BAND", prefix,
                  absl::StrFormat("the band reaches from %g to %g Hz", low_hz, high_hz),
                  "send frequencies from 0 up, the lower one first; 0 as the upper one is all");
}

absl::StatusOr<int> CheckCount(int requested, int usual, int most, std::string_view reason,
                               const std::string& field) {
  if (requested < 0) {
    return BadField(reason, field, Concat(field, " is ", requested),
                    Concat("send 0 for ", usual, ", or 1 to ", most));
  }
  return requested == 0 ? usual : std::min(requested, most);
}

absl::StatusOr<features::Band> EnvelopeBand(features::Band asked, const features::Waveform& record,
                                            int channel, const features::FeatureVector* found) {
  const double rate_hz = record.sample_rate_hz();
  if (asked.low_hz != 0 || asked.high_hz != 0) {
    const double fewest_hz = kFewestBins / record.duration_s();
    if (absl::Status status = CheckBand(asked.low_hz, asked.high_hz, "band_low_hz"); !status.ok()) {
      return status;
    }
    if (asked.high_hz == 0) asked.high_hz = rate_hz / 2;
    if (asked.high_hz <= rate_hz / 2 && asked.high_hz - asked.low_hz >= fewest_hz) return asked;
    return BadField(
        "BAD_BAND", "band_high_hz",
        absl::StrFormat("%g to %g Hz cannot be demodulated of a record of %g s at %g Hz",
                        asked.low_hz, asked.high_hz, record.duration_s(), rate_hz),
        absl::StrFormat("ask for a band of at least %.3g Hz below %g Hz", fewest_hz, rate_hz / 2));
  }
  using features::Vibration;
  const auto value = [&](Vibration feature) {
    const size_t at =
        static_cast<size_t>(channel) * features::kVibrationCount + static_cast<size_t>(feature);
    const bool known =
        found != nullptr && found->set_id == features::kVibrationSet && at < found->values.size();
    return static_cast<double>(known ? found->values[at] : features::kNotKnown);
  };
  for (const auto& [low, high] :
       {std::pair(Vibration::kBearingBandLowHz, Vibration::kBearingBandHighHz),
        std::pair(Vibration::kKurtogramBandLowHz, Vibration::kKurtogramBandHighHz)}) {
    const features::Band band{value(low), std::min(value(high), rate_hz / 2)};
    if ((band.high_hz - band.low_hz) * record.duration_s() >= kFewestBins) return band;
  }
  return features::Band{kLowestShare * rate_hz, kHighestShare * rate_hz};
}

}  // namespace auscult::server
