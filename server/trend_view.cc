#include "server/trend_view.h"

#include <bit>
#include <vector>

#include "google/protobuf/util/time_util.h"
#include "server/health_view.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

static_assert(std::endian::native == std::endian::little, "octets are little-endian");

template <typename Value>
std::string Octets(const std::vector<Value>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)};
}

}  // namespace

void ShowSeries(const db::TrendSeries& read, bool octets, bool statistics, v1::Series& series) {
  if (octets) {
    series.set_time_octets(Octets(read.time_us));
    series.set_value_octets(Octets(read.value));
    series.set_min_octets(Octets(read.min));
    series.set_max_octets(Octets(read.max));
  } else {
    series.mutable_time_us()->Assign(read.time_us.begin(), read.time_us.end());
    series.mutable_value()->Assign(read.value.begin(), read.value.end());
    series.mutable_min()->Assign(read.min.begin(), read.min.end());
    series.mutable_max()->Assign(read.max.begin(), read.max.end());
  }
  if (statistics) {
    series.mutable_last()->Assign(read.last.begin(), read.last.end());
    series.mutable_count()->Assign(read.count.begin(), read.count.end());
  }
  series.set_record_count(read.record_count);
  series.set_resolution(static_cast<v1::Resolution>(read.resolution));
}

v1::ConditionChange ChangeOf(const db::ConditionEvent& event, const std::string& point) {
  v1::ConditionChange change;
  *change.mutable_time() = TimeUtil::MicrosecondsToTimestamp(event.measured_at_us);
  change.set_from(ConditionOf(event.from_condition));
  change.set_to(ConditionOf(event.to_condition));
  change.set_verdict(FaultOf(event.verdict));
  change.set_summary(event.summary);
  change.set_point(point);
  return change;
}

}  // namespace auscult::server
