#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/analysis_report.h"
#include "cli/number_format.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

constexpr size_t kLabelWidth = 10;
constexpr size_t kShownFaults = 4;

// What a person looks at first; all of it is in --json and --all-features.
constexpr std::array<std::string_view, 26> kKeyFeatures = {"rms",
                                                           "peak",
                                                           "crest_factor",
                                                           "kurtosis",
                                                           "velocity_rms_mm_s",
                                                           "order_1x_mm_s",
                                                           "order_2x_mm_s",
                                                           "order_3x_mm_s",
                                                           "gear_mesh_m_s2",
                                                           "blade_pass_mm_s",
                                                           "bpfo_existence",
                                                           "bpfi_existence",
                                                           "ball_existence",
                                                           "cage_existence",
                                                           "bpfo_depth",
                                                           "bpfi_depth",
                                                           "ball_depth",
                                                           "cage_depth",
                                                           "line_frequency_hz",
                                                           "slip",
                                                           "sideband_low_db",
                                                           "sideband_high_db",
                                                           "unbalance_percent",
                                                           "negative_sequence_percent",
                                                           "thd_percent",
                                                           "speed_confidence"};

bool IsKey(std::string_view name) {
  return std::find(kKeyFeatures.begin(), kKeyFeatures.end(), name) != kKeyFeatures.end();
}

class TextReport {
 public:
  TextReport(const Analysis& analysis, const ReportStyle& style)
      : analysis_(analysis), style_(style) {}

  std::string Write() && {
    WriteRecording();
    WriteQuality();
    WriteVerdict();
    WriteAdvice();
    WriteRanking();
    WriteFeatures();
    return std::move(text_);
  }

 private:
  // A label in the margin and the text beside it, broken into lines.
  void Line(const std::string& label, std::string_view text, Colour colour = Colour::kNone) {
    std::string margin = label;
    margin.resize(kLabelWidth, ' ');
    const size_t width = static_cast<size_t>(std::max(40, style_.width)) - kLabelWidth;
    for (const std::string& line : Wrap(text, width)) {
      absl::StrAppend(&text_, margin, Coloured(line, colour, style_.colours), "\n");
      margin.assign(kLabelWidth, ' ');
    }
  }

  void WriteRecording() {
    Line("recording", analysis_.source, Colour::kBold);
    std::string channels;
    for (const Analysis::Channel& channel : analysis_.channels) {
      absl::StrAppend(&channels, channels.empty() ? "" : ", ",
                      channel.name.empty() ? "one channel" : channel.name, " (", channel.unit, ")");
    }
    if (!channels.empty()) Line("", channels);
    for (const std::string& left_out : analysis_.left_out) Line("", "left out: " + left_out);
    if (analysis_.sample_rate_hz > 0) {
      Line("", absl::StrFormat(
                   "%s samples at %s Hz, %s s",
                   ShownCount(static_cast<int64_t>(analysis_.sample_count)),
                   Shown(analysis_.sample_rate_hz),
                   Shown(static_cast<double>(analysis_.sample_count) / analysis_.sample_rate_hz)));
    }
    const float speed_rpm = analysis_.features.speed_rpm;
    if (speed_rpm > 0) {
      Line("speed", absl::StrFormat("%.1f rpm used, %s rpm given", speed_rpm,
                                    Shown(analysis_.nominal_speed_rpm)));
    }
  }

  void WriteQuality() {
    if (analysis_.quality.empty()) Line("quality", "no objection", Colour::kGreen);
    for (size_t i = 0; i < analysis_.quality.size(); ++i) {
      const QualityNote& note = analysis_.quality[i];
      Line(i == 0 ? "quality" : "", absl::StrCat(note.name, ": ", note.meaning, "; ", note.remedy),
           Colour::kYellow);
    }
  }

