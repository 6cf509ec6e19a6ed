#include "tests/faults/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "tests/server/ingest_fixture.h"

namespace auscult::faults {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Outcome = v1::IngestResult;

constexpr milliseconds kPoll{2};
constexpr int64_t kStepUs = 1000;
constexpr std::chrono::seconds kLastAcks{120};

bool Await(std::chrono::seconds within, const std::function<bool()>& holds) {
  for (const auto end = Clock::now() + within; !holds(); std::this_thread::sleep_for(kPoll)) {
    if (Clock::now() > end) return false;
  }
  return true;
}

bool MayTryAgain(const v1::Rejection& rejection) {
  return rejection.code() == static_cast<int>(grpc::StatusCode::UNAVAILABLE) ||
         rejection.code() == static_cast<int>(grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace

class Ledger::Sender {
 public:
  Sender(int index, Whereto whereto, Pace pace)
      : index_(index),
        point_(pace.first_point + index),
        whereto_(std::move(whereto)),
        pace_(pace),
        newest_sent_(server::NowUs() - 3'600'000'000),
        thread_([this] { Run(); }) {}
  ~Sender() {
    Finish();
    abandoned_ = true;
    if (thread_.joinable()) thread_.join();
  }

  void Finish() { enough_ = true; }
  bool IsDone() const {
    const std::lock_guard lock(mutex_);
    return enough_ && pending_.empty();
  }
  void Join() {
    abandoned_ = !IsDone();
    thread_.join();
  }

  int64_t newest_sent() const { return newest_sent_; }
  int64_t newest_acked() const { return newest_acked_; }
  int64_t acked_count() const { return acked_count_; }
  int64_t connections() const { return connections_; }
  int64_t retries_asked() const { return retries_asked_; }
  int64_t resent() const { return resent_; }
  int64_t refused() const { return refused_; }
  // After Join.
  const std::set<int64_t>& sent() const { return sent_; }
  const std::set<int64_t>& acked() const { return acked_; }
  int point() const { return point_; }

 private:
  using Stream = grpc::ClientReaderWriter<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse>;
  struct Again {
    int64_t time_us;
    Clock::time_point due;
  };

  void Run() {
    while (!IsDone() && !abandoned_) {
      const std::string to = whereto_(index_);
      if (!to.empty()) Connect(to);
      std::this_thread::sleep_for(milliseconds(5));
    }
  }

  void Connect(const std::string& to) {
    {
      const std::lock_guard lock(mutex_);
      again_.clear();
      for (const int64_t time_us : pending_) again_.push_back({time_us, Clock::now()});
      heard_ = Clock::now();
    }
    broken_ = false;
    ++connections_;
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto stub = v1::IngestService::NewStub(
        grpc::CreateCustomChannel(to, grpc::InsecureChannelCredentials(), arguments));
    grpc::ClientContext context;
    const std::unique_ptr<Stream> stream = stub->StreamWaveforms(&context);
    std::thread reader([&] { ReadAcks(*stream); });
    std::thread writer([&] { WriteRecords(*stream); });
    while (!broken_) {
      std::this_thread::sleep_for(kPoll);
      const std::lock_guard lock(mutex_);
      const bool waits = !pending_.empty() || enough_;
      if (abandoned_ || (waits && Clock::now() - heard_ > pace_.patience)) context.TryCancel();
    }
    writer.join();
    reader.join();
    stream->Finish();
  }

  void WriteRecords(Stream& stream) {
    while (!broken_) {
      const int64_t time_us = Next();
      if (time_us < 0) break;
      if (time_us == 0) {
        std::this_thread::sleep_for(kPoll);
        continue;
      }
      v1::StreamWaveformsRequest request;
      request.set_sequence(static_cast<uint64_t>(time_us));
      *request.mutable_waveform() = server::TestWaveform(
          server::TestPoint(point_), time_us, pace_.samples, static_cast<int>(time_us % 97));
      if (!stream.Write(request)) return;
    }
    stream.WritesDone();
  }

  // The record to send next; 0: none now, -1: none any more.
  int64_t Next() {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    while (!again_.empty() && again_.front().due <= now) {
      const int64_t time_us = again_.front().time_us;
      again_.pop_front();
      if (pending_.contains(time_us)) return time_us;
    }
    if (enough_) return pending_.empty() ? -1 : 0;
    if (pending_.size() >= pace_.window || now < due_) return 0;
    due_ = std::max(due_, now - std::chrono::seconds(1)) +
           std::chrono::duration_cast<Clock::duration>(
               std::chrono::duration<double>(1 / pace_.per_second));
    const int64_t time_us = newest_sent_ + kStepUs;
    pending_.insert(time_us);
    sent_.insert(time_us);
    newest_sent_ = time_us;
    return time_us;
  }

  void ReadAcks(Stream& stream) {
    v1::StreamWaveformsResponse ack;
    while (stream.Read(&ack)) Note(static_cast<int64_t>(ack.sequence()), ack.result());
    broken_ = true;
  }

  void Note(int64_t time_us, const v1::IngestResult& result) {
    const std::lock_guard lock(mutex_);
    heard_ = Clock::now();
    if (result.outcome() != Outcome::OUTCOME_REJECTED) {
      if (result.outcome() == Outcome::OUTCOME_DUPLICATE) ++resent_;
      pending_.erase(time_us);
      if (acked_.insert(time_us).second) ++acked_count_;
      newest_acked_ = std::max<int64_t>(newest_acked_, time_us);
    } else if (MayTryAgain(result.rejection())) {
      ++retries_asked_;
      const auto& after = result.rejection().retry_after();
      // Not in step with the others.
      const auto pause = std::chrono::seconds(after.seconds()) + milliseconds(time_us / 1000 % 97);
      again_.push_back({time_us, heard_ + pause});
    } else {
      pending_.erase(time_us);
      if (++refused_ == 1) ADD_FAILURE() << result.ShortDebugString();
    }
  }

  const int index_, point_;
  const Whereto whereto_;
  const Pace pace_;
  mutable std::mutex mutex_;
  std::set<int64_t> sent_, acked_, pending_;
  std::deque<Again> again_;
  Clock::time_point due_{}, heard_{};
  std::atomic<int64_t> newest_sent_, newest_acked_{0}, acked_count_{0};
  std::atomic<int64_t> connections_{0}, retries_asked_{0}, refused_{0}, resent_{0};
  std::atomic<bool> enough_{false}, abandoned_{false}, broken_{false};
  std::thread thread_;
};

Ledger::Ledger(int senders, Whereto whereto, Pace pace) {
  for (int i = 0; i < senders; ++i) senders_.push_back(std::make_unique<Sender>(i, whereto, pace));
}

Ledger::~Ledger() = default;

int64_t Ledger::acked() const {
  int64_t count = 0;
  for (const auto& sender : senders_) count += sender->acked_count();
  return count;
}

int64_t Ledger::reconnects() const {
  int64_t count = 0;
  for (const auto& sender : senders_) count += std::max<int64_t>(0, sender->connections() - 1);
  return count;
}

int64_t Ledger::retries_asked() const {
  int64_t count = 0;
  for (const auto& sender : senders_) count += sender->retries_asked();
  return count;
}

int64_t Ledger::resent() const {
  int64_t count = 0;
  for (const auto& sender : senders_) count += sender->resent();
  return count;
}

Ledger::Mark Ledger::MarkNow() const {
  Mark mark;
  for (const auto& sender : senders_) mark.push_back(sender->newest_sent());
  return mark;
}

bool Ledger::IsPast(const Mark& mark) const {
  for (size_t i = 0; i < senders_.size(); ++i) {
    if (senders_[i]->newest_acked() <= mark[i]) return false;
  }
  return true;
}

bool Ledger::AwaitPast(const Mark& mark, std::chrono::seconds within) const {
  return Await(within, [&] { return IsPast(mark); });
}

bool Ledger::AwaitAcks(int64_t count, std::chrono::seconds within) const {
  const int64_t until = acked() + count;
  return Await(within, [&] { return acked() >= until; });
}

namespace {

std::map<std::string, std::multiset<int64_t>> StoredTimes(db::Connection& connection) {
  std::map<std::string, std::multiset<int64_t>> times;
  const auto rows = connection.Query(
      "SELECT point.slug, (extract(epoch FROM measured_at) * 1000000)::bigint FROM trend "
      "JOIN point USING (asset_id, point_id)");
  EXPECT_TRUE(rows.ok()) << rows.status();
  for (int i = 0; rows.ok() && i < rows->count(); ++i) {
    times[std::string(rows->Text(i, 0))].insert(rows->Int(i, 1));
  }
  return times;
}

// Points where scores, raw samples or the count of the state are not one a record.
int64_t PointsAstray(db::Connection& connection) {
  const auto rows = connection.Query(
      "SELECT count(*) FROM point p JOIN point_state s USING (asset_id, point_id)"
      " CROSS JOIN LATERAL (SELECT"
      "   (SELECT count(*) FROM trend t WHERE (t.asset_id, t.point_id) = (p.asset_id, p.point_id))"
      "     AS records,"
      "   (SELECT count(*) FROM score c WHERE (c.asset_id, c.point_id) = (p.asset_id, p.point_id)"
      "     AND c.run = 0) AS scores,"
      "   (SELECT count(*) FROM waveform w"
      "     WHERE (w.asset_id, w.point_id) = (p.asset_id, p.point_id)) AS waveforms) n"
      " WHERE n.records <> n.scores OR n.records <> n.waveforms OR n.records <> s.record_count");
  EXPECT_TRUE(rows.ok()) << rows.status();
  return rows.ok() ? rows->Int(0, 0) : -1;
}

int64_t Missing(const std::set<int64_t>& of, const std::set<int64_t>& in) {
  std::vector<int64_t> missing;
  std::ranges::set_difference(of, in, std::back_inserter(missing));
  return static_cast<int64_t>(missing.size());
}

}  // namespace

Tally Ledger::Close(db::Connection& connection) {
  for (const auto& sender : senders_) sender->Finish();
  Await(kLastAcks, [&] {
    return std::ranges::all_of(senders_, [](const auto& sender) { return sender->IsDone(); });
  });
  for (const auto& sender : senders_) sender->Join();
  auto stored = StoredTimes(connection);
  Tally tally;
  for (size_t i = 0; i < senders_.size(); ++i) {
    const std::multiset<int64_t>& times = stored["p" + std::to_string(senders_[i]->point())];
    const std::set<int64_t> once(times.begin(), times.end());
    const std::set<int64_t>&sent = senders_[i]->sent(), &acked = senders_[i]->acked();
    tally.sent += static_cast<int64_t>(sent.size());
    tally.acked += static_cast<int64_t>(acked.size());
    tally.stored += static_cast<int64_t>(times.size());
    tally.lost += Missing(acked, once);
    tally.duplicated += static_cast<int64_t>(times.size() - once.size());
    tally.invented += Missing(once, sent);
    tally.unanswered += Missing(sent, acked) - senders_[i]->refused();
    tally.refused += senders_[i]->refused();
  }
  tally.astray = PointsAstray(connection);
  return tally;
}

void MakePlant(db::Connection& connection) { server::CreateTestPlant(connection); }

void Conclude(const std::string& what, int faults, const Tally& tally, double ready_s) {
  std::printf("FAULTS  %-58s %4d times, %7lld records, %lld lost, %lld duplicated, %lld invented",
              what.c_str(), faults, static_cast<long long>(tally.stored),
              static_cast<long long>(tally.lost), static_cast<long long>(tally.duplicated),
              static_cast<long long>(tally.invented));
  if (ready_s >= 0) std::printf(", ready again in %.2f s at most", ready_s);
  std::printf("\n");
  std::fflush(stdout);
  EXPECT_GT(tally.stored, 0);
  EXPECT_EQ(tally.lost, 0) << "acknowledged and not stored";
  EXPECT_EQ(tally.duplicated, 0) << "stored twice";
  EXPECT_EQ(tally.invented, 0) << "stored and never sent";
  EXPECT_EQ(tally.unanswered, 0) << "never acknowledged";
  EXPECT_EQ(tally.refused, 0) << "refused, though good";
  EXPECT_EQ(tally.astray, 0) << "points whose scores, samples or state are not one a record";
}

int Count(const char* variable, int short_form) {
  const char* const text = std::getenv(variable);
  return text != nullptr ? std::atoi(text) : short_form;
}

}  // namespace auscult::faults
