#include "db/health_detail.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "db/json_writer.h"

namespace auscult::db {
namespace {

constexpr size_t kMostEvidence = 8;
// From here on the largest contribution is worth a word.
constexpr float kNotableDeviation = 3;

void PutFinite(std::string_view name, float value, JsonWriter& json) {
  if (!std::isfinite(value)) return;
  json.Name(name);
  json.Number(value);
}

void PutText(std::string_view name, std::string_view text, JsonWriter& json) {
  json.Name(name);
  json.Text(text);
}

// Names the features of one record.
class Names {
 public:
  Names(const features::FeatureVector& features, std::span<const std::string> channel_ids)
      : set_(features::FindFeatureSet(features.set_id)),
        several_(features.channel_count > 1),
        channel_ids_(channel_ids) {}

  std::string On(int channel, std::string_view feature) const {
    if (!several_) return std::string(feature);
    const auto index = static_cast<size_t>(channel);
    const std::string id =
        index < channel_ids_.size() ? channel_ids_[index] : std::to_string(channel);
    return (id + "/").append(feature);
  }

  std::string At(int value_index) const {
    return On(value_index / Size(), DefinitionAt(value_index).name);
  }

  // " mm/s"; "" for a plain number, and where the unit is that of the channel.
  std::string UnitAt(int value_index) const {
    const std::string_view unit = DefinitionAt(value_index).unit;
    return unit.empty() || unit == "SI" ? "" : std::string(" ").append(unit);
  }

 private:
  int Size() const { return static_cast<int>(set_->features.size()); }
  const features::FeatureDefinition& DefinitionAt(int value_index) const {
    return set_->features[static_cast<size_t>(value_index % Size())];
  }

