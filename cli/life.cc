#include "cli/life.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/file_source.h"
#include "cli/natural_order.h"
#include "cli/read_recording.h"
#include "models/point_replay.h"

namespace auscult::cli {
namespace {

using models::Condition;

constexpr double kDefaultIntervalS = 3600;
constexpr float kLowHealth = 20;
constexpr double kFirstTenth = 0.1;

bool IsFolder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

// Only raw files hold several.
bool HoldsManyRecords(const LabelledRecord& record) {
  if (IsFolder(record.file)) return true;
  if (!record.layout && !IsRaw(record.file)) return false;
  const auto file = OpenLabelled(record);
  return file.ok() && (*file)->record_count() > 1;
}

// A folder as its files, by name.
std::vector<LabelledRecord> FilesOf(const LabelledRecord& record) {
  if (!IsFolder(record.file)) return {record};
  std::vector<LabelledRecord> files;
  const auto listed = FilesOfFolder(record.file, {});
  for (size_t i = 0; listed.ok() && i < listed->size(); ++i) {
    files.push_back(record);
    files.back().file = (*listed)[i].path;
  }
  return files;
}

// Follows a point and keeps what is asked of a life.
class LifeLog {
 public:
  explicit LifeLog(Life& life) : life_(life) {}

  void Take(const models::PointReplay::Step& step) {
    const auto at = static_cast<double>(life_.records + 1);  // made a share at the end
    const Condition condition = step.health.condition;
    ++life_.records;
    if (!step.score.scorable) ++life_.not_scored;
    if (step.learnt) Note(life_.learnt, at);
    if (models::NamesFault(step.score.diagnosis.verdict)) ++life_.accused;
    if (Severity(condition) >= 1) Note(life_.first_watch, at);
    if (Severity(condition) >= 2) Note(life_.first_alert, at);
    if (Severity(condition) >= 3) Note(life_.first_alarm, at);
    if (Severity(condition) >= 2 && Severity(last_) < 2) ++life_.alerts;
    if (Severity(condition) >= 3 && Severity(last_) < 3) alarms_at_.push_back(at);
    if (step.score.scorable) {
      if (step.health.index < kLowHealth) Note(life_.below_20, at);
      life_.health_at_end = step.health.index;
      life_.condition_at_end = condition;
      last_ = condition;
    }
  }

  void TakeUnscorable() {
    ++life_.records;
    ++life_.not_scored;
  }

  void Finish() {
    const auto count = static_cast<double>(life_.records);
    for (std::optional<double>* share : {&life_.learnt, &life_.first_watch, &life_.first_alert,
                                         &life_.first_alarm, &life_.below_20}) {
      if (*share) **share /= count;
    }
    life_.alarms = static_cast<int>(alarms_at_.size());
    life_.early_alarms =
        static_cast<int>(std::count_if(alarms_at_.begin(), alarms_at_.end(),
                                       [&](double at) { return at <= kFirstTenth * count; }));
  }

 private:
  static int Severity(Condition condition) {
    return condition == Condition::kAlarm   ? 3
           : condition == Condition::kAlert ? 2
           : condition == Condition::kWatch ? 1
                                            : 0;
  }
  static void Note(std::optional<double>& share, double at) {
    if (!share) share = at;
  }

  Life& life_;
  Condition last_ = Condition::kLearning;
  std::vector<double> alarms_at_;
};

// Time of a record: its own, or an interval after the one before.
class LifeClock {
 public:
  // 0 = as the records say.
  explicit LifeClock(double interval_s) : given_s_(interval_s) {}

  // `interval_s` is that of the row or the file, 0 = not said.
  int64_t Next(const Recording& recording, double interval_s) {
    const bool by_file = given_s_ == 0 && recording.measured_at;
    if (interval_s == 0) interval_s = kDefaultIntervalS;
    const int64_t by_interval =
        at_us_ + static_cast<int64_t>((given_s_ > 0 ? given_s_ : interval_s) * 1e6);
    const int64_t own = by_file ? absl::ToUnixMicros(*recording.measured_at) : by_interval;
    // Files that are not in the order of their times are taken in the order given.
    at_us_ = began_ ? std::max(own, at_us_ + 1) : own;
    if (!began_) first_us_ = at_us_;
    began_ = true;
    return at_us_;
  }

