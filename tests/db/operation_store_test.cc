#include "db/operation_store.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <thread>

#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLease{60'000};

class OperationStore : public ::testing::Test {
 protected:
  int64_t Add(const std::string& kind = "train") {
    const auto operation = AddOperation(*connection_, kind, "request", "metadata");
    EXPECT_TRUE(operation.ok()) << operation.status();
    return operation->id;
  }
  std::optional<OperationClaim> Claim(milliseconds lease = kLease) {
    const std::string kinds[] = {"train", "compare"};
    auto claim = ClaimOperation(*connection_, kinds, lease);
    EXPECT_TRUE(claim.ok()) << claim.status();
    return claim.ok() ? *std::move(claim) : std::nullopt;
  }
  // As if so much time had passed since the lease was given.
  void EndLeases() {
    ASSERT_TRUE(connection_
                    ->Execute("UPDATE operation SET lease_until = clock_timestamp()"
                              " - interval '1 s' WHERE lease_until IS NOT NULL")
                    .ok());
  }
  Operation Get(int64_t id) { return GetOperation(*connection_, id).value(); }

  const support::TestDatabase database_;
  std::unique_ptr<Connection> connection_ = database_.Connect();
};

TEST_F(OperationStore, KeepsWhatWasAskedAndListsTheLatestFirst) {
  const int64_t first = Add(), second = Add("compare");
  const Operation operation = Get(first);
  EXPECT_EQ(operation.kind, "train");
  EXPECT_EQ(operation.request, "request");
  EXPECT_EQ(operation.metadata, "metadata");
  EXPECT_FALSE(operation.done);
  EXPECT_TRUE(absl::IsNotFound(GetOperation(*connection_, second + 1).status()));
  const int64_t all = std::numeric_limits<int64_t>::max();
  const auto listed = ListOperations(*connection_, std::nullopt, all, 10);
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].id, second);
  EXPECT_EQ(ListOperations(*connection_, std::nullopt, second, 10)->size(), 1u);
  EXPECT_EQ(ListOperations(*connection_, true, all, 10)->size(), 0u);
  EXPECT_EQ(ListOperations(*connection_, false, all, 10)->size(), 2u);
}

TEST_F(OperationStore, GivesAClaimToOneAtATimeAndTheOldestFirst) {
  const int64_t first = Add(), second = Add();
  Add("of another release");
  const auto mine = Claim();
  ASSERT_TRUE(mine);
  EXPECT_EQ(mine->operation.id, first);
  EXPECT_EQ(mine->operation.request, "request");
  EXPECT_EQ(mine->attempts, 1);
  const auto other = Claim();
  ASSERT_TRUE(other);
  EXPECT_EQ(other->operation.id, second);
  EXPECT_FALSE(Claim());
}

TEST_F(OperationStore, TheOneWhoLostAClaimWritesNothing) {
  const int64_t id = Add();
  const auto old = Claim();
  ASSERT_TRUE(old);
  EndLeases();
  const auto next = Claim();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->attempts, 2);
  EXPECT_GT(next->fence, old->fence);
  EXPECT_FALSE(RenewLease(*connection_, id, old->fence, kLease, "stale")->has_value());
  EXPECT_TRUE(absl::IsAborted(LockClaim(*connection_, id, old->fence)));
  EXPECT_TRUE(absl::IsAborted(FinishOperation(*connection_, id, old->fence, "stale", "", "")));
  EXPECT_TRUE(ReleaseClaim(*connection_, id, old->fence, milliseconds(0), true).ok());
  EXPECT_EQ(Get(id).metadata, "metadata");
  EXPECT_FALSE(Claim());  // still the next one's
  EXPECT_TRUE(RenewLease(*connection_, id, next->fence, kLease, "half")->has_value());
  EXPECT_EQ(Get(id).metadata, "half");
  EXPECT_TRUE(RenewLease(*connection_, id, next->fence, kLease, "")->has_value());
  EXPECT_EQ(Get(id).metadata, "half");
  EXPECT_TRUE(FinishOperation(*connection_, id, next->fence, "answer", "", "whole").ok());
  const Operation done = Get(id);
  EXPECT_TRUE(done.done);
  EXPECT_EQ(done.response, "answer");
  EXPECT_EQ(done.metadata, "whole");
  EndLeases();
  EXPECT_FALSE(Claim());
}

TEST_F(OperationStore, AClaimGivenBackIsTakenAgainAfterThePause) {
  const int64_t id = Add();
  auto claim = Claim();
  ASSERT_TRUE(claim);
  EXPECT_TRUE(ReleaseClaim(*connection_, id, claim->fence, milliseconds(0), true).ok());
  claim = Claim();
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->attempts, 1);  // an orderly end does not count
  EXPECT_TRUE(ReleaseClaim(*connection_, id, claim->fence, milliseconds(60'000), false).ok());
  EXPECT_FALSE(Claim());
  EndLeases();
  EXPECT_EQ(Claim()->attempts, 2);
}

TEST_F(OperationStore, CancelsAtOnceWhatNobodyWorksOn) {
  const int64_t idle = Add();
  EXPECT_TRUE(CancelOperation(*connection_, idle, "cancelled").ok());
  EXPECT_TRUE(Get(idle).done);
  EXPECT_EQ(Get(idle).error, "cancelled");
  EXPECT_FALSE(Claim());
  const int64_t busy = Add();
  const auto claim = Claim();
  ASSERT_TRUE(claim);
  EXPECT_TRUE(CancelOperation(*connection_, busy, "cancelled").ok());
  EXPECT_FALSE(Get(busy).done);
  const auto renewed = RenewLease(*connection_, busy, claim->fence, kLease, "");
  ASSERT_TRUE(renewed.ok() && renewed->has_value());
  EXPECT_TRUE((*renewed)->cancel_requested);
  // What is done stays as it is.
  EXPECT_TRUE(FinishOperation(*connection_, busy, claim->fence, "answer", "", "").ok());
  EXPECT_TRUE(CancelOperation(*connection_, busy, "cancelled").ok());
  EXPECT_EQ(Get(busy).error, "");
  EXPECT_TRUE(absl::IsNotFound(CancelOperation(*connection_, busy + 1, "cancelled")));
}

TEST_F(OperationStore, DeletesOnlyWhatIsDone) {
  const int64_t id = Add();
  EXPECT_TRUE(absl::IsFailedPrecondition(DeleteOperation(*connection_, id)));
  EXPECT_TRUE(CancelOperation(*connection_, id, "cancelled").ok());
  EXPECT_TRUE(DeleteOperation(*connection_, id).ok());
  EXPECT_TRUE(absl::IsNotFound(DeleteOperation(*connection_, id)));
}

}  // namespace
}  // namespace auscult::db
