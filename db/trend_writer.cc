#include "db/trend_writer.h"

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "db/record_batch.h"

namespace auscult::db {
namespace {

constexpr int kAttempts = 3;
constexpr std::chrono::milliseconds kPause{50};

// The batch is not at fault, but the database or what others do to it.
bool IsOfTheDatabase(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) ||
         absl::IsResourceExhausted(status) || absl::IsDeadlineExceeded(status);
}

// What the models take for granted of a record.
absl::Status Check(const Record& record) {
  if (record.measured_at_us < kEarliestUs || record.measured_at_us >= kLatestUs) {
    return absl::InvalidArgumentError("measured_at " + *TimeUs(record.measured_at_us) +
                                      " lies outside the years 1990 to 2099; set the clock of the "
                                      "sensor");
  }
  const features::FeatureVector& vector = record.features;
  const features::FeatureSet* set = features::FindFeatureSet(vector.set_id);
  if (set == nullptr || vector.channel_count < 1 ||
      vector.values.size() != set->features.size() * static_cast<size_t>(vector.channel_count)) {
    return absl::InvalidArgumentError(
        "the features do not fill whole channels of a known feature "
        "set; send all features of a set for each channel");
  }
  return absl::OkStatus();
}

std::pair<RecordKey, std::string> KeyOf(const Record& record) {
  return {{record.asset_id, record.point_id, record.measured_at_us}, record.content_hash};
}

int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

// What is known of the records of one Write so far.
struct TrendWriter::Progress {
  explicit Progress(std::span<const Record> of)
      : records(of), outcomes(of.size()), decided(of.size()) {}

  void Decide(size_t member, Outcome outcome) {
    outcomes[member] = std::move(outcome);
    decided[member] = true;
  }
  void Reject(size_t member, const absl::Status& why) {
    Outcome outcome;
    outcome.kind = Outcome::Kind::kRejected;
    outcome.rejection = why;
    Decide(member, std::move(outcome));
  }

  std::span<const Record> records;
  std::vector<Outcome> outcomes;
  std::vector<bool> decided;
  bool any_committed = false;
};

TrendWriter::TrendWriter(std::string conninfo, BaselineCache* baselines, int64_t recent_raw_s,
                         const ActiveClassifier* classifier)
    : conninfo_(std::move(conninfo)),
      baselines_(baselines),
      recent_raw_s_(recent_raw_s),
      classifier_(classifier) {}

absl::StatusOr<std::vector<Outcome>> TrendWriter::Write(std::span<const Record> records) {
  Progress progress(records);
  std::vector<size_t> members;
  for (size_t i = 0; i < records.size(); ++i) {
    if (absl::Status status = Check(records[i]); !status.ok()) {
      progress.Reject(i, status);
    } else {
      members.push_back(i);
    }
  }
  absl::Status status = Commit(members, progress);
  if (!status.ok() && !progress.any_committed) return status;
  unsure_.clear();
  for (const size_t member : members) {
    if (!progress.decided[member]) progress.Reject(member, status);
  }
  return std::move(progress.outcomes);
}

absl::Status TrendWriter::Commit(std::span<const size_t> members, Progress& progress) {
  if (members.empty()) return absl::OkStatus();
  absl::Status status = CommitWithRetries(members, progress);
  if (status.ok() || IsOfTheDatabase(status)) return status;
  if (members.size() == 1) {
    progress.Reject(members.front(),
                    absl::Status(status.code(),
                                 absl::StrCat("the record cannot be stored: ", status.message())));
    return absl::OkStatus();
  }
  const size_t half = members.size() / 2;
  if (absl::Status first = Commit(members.first(half), progress); !first.ok()) return first;
  return Commit(members.subspan(half), progress);
}

absl::Status TrendWriter::CommitWithRetries(std::span<const size_t> members, Progress& progress) {
  absl::Status status;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    status = CommitOnce(members, progress);
    if (absl::IsFailedPrecondition(status) && attempt == 1) {
      // A week that another server dropped after we had seen it.
      partitions_.Forget();
    } else if (absl::IsUnavailable(status) || absl::IsAborted(status)) {
      if (attempt < kAttempts) std::this_thread::sleep_for(attempt * kPause);
    } else {
      break;
    }
  }
  return status;
}

absl::Status TrendWriter::CommitOnce(std::span<const size_t> members, Progress& progress) {
  if (absl::Status status = Connect(); !status.ok()) return status;
  if (absl::Status status = EnsurePartitions(members, progress); !status.ok()) return status;
  std::vector<const Record*> records;
  for (const size_t member : members) records.push_back(&progress.records[member]);
  RecordBatch batch(records, baselines_, NowUs() - recent_raw_s_ * 1'000'000,
                    classifier_ == nullptr ? ActiveClassifier::Version{} : classifier_->Get());
  bool commit_unknown = false;
  absl::Status status = InTransaction(
      *connection_, [&] { return batch.Write(*connection_); }, &commit_unknown);
  if (!status.ok() && !commit_unknown) return status;

  std::vector<Outcome> outcomes = std::move(batch).TakeOutcomes();
  for (size_t i = 0; i < members.size(); ++i) Recall(*records[i], outcomes[i]);
  for (size_t i = 0; i < members.size(); ++i) {
    if (!commit_unknown) {
      progress.Decide(members[i], std::move(outcomes[i]));
    } else if (outcomes[i].kind == Outcome::Kind::kAccepted) {
      unsure_.insert_or_assign(KeyOf(*records[i]), std::move(outcomes[i]));
    }
  }
  progress.any_committed |= !commit_unknown;
  return status;
}

// A record that is a duplicate of itself was stored by the commit whose outcome was unknown. Once:
// further ones of its key are duplicates of it.
void TrendWriter::Recall(const Record& record, Outcome& outcome) {
  const auto found = unsure_.find(KeyOf(record));
  if (found == unsure_.end()) return;
  if (outcome.kind == Outcome::Kind::kDuplicate) outcome = std::move(found->second);
  unsure_.erase(found);
}

absl::Status TrendWriter::Connect() {
  if (connection_ != nullptr && connection_->healthy()) return absl::OkStatus();
  connection_.reset();
  absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(conninfo_);
  if (!opened.ok()) return opened.status();
  connection_ = *std::move(opened);
  return absl::OkStatus();
}

absl::Status TrendWriter::EnsurePartitions(std::span<const size_t> members,
                                           const Progress& progress) {
  std::vector<int64_t> instants_us, raw_instants_us;
  for (const size_t member : members) {
    const Record& record = progress.records[member];
    instants_us.push_back(record.measured_at_us);
    if (!record.raw.samples.empty() && record.keep_raw_every >= 0) {
      raw_instants_us.push_back(record.measured_at_us);
    }
  }
  return partitions_.EnsureFor(*connection_, instants_us, raw_instants_us);
}

}  // namespace auscult::db