  double days() const { return static_cast<double>(at_us_ - first_us_) / 86400e6; }

 private:
  const double given_s_;
  bool began_ = false;
  int64_t at_us_ = 0;
  int64_t first_us_ = 0;
};

// The records of one file.
absl::Status LiveThrough(const LabelledRecord& record, LifeClock& clock,
                         models::PointReplay& replay, LifeLog& log) {
  absl::StatusOr<std::unique_ptr<RecordFile>> file = OpenLabelled(record);
  if (!file.ok()) return file.status();
  const double interval_s =
      record.interval_s > 0 ? record.interval_s : (*file)->record_interval_s();
  for (int64_t index = 0; index < (*file)->record_count(); ++index) {
    absl::StatusOr<Recording> recording = (*file)->Read(index);
    if (!recording.ok()) return recording.status();
    absl::StatusOr<AnalysisOptions> options = OptionsFor(record, *recording);
    if (!options.ok()) return options.status();
    absl::StatusOr<Analysis> analysis = Analyse(*recording, *options, record.machine);
    if (!analysis.ok()) return analysis.status();
    const int64_t at_us = clock.Next(*recording, interval_s);
    if (analysis->features.values.empty()) {
      log.TakeUnscorable();
    } else {
      log.Take(replay.Next(analysis->features, at_us));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<LifeFiles> TakeLives(std::vector<LabelledRecord>& records) {
  std::vector<LifeFiles> lives;
  std::vector<LabelledRecord> others;
  std::map<std::string, size_t> life_of_folder;
  for (LabelledRecord& record : records) {
    const bool of_life = record.truth.run_to_failure || record.truth.healthy();
    const bool has_many = of_life && HoldsManyRecords(record);
    if (has_many) {
      lives.push_back({record.Name(), record.manifest, record.line, FilesOf(record)});
    } else if (record.truth.run_to_failure) {
      const std::filesystem::path folder = std::filesystem::path(record.file).parent_path();
      const auto [found, is_new] =
          life_of_folder.emplace(record.manifest + "\n" + folder.string(), lives.size());
      if (is_new) {
        lives.push_back({absl::StrCat(record.dataset, " ", folder.filename().string()),
                         record.manifest,
                         record.line,
                         {}});
      }
      lives[found->second].records.push_back(std::move(record));
    } else {
      others.push_back(std::move(record));
    }
  }
  records = std::move(others);
  for (LifeFiles& life : lives) {
    std::stable_sort(life.records.begin(), life.records.end(),
                     [](const LabelledRecord& a, const LabelledRecord& b) {
                       return NaturallyBefore(a.file, b.file);
                     });
  }
  return lives;
}

LivedLife Live(const LifeFiles& files, double interval_s, const models::AlarmPolicy& policy) {
  LivedLife lived;
  Life& life = lived.life;
  life.name = files.name;
  life.manifest = files.manifest;
  life.line = files.line;
  if (files.records.empty()) {
    lived.bad.push_back({files.manifest, files.line, "the folder holds no recordings"});
    return lived;
  }
  const LabelledRecord& first = files.records[0];
  life.truth = first.truth;
  features::Machine machine = first.machine;
  if (!first.analysis.exact_speed && first.analysis.speed_rpm > 0) {
    machine.rated_speed_rpm = first.analysis.speed_rpm;
  }
  models::PointReplay replay({.machine = &machine}, policy);
  LifeLog log(life);
  LifeClock clock(interval_s);
  for (const LabelledRecord& record : files.records) {
    const absl::Status status = LiveThrough(record, clock, replay, log);
    if (!status.ok()) {
      lived.bad.push_back({record.manifest, record.line, std::string(status.message())});
    }
  }
  life.days = clock.days();
  log.Finish();
  return lived;
}

}  // namespace auscult::cli
