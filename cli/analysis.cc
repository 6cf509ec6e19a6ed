#include "cli/analysis.h"

#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/channel_choice.h"
#include "cli/command.h"
#include "features/extract.h"
#include "features/quality.h"
#include "features/waveform.h"
#include "models/score.h"

namespace auscult::cli {
namespace {

constexpr double kRateTolerance = 0.01;

// What Waveform::Create and the quality checks say in one sentence, "what is wrong; what to do".
void MakeUnscorable(const std::string& name, const std::string& message, Analysis& analysis) {
  const size_t semicolon = message.find("; ");
  analysis.diagnosis.verdict = models::Fault::kUnscorable;
  analysis.diagnosis.confidence = 1;
  analysis.diagnosis.ranking = {{models::Fault::kUnscorable, 1.0f, {}}};
  analysis.diagnosis.reason = message.substr(0, semicolon);
  analysis.diagnosis.remedy =
      semicolon == std::string::npos ? "record again" : message.substr(semicolon + 2);
  analysis.quality.push_back({name, analysis.diagnosis.reason, analysis.diagnosis.remedy});
}

absl::StatusOr<double> RateOf(const Recording& recording, const AnalysisOptions& options) {
  if (options.rate_hz > 0) return options.rate_hz;
  if (recording.sample_rate_hz > 0) return recording.sample_rate_hz;
  if (!recording.clock_problem.empty()) return 0.0;
  return WrongUse(absl::StrCat(
      recording.source, ": the file does not say its sampling rate; give it with --rate-hz"));
}

// Where file and caller differ, one of them is wrong, and every frequency with it.
std::string ContradictionOf(const Recording& recording, const AnalysisOptions& options) {
  const double file_hz = recording.sample_rate_hz;
  if (!(file_hz > 0) || !(options.rate_hz > 0)) return "";
  if (std::abs(file_hz / options.rate_hz - 1) <= kRateTolerance) return "";
  return absl::StrFormat(
      "the file says %.6g samples a second, --rate-hz says %.6g; find out which is true, and leave "
      "the other out",
      file_hz, options.rate_hz);
}

std::vector<float> SamplesInSi(const Recording& recording, const ChannelChoice& choice) {
  std::vector<float> samples;
  samples.reserve(choice.channels.size() * recording.sample_count());
  for (const ChosenChannel& channel : choice.channels) {
    for (const float sample : recording.channels[channel.index].samples) {
      samples.push_back(static_cast<float>(sample * channel.unit.to_si));
    }
  }
  return samples;
}

std::string NameOfDefect(const std::vector<float>& samples, size_t sample_count) {
  if (sample_count < static_cast<size_t>(features::Waveform::kMinSamples)) return "too_short";
  if (sample_count > static_cast<size_t>(features::Waveform::kMaxSamples)) return "too_long";
  for (const float sample : samples) {
    if (!std::isfinite(sample)) return "not_finite";
  }
  return "out_of_range";
}

// A speed that is only nominal goes where the extraction looks for the true one around it. Slip
// of a motor needs the speed of the record, which nothing in a current record replaces.
void SetSpeed(const Recording& recording, const AnalysisOptions& options, bool electrical,
              features::Machine& machine, features::Conditions& conditions) {
  const bool given = options.speed_rpm >= 0;
  const float speed_rpm = given ? options.speed_rpm : recording.speed_rpm;
  if (speed_rpm == 0 || electrical || (given && options.exact_speed)) {
    conditions.speed_rpm = speed_rpm;
  } else if (speed_rpm > 0) {
    machine.rated_speed_rpm = speed_rpm;
  }
}

void Judge(const features::Waveform& waveform, const features::Machine& machine,
           const models::Classifier* classifier, Analysis& analysis) {
  // Kept from record to record: it plans its transforms once for each length.
  thread_local features::Extractor extractor;
  const absl::Status status = extractor.Extract(waveform, machine, analysis.features);
  if (!status.ok()) {
    analysis.features = {};
    return MakeUnscorable("mixed_quantities", std::string(status.message()), analysis);
  }
  models::Score score =
      models::ScoreRecord(analysis.features, {.machine = &machine, .classifier = classifier});
  analysis.zone = score.zone;
  analysis.diagnosis = std::move(score.diagnosis);
  for (const features::QualityText& text : features::Describe(analysis.features.quality)) {
    analysis.quality.push_back(
        {std::string(text.name), std::string(text.meaning), std::string(text.remedy)});
  }
}

}  // namespace

absl::StatusOr<Analysis> Analyse(const Recording& recording, const AnalysisOptions& options,
                                 const features::Machine& machine) {
  Analysis analysis;
  analysis.source = recording.source;
  analysis.sample_count = recording.sample_count();
  absl::StatusOr<ChannelChoice> choice = ChooseChannels(recording, options.channels, options.unit);
  if (!choice.ok()) return choice.status();
  absl::StatusOr<double> rate_hz = RateOf(recording, options);
  if (!rate_hz.ok()) return rate_hz.status();
  analysis.sample_rate_hz = *rate_hz;
  analysis.left_out = std::move(choice->left_out);

  std::vector<features::Waveform::Channel> channels;
  bool electrical = false;
  for (const ChosenChannel& channel : choice->channels) {
    analysis.channels.push_back(
        {channel.name, std::string(channel.unit.symbol), channel.unit.quantity});
    channels.push_back({channel.name, channel.unit.quantity});
    electrical =
        electrical || features::SignalOf(channel.unit.quantity) == features::Signal::kCurrent;
  }
  if (choice->unit_assumed) {
    analysis.quality.push_back(
        {"unit_assumed", "no unit is known, so that g was assumed", "give the unit with --unit"});
  }
  if (!recording.clock_problem.empty()) {
    MakeUnscorable("uneven_clock", recording.clock_problem, analysis);
    return analysis;
  }
  if (const std::string contradiction = ContradictionOf(recording, options);
      !contradiction.empty()) {
    MakeUnscorable("rate_contradiction", contradiction, analysis);
    return analysis;
  }
  features::Machine judged = machine;
  features::Conditions conditions;
  conditions.load_percent =
      std::isnan(options.load_percent) ? recording.load_percent : options.load_percent;
  SetSpeed(recording, options, electrical, judged, conditions);
  analysis.nominal_speed_rpm =
      std::isnan(conditions.speed_rpm) ? judged.rated_speed_rpm : conditions.speed_rpm;
  std::vector<float> samples = SamplesInSi(recording, *choice);
  const std::string defect = NameOfDefect(samples, recording.sample_count());
  absl::StatusOr<features::Waveform> waveform =
      features::Waveform::Create(std::move(samples), std::move(channels), *rate_hz, conditions);
  if (waveform.ok()) {
    Judge(*waveform, judged, options.classifier, analysis);
  } else {
    MakeUnscorable(defect, std::string(waveform.status().message()), analysis);
  }
  return analysis;
}

std::string FeatureName(const Analysis& analysis, int channel, std::string_view feature) {
  if (analysis.channels.size() == 1) return std::string(feature);
  return absl::StrCat(analysis.channels[static_cast<size_t>(channel)].name, "/",
                      std::string(feature));
}

}  // namespace auscult::cli