  void WriteVerdict() {
    const models::Diagnosis& diagnosis = analysis_.diagnosis;
    const bool is_fault = models::NamesFault(diagnosis.verdict);
    const Colour colour = is_fault                                       ? Colour::kRed
                          : diagnosis.verdict == models::Fault::kHealthy ? Colour::kGreen
                                                                         : Colour::kYellow;
    std::string verdict(models::FaultName(diagnosis.verdict));
    if (diagnosis.verdict != models::Fault::kUnscorable) {
      absl::StrAppend(&verdict, absl::StrFormat(", probability %.2f", diagnosis.confidence));
    }
    Line("verdict", verdict, colour);
    if (!diagnosis.reason.empty()) Line("why", diagnosis.reason);
    if (!diagnosis.remedy.empty()) Line("remedy", diagnosis.remedy);
    if (analysis_.zone != features::Zone::kUnknown) {
      Line("zone", absl::StrCat(features::ZoneName(analysis_.zone), " of ISO 20816-3"));
    }
  }

  void WriteAdvice() {
    if (!models::NamesFault(analysis_.diagnosis.verdict)) return;
    const AnalysisAdvice advice = AdviceOn(analysis_, style_.language);
    Line("fault", advice.text.name);
    Line("action", absl::StrCat(advice.advice.action, " (", advice.advice.urgency, ")"));
    for (size_t i = 0; i < advice.text.checks.size(); ++i) {
      Line(i == 0 ? "confirm" : "", advice.text.checks[i]);
    }
  }

  void WriteRanking() {
    if (analysis_.features.values.empty()) return;
    text_ += "\n";
    const auto& ranking = analysis_.diagnosis.ranking;
    for (size_t i = 0; i < std::min(ranking.size(), kShownFaults); ++i) {
      Line(absl::StrFormat("%8.2f", ranking[i].probability), models::FaultName(ranking[i].fault),
           Colour::kBold);
      for (const models::Evidence& evidence : ranking[i].evidence) {
        Line(evidence.supports ? "       +" : "       -", evidence.text);
      }
    }
    std::string order;
    for (const models::Fault fault : analysis_.diagnosis.bearing_ranking) {
      absl::StrAppend(&order, order.empty() ? "" : ", then ",
                      std::string(models::FaultName(fault)));
    }
    if (HasBearingFeatures()) {
      Line("bearing", absl::StrCat("if it is the bearing: ", order));
    }
  }

  bool HasBearingFeatures() const {
    for (int c = 0; c < analysis_.features.channel_count; ++c) {
      if (std::isfinite(analysis_.features.Value(c, "bpfo_existence"))) return true;
    }
    return false;
  }

  void WriteFeatures() {
    const features::FeatureSet* set = features::FindFeatureSet(analysis_.features.set_id);
    if (set == nullptr || analysis_.features.values.empty()) return;
    std::vector<Table::Column> columns = {{"feature"}};
    for (const Analysis::Channel& channel : analysis_.channels) {
      columns.push_back({channel.name.empty() ? "value" : channel.name, Align::kRight});
    }
    columns.push_back({"unit"});
    Table table(std::move(columns));
    for (size_t i = 0; i < set->features.size(); ++i) {
      const features::FeatureDefinition& definition = set->features[i];
      if (!style_.all_features && !IsKey(definition.name)) continue;
      std::vector<std::string> cells = {std::string(definition.name)};
      bool known = false;
      for (size_t c = 0; c < analysis_.channels.size(); ++c) {
        const float value = analysis_.features.values[c * set->features.size() + i];
        known = known || std::isfinite(value);
        cells.push_back(Shown(value));
      }
      cells.emplace_back(UnitOf(definition, analysis_.channels[0].quantity));
      if (known) table.AddRow(std::move(cells));
    }
    absl::StrAppend(&text_, "\n", table.Render());
  }

  const Analysis& analysis_;
  const ReportStyle style_;
  std::string text_;
};

}  // namespace

std::string AnalysisText(const Analysis& analysis, const ReportStyle& style) {
  return TextReport(analysis, style).Write();
}

}  // namespace auscult::cli
