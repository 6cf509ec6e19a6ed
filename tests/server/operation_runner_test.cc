#include "server/operation_runner.h"

#include <gmock/gmock.h>
#include <google/protobuf/wrappers.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <set>
#include <thread>

#include "server/errors.h"
#include "server/operation_view.h"
#include "tests/server/ingest_fixture.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::server {
namespace {

using google::protobuf::Any;
using google::protobuf::StringValue;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr OperationRunner::Timing kQuick{
    .run = {.lease = milliseconds(2'000), .beat = milliseconds(20)},
    .poll = milliseconds(20),
    .retry_after = milliseconds(0)};

StringValue Words(const std::string& text) {
  StringValue value;
  value.set_value(text);
  return value;
}

OperationResult Answer(const std::string& text) {
  return [text](db::Connection&) -> absl::StatusOr<Any> {
    Any any;
    any.PackFrom(Words(text));
    return any;
  };
}

using Handlers = std::map<std::string, OperationRunner::Handler>;

class Runner : public ::testing::Test {
 protected:
  int64_t Ask(const std::string& kind = "echo", const std::string& request = "hello") {
    const auto added = db::AddOperation(*connection_, kind, request, "");
    EXPECT_TRUE(added.ok()) << added.status();
    return added->id;
  }
  google::longrunning::Operation Get(int64_t id) {
    const auto operation = db::GetOperation(*connection_, id);
    EXPECT_TRUE(operation.ok()) << operation.status();
    return operation.ok() ? MessageOf(*operation) : google::longrunning::Operation();
  }
  google::longrunning::Operation Done(int64_t id) {
    EXPECT_TRUE(Eventually([&] { return Get(id).done(); }));
    return Get(id);
  }
  std::string AnswerOf(int64_t id) {
    const auto operation = Done(id);
    StringValue value;
    operation.response().UnpackTo(&value);
    return value.value();
  }
  std::unique_ptr<OperationRunner> Start(Handlers handlers,
                                         OperationRunner::Timing timing = kQuick) {
    return std::make_unique<OperationRunner>(database_.conninfo(), std::move(handlers), timing);
  }
  int64_t Count(db::Sql sql) { return connection_->Query(sql)->Int(0, 0); }

  const support::TestDatabase database_;
  std::unique_ptr<db::Connection> connection_ = database_.Connect();
};

TEST_F(Runner, DoesWhatIsAskedAtLowPriorityAndAnswers) {
  std::atomic<int> niceness = 0;
  const auto runner =
      Start({{"echo", [&](OperationRun& run, db::Connection&) {
                niceness = getpriority(PRIO_PROCESS, 0);
                run.Report(Words("half way"));
                return absl::StatusOr<OperationResult>(Answer(run.operation().request + " back"));
              }}});
  const int64_t id = Ask();
  EXPECT_EQ(AnswerOf(id), "hello back");
  StringValue metadata;
  ASSERT_TRUE(Get(id).metadata().UnpackTo(&metadata));
  EXPECT_EQ(metadata.value(), "half way");
  EXPECT_GE(niceness, 10);
  const int64_t unknown = Ask("of another release");
  EXPECT_EQ(AnswerOf(Ask()), "hello back");
  EXPECT_FALSE(Get(unknown).done());
}

TEST_F(Runner, ChangesThingsInTheNameOfWhoAsked) {
  const auto runner = Start({{"echo", [](OperationRun&, db::Connection&) {
                                return absl::StatusOr<OperationResult>(
                                    [](db::Connection& connection) -> absl::StatusOr<Any> {
                                      const absl::Status made = connection.Execute(
                                          "INSERT INTO site (slug) VALUES ('plant')");
                                      if (!made.ok()) return made;
                                      return Any();
                                    });
                              }}});
  const auto added = db::AddOperation(*connection_, "echo", "hello", "", "keys/office");
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_TRUE(Done(added->id).error().message().empty());
  const auto entry = connection_->Query(
      "SELECT hashed::json->>'actor', hashed::json->>'request_id' FROM audit"
      " ORDER BY sequence DESC LIMIT 1");
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->Text(0, 0), "keys/office");
  EXPECT_EQ(entry->Text(0, 1), OperationResource(added->id));
}

TEST_F(Runner, KeepsAnErrorWithItsReason) {
  const auto runner = Start(
      {{"echo", [](OperationRun&, db::Connection&) -> absl::StatusOr<OperationResult> {
          return MakeError(absl::StatusCode::kFailedPrecondition, {.reason = "NOT_ENOUGH_TO_LEARN",
                                                                   .message = "too little",
                                                                   .remedy = "label more",
                                                                   .field = ""});
        }}});
  const auto operation = Done(Ask());
  EXPECT_EQ(operation.error().code(), static_cast<int>(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(operation.error().message(), "too little; label more");
  EXPECT_EQ(operation.error().details_size(), 1);
}

TEST_F(Runner, ShowsProgressAndEndsWhenItIsCancelled) {
  const auto runner = Start({{"echo", [](OperationRun& run, db::Connection&) {
                                run.Report(Words("working"));
                                while (run.Continue().ok()) {
                                  std::this_thread::sleep_for(milliseconds(5));
                                }
                                return absl::StatusOr<OperationResult>(run.Continue());
                              }}});
  const int64_t id = Ask();
  EXPECT_TRUE(Eventually([&] { return Get(id).has_metadata(); }));
  EXPECT_FALSE(Get(id).done());
  ASSERT_TRUE(db::CancelOperation(*connection_, id, ErrorBytes(CancelledOperation())).ok());
  EXPECT_EQ(Done(id).error().code(), static_cast<int>(absl::StatusCode::kCancelled));
}

TEST_F(Runner, TwoShareTheWorkAndNothingIsDoneTwice) {
  std::atomic<int> runs = 0;
  std::mutex mutex;
  std::set<int> workers;
  const auto handler = [&](int worker) {
    return [&, worker](OperationRun& run, db::Connection&) {
      ++runs;
      std::this_thread::sleep_for(milliseconds(10));
      const std::lock_guard lock(mutex);
      workers.insert(worker);
      return absl::StatusOr<OperationResult>(Answer(run.operation().request));
    };
  };
  std::vector<int64_t> ids;
  for (int i = 0; i < 30; ++i) ids.push_back(Ask("echo", std::to_string(i)));
  const auto first = Start({{"echo", handler(1)}}), second = Start({{"echo", handler(2)}});
  for (size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(AnswerOf(ids[i]), std::to_string(i));
  EXPECT_EQ(runs, 30);
  EXPECT_EQ(workers.size(), 2u);
}

// A server that was killed: it holds a claim and never speaks again.
TEST_F(Runner, TakesOverWhatADeadServerLeft) {
  const int64_t id = Ask();
  const std::string kinds[] = {"echo"};
  const auto claim = db::ClaimOperation(*connection_, kinds, milliseconds(300));
  ASSERT_TRUE(claim.ok() && claim->has_value());
  const auto runner =
      Start({{"echo", [](OperationRun& run, db::Connection&) {
                return absl::StatusOr<OperationResult>(Answer(std::to_string(run.attempts())));
              }}});
  EXPECT_EQ(AnswerOf(id), "2");
  EXPECT_TRUE(absl::IsAborted(
      db::FinishOperation(*connection_, id, (*claim)->fence, "from the grave", "", "")));
  EXPECT_EQ(AnswerOf(id), "2");
}

TEST_F(Runner, WritesNothingOnceItsLeaseIsLost) {
  ASSERT_TRUE(connection_->ExecuteScript("CREATE TABLE written (by text)").ok());
  std::atomic<bool> in_the_middle = false, taken = false;
  std::atomic<int> attempts = 0;
  const auto runner = Start({{"echo", [&](OperationRun& run, db::Connection&) {
                                if (++attempts == 1) {
                                  in_the_middle = true;
                                  Eventually([&] { return taken.load(); });
                                }
                                const std::string who = std::to_string(run.attempts());
                                return absl::StatusOr<OperationResult>(
                                    [who](db::Connection& connection) -> absl::StatusOr<Any> {
                                      const db::Param values[] = {db::Text(who)};
                                      absl::Status status = connection.Execute(
                                          "INSERT INTO written VALUES ($1)", values);
                                      if (!status.ok()) return status;
                                      return Answer(who)(connection);
                                    });
                              }}});
  const int64_t id = Ask();
  ASSERT_TRUE(Eventually([&] { return in_the_middle.load(); }));
  // Somebody else claims it, as when this server had stood still for longer than its lease, and
  // gives it back.
  ASSERT_TRUE(
      connection_->Execute("UPDATE operation SET fence = fence + 1, lease_until = NULL").ok());
  taken = true;
  EXPECT_EQ(AnswerOf(id), "2");
  EXPECT_EQ(attempts, 2);
  EXPECT_EQ(Count("SELECT count(*) FROM written"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM written WHERE by = '2'"), 1);
}

TEST_F(Runner, GivesBackWhatItHasWhenItStops) {
  std::atomic<bool> working = false;
  auto runner = Start({{"echo",
                        [&](OperationRun& run, db::Connection&) {
                          working = true;
                          while (run.Continue().ok()) {
                            std::this_thread::sleep_for(milliseconds(5));
                          }
                          return absl::StatusOr<OperationResult>(run.Continue());
                        }}},
                      {.run = {.lease = milliseconds(600'000), .beat = milliseconds(20)},
                       .poll = milliseconds(20),
                       .retry_after = milliseconds(0)});
  const int64_t id = Ask();
  ASSERT_TRUE(Eventually([&] { return working.load(); }));
  runner.reset();
  EXPECT_FALSE(Get(id).done());
  const auto next =
      Start({{"echo", [](OperationRun& run, db::Connection&) {
                return absl::StatusOr<OperationResult>(Answer(std::to_string(run.attempts())));
              }}});
  EXPECT_EQ(AnswerOf(id), "1");
}

TEST_F(Runner, TriesAgainWhatMayPassAndGivesUpInTheEnd) {
  std::atomic<int> runs = 0;
  const auto runner =
      Start({{"flaky",
              [&](OperationRun&, db::Connection&) -> absl::StatusOr<OperationResult> {
                if (++runs < 3) return absl::UnavailableError("the database went away");
                return Answer("third time");
              }},
             {"hopeless", [](OperationRun&, db::Connection&) -> absl::StatusOr<OperationResult> {
                return absl::UnavailableError("always");
              }}});
  EXPECT_EQ(AnswerOf(Ask("flaky")), "third time");
  const auto hopeless = Done(Ask("hopeless"));
  EXPECT_THAT(hopeless.error().message(), HasSubstr("begun"));
}

TEST_F(Runner, GoesOnWhenItsConnectionsAreCut) {
  std::atomic<int> runs = 0;
  const auto runner = Start(
      {{"echo",
        [&](OperationRun& run, db::Connection& connection) -> absl::StatusOr<OperationResult> {
          if (++runs == 1) {
            const auto other = database_.Connect();
            EXPECT_TRUE(
                other
                    ->Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                              " WHERE datname = current_database() AND pid <> pg_backend_pid()")
                    .ok());
          }
          if (absl::Status status = connection.Execute("SELECT 1"); !status.ok()) return status;
          return Answer(run.operation().request);
        }}});
  const int64_t id = Ask();
  ASSERT_TRUE(Eventually([&] { return runs >= 2; }));
  connection_ = database_.Connect();
  EXPECT_EQ(AnswerOf(id), "hello");
}

}  // namespace
}  // namespace auscult::server
