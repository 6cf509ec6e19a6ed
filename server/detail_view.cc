#include "server/detail_view.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace auscult::server {
namespace {

using nlohmann::json;

// Reads without throwing: what is missing or of another type has no value.
const json* Member(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string TextAt(const json& object, const char* key) {
  const json* member = Member(object, key);
  const auto* text = member == nullptr ? nullptr : member->get_ptr<const std::string*>();
  return text == nullptr ? "" : *text;
}

std::optional<float> NumberAt(const json& object, const char* key) {
  const json* member = Member(object, key);
  if (member == nullptr || !member->is_number()) return std::nullopt;
  const auto number = member->get<float>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

const json& ListAt(const json& object, const char* key) {
  static const json kNone = json::array();
  const json* member = Member(object, key);
  return member == nullptr || !member->is_array() ? kNone : *member;
}

json Parsed(std::string_view detail) {
  return json::parse(detail.begin(), detail.end(), nullptr, /*allow_exceptions=*/false);
}

}  // namespace

void AddDetail(std::string_view detail, v1::PointHealth& health) {
  if (detail.empty()) return;
  const json root = Parsed(detail);
  health.set_summary(TextAt(root, "summary"));
  health.set_outside_learnt(TextAt(root, "outside_learnt"));
  if (const auto share = NumberAt(root, "input_drift")) health.set_input_drift(*share);
  if (const auto severity = NumberAt(root, "fault_severity")) {
    health.set_fault_severity(*severity);
  }
  for (const json& entry : ListAt(root, "evidence")) {
    v1::Evidence& evidence = *health.add_evidence();
    evidence.set_text(TextAt(entry, "text"));
    evidence.set_feature(TextAt(entry, "feature"));
    if (const auto value = NumberAt(entry, "value")) evidence.set_value(*value);
    if (const auto limit = NumberAt(entry, "limit")) evidence.set_limit(*limit);
    if (const auto hz = NumberAt(entry, "frequency_hz")) evidence.set_frequency_hz(*hz);
    if (const auto order = NumberAt(entry, "order")) evidence.set_order(*order);
    const json* supports = Member(entry, "supports");
    evidence.set_supports(supports == nullptr || !supports->is_boolean() || supports->get<bool>());
  }
  for (const json& entry : ListAt(root, "contributions")) {
    v1::Contribution& contribution = *health.add_contributions();
    contribution.set_feature(TextAt(entry, "feature"));
    contribution.set_deviation(NumberAt(entry, "deviation").value_or(0));
    contribution.set_rise(NumberAt(entry, "rise").value_or(0));
  }
}

}  // namespace auscult::server
