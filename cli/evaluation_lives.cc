#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/evaluation_report.h"
#include "cli/number_format.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

constexpr double kDaysPerYear = 365.25;

std::string Percent(const std::optional<double>& share) {
  return share ? absl::StrFormat("%.1f %%", 100 * *share) : "never";
}

std::vector<Life> Those(const std::vector<Life>& lives, bool healthy) {
  std::vector<Life> chosen;
  for (const Life& life : lives) {
    if (life.truth.healthy() == healthy) chosen.push_back(life);
  }
  return chosen;
}

std::string TableOf(const std::vector<Life>& lives) {
  Table table({{"life"},
               {"records", Align::kRight},
               {"learnt", Align::kRight},
               {"watch", Align::kRight},
               {"alert", Align::kRight},
               {"alarm", Align::kRight},
               {"alarms in first tenth", Align::kRight},
               {"health < 20", Align::kRight},
               {"health at end", Align::kRight},
               {"at end"}});
  for (const Life& life : lives) {
    table.AddRow({life.name, absl::StrCat(life.records), Percent(life.learnt),
                  Percent(life.first_watch), Percent(life.first_alert), Percent(life.first_alarm),
                  absl::StrCat(life.early_alarms), Percent(life.below_20),
                  Shown(life.health_at_end),
                  std::string(models::ConditionName(life.condition_at_end))});
  }
  return table.Render();
}

std::string FailedText(const std::vector<Life>& lives) {
  if (lives.empty()) return "";
  const auto share_text = [&](std::optional<double> Life::*share) {
    return Percent(MedianOf(lives, [&](const Life& life) { return life.*share; }));
  };
  const auto count = [&](auto&& is) { return std::count_if(lives.begin(), lives.end(), is); };
  return absl::StrCat("\n", lives.size(), " runs to failure, ",
                      count([](const Life& life) { return life.learnt.has_value(); }),
                      " long enough to learn a baseline: ",
                      count([](const Life& life) { return life.first_alarm.has_value(); }),
                      " alarm, ", count([](const Life& life) { return life.early_alarms > 0; }),
                      " of them in the first tenth of life; median share of life learning ",
                      share_text(&Life::learnt), ", to watch ", share_text(&Life::first_watch),
                      ", to alert ", share_text(&Life::first_alert), ", to alarm ",
                      share_text(&Life::first_alarm), ", to health below 20 ",
                      share_text(&Life::below_20), "; health below 20 at the end of ",
                      count([](const Life& life) { return life.health_at_end < 20; }), ".\n");
}

std::string HealthyText(const std::vector<Life>& lives) {
  if (lives.empty()) return "";
  int alarms = 0, alerts = 0;
  int64_t records = 0, accused = 0;
  double years = 0;
  for (const Life& life : lives) {
    alarms += life.alarms;
    alerts += life.alerts;
    records += life.records;
    accused += life.accused;
    years += life.days / kDaysPerYear;
  }
  return absl::StrFormat(
      "\n%d healthy points, %d records, %.3f years: %d alarms (%.2g a record, %s a year), %d "
      "entries into alert or alarm; %d records whose own verdict names a fault.\n",
      lives.size(), records, years, alarms, alarms / static_cast<double>(records),
      years > 0 ? absl::StrFormat("%.2g", alarms / years) : "-", alerts, accused);
}

}  // namespace

std::optional<double> MedianOf(const std::vector<Life>& lives,
                               const std::function<std::optional<double>(const Life&)>& share) {
  std::vector<double> shares;
  for (const Life& life : lives) {
    if (life.learnt)
      shares.push_back(share(life).value_or(std::numeric_limits<double>::infinity()));
  }
  if (shares.empty()) return std::nullopt;
  std::sort(shares.begin(), shares.end());
  const size_t half = shares.size() / 2;
  const double median =
      shares.size() % 2 == 1 ? shares[half] : (shares[half - 1] + shares[half]) / 2;
  if (std::isinf(median)) return std::nullopt;
  return median;
}

std::string LivesText(const std::vector<Life>& lives) {
  if (lives.empty()) return "";
  return absl::StrCat(TableOf(lives), FailedText(Those(lives, false)),
                      HealthyText(Those(lives, true)));
}

}  // namespace auscult::cli
