#include "cli/severity_order.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "cli/cell.h"

namespace auscult::cli {
namespace {

constexpr size_t kLeastSizes = 3;  // healthy is one

// "phase A 10 %" -> 10, "1 bar(s)" -> 1; NaN where there is no number.
double SizeOf(const std::string& text) {
  const size_t begin = text.find_first_of("0123456789");
  if (begin == std::string::npos) return std::nan("");
  const size_t end = text.find_first_not_of("0123456789.", begin);
  return ParseNumber(text.substr(begin, end - begin)).value_or(std::nan(""));
}

std::string RigOf(const LabelledRecord& record) {
  const auto rpm = record.columns.find("rpm");
  const bool has_speed = rpm != record.columns.end() && !rpm->second.empty();
  return has_speed ? absl::StrCat(record.dataset, ", ", rpm->second, " rpm") : record.dataset;
}

// Ranks from 1, equal values sharing the mean of theirs.
std::vector<double> RanksOf(const std::vector<double>& values) {
  std::vector<double> ranks;
  for (const double value : values) {
    const auto below =
        std::count_if(values.begin(), values.end(), [&](double other) { return other < value; });
    const auto equal = std::count(values.begin(), values.end(), value);
    ranks.push_back(static_cast<double>(below) + (static_cast<double>(equal) + 1) / 2);
  }
  return ranks;
}

double Correlation(const std::vector<double>& x, const std::vector<double>& y) {
  double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
  const auto count = static_cast<double>(x.size());
  for (size_t i = 0; i < x.size(); ++i) mean_x += x[i] / count, mean_y += y[i] / count;
  for (size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

void Add(const JudgedRecord& judged, SeverityOrder& order) {
  SeverityOrder::Record record{&judged, 0, 0};
  if (!judged.record->truth.healthy()) record.size = SizeOf(judged.record->fault_size);
  if (std::isnan(record.size)) return;
  for (const models::RankedFault& ranked : judged.ranking) {
    if (ranked.fault != order.fault || std::isnan(ranked.severity.measure)) continue;
    record.severity = static_cast<double>(ranked.severity.measure);
    order.unit = ranked.severity.unit;
  }
  order.records.push_back(record);
}

// False where there is nothing to order.
bool Finish(SeverityOrder& order) {
  std::stable_sort(order.records.begin(), order.records.end(),
                   [](const auto& a, const auto& b) { return a.size < b.size; });
  std::set<double> sizes;
  std::vector<double> size, severity;
  for (const SeverityOrder::Record& record : order.records) {
    sizes.insert(record.size);
    size.push_back(record.size);
    severity.push_back(record.severity);
  }
  const bool is_told =
      std::any_of(severity.begin(), severity.end(), [](double value) { return value != 0; });
  if (sizes.size() < kLeastSizes || !is_told) return false;
  for (size_t i = 0; i < size.size(); ++i) {
    for (size_t j = i + 1; j < size.size(); ++j) {
      if (size[i] == size[j]) continue;
      ++order.pairs;
      order.in_order += severity[i] < severity[j] ? 1 : 0;
    }
  }
  order.spearman = Correlation(RanksOf(size), RanksOf(severity));
  return true;
}

}  // namespace

std::vector<SeverityOrder> SeverityOrdersOf(const std::vector<JudgedRecord>& judged) {
  std::map<std::pair<std::string, models::Fault>, SeverityOrder> orders;
  for (const JudgedRecord& one : judged) {
    const Truth& truth = one.record->truth;
    if (truth.healthy() || truth.faults.size() != 1) continue;
    const std::string rig = RigOf(*one.record);
    SeverityOrder& order = orders[{rig, truth.faults[0]}];
    order.rig = rig;
    order.fault = truth.faults[0];
  }
  std::vector<SeverityOrder> finished;
  for (auto& [key, order] : orders) {
    for (const JudgedRecord& one : judged) {
      const bool is_of_fault = one.record->truth.healthy() ||
                               one.record->truth.faults == std::vector<models::Fault>{order.fault};
      if (is_of_fault && RigOf(*one.record) == order.rig) Add(one, order);
    }
    if (Finish(order)) finished.push_back(std::move(order));
  }
  return finished;
}

}  // namespace auscult::cli