  const features::FeatureSet* set_;
  bool several_;
  std::span<const std::string> channel_ids_;
};

// What asks for the condition.
void PutAsked(const models::Asked& asked, const Names& names, JsonWriter& json) {
  if (asked.reason == models::Reason::kNothing) return;
  json.Name("asked");
  json.OpenObject();
  if (asked.value_index >= 0) PutText("feature", names.At(asked.value_index), json);
  PutFinite("limit", asked.limit, json);
  PutText("reason", models::ReasonName(asked.reason), json);
  PutFinite("value", asked.value, json);
  json.CloseObject();
}

// What speaks for the verdict; where this record has nothing to say of it, what it says itself.
const std::vector<models::Evidence>& EvidenceFor(const models::Health& health,
                                                 const models::Score& score) {
  static const std::vector<models::Evidence> none;
  const auto& ranking = score.diagnosis.ranking;
  for (const models::RankedFault& ranked : ranking) {
    if (ranked.fault == health.verdict && !ranked.evidence.empty()) return ranked.evidence;
  }
  return ranking.empty() ? none : ranking.front().evidence;
}

// "velocity_rms_mm_s is 5.2 mm/s, its alarm limit is 4.5 mm/s".
std::string LimitWords(const models::LimitReached& reached, const Names& names) {
  const std::string unit = names.UnitAt(reached.value_index);
  return absl::StrFormat("%s is %.4g%s, its %s limit is %.4g%s", names.At(reached.value_index),
                         reached.value, unit, reached.alarm ? "alarm" : "alert", reached.limit,
                         unit);
}

void PutEvidence(const models::Score& score, const std::vector<models::Evidence>& evidence,
                 const Names& names, JsonWriter& json) {
  json.Name("evidence");
  json.OpenArray();
  size_t count = 0;
  if (score.limit) {
    json.OpenObject();
    PutText("feature", names.At(score.limit->value_index), json);
    PutFinite("limit", score.limit->limit, json);
    json.Name("supports");
    json.Bool(true);
    PutText("text", LimitWords(*score.limit, names), json);
    PutFinite("value", score.limit->value, json);
    json.CloseObject();
    ++count;
  }
  for (const models::Evidence& item : evidence) {
    if (count++ == kMostEvidence) break;
    json.OpenObject();
    if (!item.feature.empty()) PutText("feature", names.On(item.channel, item.feature), json);
    PutFinite("frequency_hz", item.frequency_hz, json);
    PutFinite("limit", item.limit, json);
    PutFinite("order", item.order, json);
    json.Name("supports");
    json.Bool(item.supports);
    PutText("text", item.text, json);
    PutFinite("value", item.value, json);
    json.CloseObject();
  }
  json.CloseArray();
}

void PutContributions(const models::Health& health, const Names& names, JsonWriter& json) {
  json.Name("contributions");
  json.OpenArray();
  for (const models::Contribution& item : health.contributions) {
    json.OpenObject();
    PutFinite("deviation", item.deviation, json);
    PutText("feature", names.At(item.value_index), json);
    PutFinite("rise", item.rise, json);
    json.CloseObject();
  }
  json.CloseArray();
}

std::string Words(std::string_view name) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string FaultWords(const models::Health& health,
                       const std::vector<models::Evidence>& evidence) {
  if (health.verdict == models::Fault::kOther) {
    return "departs from its baseline in a way that no rule names";
  }
  std::string words = absl::StrFormat("%s, %.0f %%", Words(models::FaultName(health.verdict)),
                                      100 * health.confidence);
  for (const models::Evidence& item : evidence) {
    if (item.supports) return words + ": " + item.text;
  }
  return words;
}

std::string Summarise(const models::Health& health, const models::Score& score,
                      const std::vector<models::Evidence>& evidence, const Names& names,
                      Learning learning) {
  std::string head = Words(models::ConditionName(health.condition));
  head.front() = absl::ascii_toupper(static_cast<unsigned char>(head.front()));
  std::vector<std::string> parts;
  if (health.condition == models::Condition::kStopped) return head + ": the machine stands still";
  if (health.condition == models::Condition::kStarting) {
    return head + ": speed or level is still in transit";
  }
  if (health.condition == models::Condition::kUnscorable) {
    for (const std::string& words : {score.diagnosis.reason, score.diagnosis.remedy}) {
      if (!words.empty()) parts.push_back(words);
    }
    return parts.empty() ? head : head + ": " + absl::StrJoin(parts, "; ");
  }
  if (health.condition == models::Condition::kLearning) {
    parts.push_back(absl::StrFormat("%d of %d records", learning.learnt, learning.needed));
  }
  if (NamesFault(health.verdict)) parts.push_back(FaultWords(health, evidence));
  if (score.limit) parts.push_back(LimitWords(*score.limit, names));
  if (!health.contributions.empty() &&
      health.contributions.front().deviation >= kNotableDeviation) {
    const models::Contribution& worst = health.contributions.front();
    parts.push_back(absl::StrFormat("%s is %.1f scatters above its baseline (%+.1f dB)",
                                    names.At(worst.value_index), worst.deviation, worst.rise));
  }
  if (health.zone >= features::Zone::kC) {
    parts.push_back(
        absl::StrFormat("vibration in zone %s of ISO 20816", features::ZoneName(health.zone)));
  }
  if (health.outside_learnt) {
    parts.push_back("not compared with the baseline, outside what was learnt: " +
                    models::Describe(health.outside_learnt));
  }
  if (parts.empty()) parts.push_back("nothing departs from the baseline");
  return head + ": " + absl::StrJoin(parts, "; ");
}

}  // namespace

HealthDetail DescribeHealth(const models::Health& health, const models::Score& score,
                            const features::FeatureVector& features,
                            std::span<const std::string> channel_ids, Learning learning) {
  const Names names(features, channel_ids);
  const std::vector<models::Evidence>& evidence = EvidenceFor(health, score);
  HealthDetail detail;
  detail.summary = Summarise(health, score, evidence, names, learning);
  // Members in the order of their names.
  JsonWriter json;
  json.OpenObject();
  PutAsked(health.asked, names, json);
  PutContributions(health, names, json);
  PutEvidence(score, evidence, names, json);
  for (const models::RankedFault& ranked : score.diagnosis.ranking) {
    if (ranked.fault == health.verdict) PutFinite("fault_severity", ranked.severity.value, json);
  }
  // How the operation compares with what was learnt, where there is something to say.
  constexpr float kNotableShare = 0.1f;
  if (health.drift.outside_share >= kNotableShare) {
    PutFinite("input_drift", health.drift.outside_share, json);
  }
  if (health.outside_learnt) {
    PutText("outside_learnt", models::Describe(health.outside_learnt), json);
  }
  PutText("summary", detail.summary, json);
  json.CloseObject();
  detail.json = json.Finish();
  return detail;
}

std::string SummaryJson(std::string_view summary) {
  JsonWriter json;
  json.OpenObject();
  PutText("summary", summary, json);
  json.CloseObject();
  return json.Finish();
}

bool IsWorthDetail(const models::Health& health) {
  return (health.condition != models::Condition::kLearning &&
          health.condition != models::Condition::kNormal) ||
         (health.verdict != models::Fault::kHealthy && health.verdict != models::Fault::kAbstain);
}

}  // namespace auscult::db
