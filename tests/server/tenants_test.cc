#include "server/tenants.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <set>
#include <thread>

#include "google/rpc/error_details.pb.h"
#include "server/errors.h"
#include "server/token_bucket.h"

namespace auscult::server {
namespace {

using namespace std::chrono_literals;
using Clock = TokenBucket::Clock;

template <typename Detail>
Detail DetailOf(const absl::Status& status, const std::string& name) {
  Detail detail;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc." + name);
  EXPECT_TRUE(payload && detail.ParseFromString(std::string(*payload))) << status;
  return detail;
}

v1::Quota QuotaOf(const std::string& name) {
  v1::Quota quota;
  quota.set_name(name);
  return quota;
}

TEST(TokenBucket, LetsTwoSecondsPassAtOnceAndThenTheRate) {
  TokenBucket bucket;
  Clock::time_point now = Clock::now();
  EXPECT_EQ(bucket.Take(1e9, now).count(), 0) << "no limit";
  bucket.SetRate(10, now);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(bucket.Take(1, now).count(), 0) << i;
  EXPECT_NEAR(bucket.Take(1, now).count(), 0.1, 1e-6);
  now += 100ms;
  EXPECT_EQ(bucket.Take(1, now).count(), 0);
  EXPECT_GT(bucket.Take(1, now).count(), 0);
  now += 1h;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(bucket.Take(1, now).count(), 0) << i;
  EXPECT_GT(bucket.Take(1, now).count(), 0) << "an hour of rest saves up two seconds";
}

TEST(TokenBucket, TakesALargeBatchOnCreditAndPaysItBack) {
  TokenBucket bucket;
  Clock::time_point now = Clock::now();
  bucket.SetRate(10, now);
  EXPECT_EQ(bucket.Take(100, now).count(), 0);
  EXPECT_NEAR(bucket.Take(1, now).count(), 8.1, 1e-6);
  bucket.Return(100);
  EXPECT_EQ(bucket.Take(1, now).count(), 0);
}

TEST(TokenBucket, ASlowRateLetsOneThrough) {
  TokenBucket bucket;
  const Clock::time_point now = Clock::now();
  bucket.SetRate(0.01, now);
  EXPECT_EQ(bucket.Take(1, now).count(), 0);
  EXPECT_NEAR(bucket.Take(1, now).count(), 100, 1e-6);
  bucket.SetRate(0.02, now);
  EXPECT_NEAR(bucket.Take(1, now).count(), 50, 1e-6) << "a new rate refills nothing";
}

TEST(Tenants, KnowASiteByTheNamesOfItsThings) {
  EXPECT_EQ(SiteOfName("sites/a/assets/b/points/c"), "sites/a");
  EXPECT_EQ(SiteOfName("sites/a"), "sites/a");
  for (const char* name : {"", "sites", "sites/", "sites//assets", "keys/a", "sites/A/x",
                           "sites/\n/x", "sites/-/assets"}) {
    EXPECT_EQ(SiteOfName(name), "") << name;
  }
  EXPECT_EQ(SiteOfName("sites/" + std::string(64, 'a') + "/assets"), "");
}

TEST(Tenants, ARecordIsTakenFromAllOrFromNone) {
  Tenants tenants(1 << 20);
  v1::Quota site = QuotaOf("sites/s/quota"), key = QuotaOf("keys/k/quota");
  site.set_records_per_second(1);
  key.set_records_per_second(5);
  tenants.SetLimits({site, key});
  const auto of_site = tenants.OfSite("sites/s/x"), of_key = tenants.OfKey("keys/k");
  std::deque<Reservation> held;
  absl::Status status;
  for (int i = 0; i < 12 && status.ok(); ++i) {
    status = tenants.Admit({.key = of_key.get(), .site = of_site.get()}, 100, held.emplace_back());
  }
  EXPECT_EQ(held.size(), 3u);
  EXPECT_EQ(tenants.budget().used_bytes(), 200);
  EXPECT_EQ(of_key->use().buffer_bytes(), 200);
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  const auto info = DetailOf<google::rpc::ErrorInfo>(status, "ErrorInfo");
  EXPECT_EQ(info.reason(), "QUOTA_EXCEEDED");
  EXPECT_EQ(info.metadata().at("quota"), "sites/s/quota");
  EXPECT_EQ(info.metadata().at("limit"), "records_per_second");
  const auto retry = DetailOf<google::rpc::RetryInfo>(status, "RetryInfo").retry_delay();
  EXPECT_GE(static_cast<double>(retry.seconds()) + retry.nanos() * 1e-9, 0.9);
  // The key has its eight left: it was given back what the site refused.
  absl::Status of_other;
  const auto other = tenants.OfSite("sites/other");
  int taken = 0;
  for (; of_other.ok(); ++taken) {
    of_other = tenants.Admit({.key = of_key.get(), .site = other.get()}, 100, held.emplace_back());
  }
  EXPECT_NEAR(taken - 1, 8, 1);
  held.clear();
  EXPECT_EQ(tenants.budget().used_bytes(), 0);
  EXPECT_EQ(of_site->use().refused_count(), 1);
  EXPECT_EQ(tenants.refusals().of(static_cast<size_t>(RefusedFor::kRecords)), 2);
}

TEST(Tenants, BytesAndStreamsOfAQuota) {
  Tenants tenants(1 << 20);
  v1::Quota quota = QuotaOf("sites/s/quota");
  quota.set_buffer_bytes(1000);
  quota.set_stream_count(2);
  tenants.SetLimits(quota);
  const auto site = tenants.OfSite("sites/s");
  Reservation a, b;
  ASSERT_TRUE(tenants.Admit({.site = site.get()}, 900, a).ok());
  absl::Status status = tenants.Admit({.site = site.get()}, 200, b);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status, "ErrorInfo").metadata().at("limit"),
            "buffer_bytes");
  ASSERT_TRUE(site->OpenStream().ok());
  {
    ASSERT_TRUE(site->OpenStream().ok());
    const OpenedStream second(site);
    status = site->OpenStream();
    EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status, "ErrorInfo").metadata().at("limit"),
              "stream_count");
  }
  EXPECT_TRUE(site->OpenStream().ok());
  // What is gone has no limits any more.
  tenants.SetLimits(std::vector<v1::Quota>());
  EXPECT_TRUE(site->OpenStream().ok());
  EXPECT_TRUE(tenants.Admit({.site = site.get()}, 200, b).ok());
}

TEST(Tenants, OneSiteAloneLeavesRoomAndTwoShareAlike) {
  constexpr int64_t kLimit = 1'000'000, kRecord = 1000;
  Tenants tenants(kLimit);
  const auto greedy = tenants.OfSite("sites/greedy"), late = tenants.OfSite("sites/late");
  std::deque<Reservation> of_greedy, of_late;
  const auto fill = [&](Tenant& site, std::deque<Reservation>& held) {
    while (true) {
      Reservation reservation;
      if (!tenants.Admit({.site = &site}, kRecord, reservation).ok()) return;
      held.push_back(std::move(reservation));
    }
  };
  fill(*greedy, of_greedy);
  EXPECT_LE(std::abs(greedy->bytes().used_bytes() - kLimit * 7 / 8), 2 * kRecord);
  fill(*late, of_late);
  EXPECT_GT(late->bytes().used_bytes(), kLimit / 10) << "room is kept for newcomers";
  // As records are done, whoever has more than his share gets no new ones.
  for (int i = 0; i < 5000; ++i) {
    (i % 2 == 0 ? of_greedy : of_late).pop_front();
    fill(*greedy, of_greedy);
    fill(*late, of_late);
  }
  EXPECT_LE(std::abs(greedy->bytes().used_bytes() - kLimit * 7 / 15), 3 * kRecord);
  EXPECT_LE(std::abs(late->bytes().used_bytes() - kLimit * 7 / 15), 3 * kRecord);
  EXPECT_LE(tenants.budget().peak_bytes(), kLimit);
}

TEST(Tenants, ASiteBeyondItsShareIsNotReadFromUntilItIsBelow) {
  Tenants tenants(1000);
  const auto site = tenants.OfSite("sites/s");
  std::deque<Reservation> held;
  int woken = 0;
  while (site->bytes().MayRead([&] { ++woken; })) {
    ASSERT_TRUE(tenants.Admit({.site = site.get()}, 50, held.emplace_back()).ok());
  }
  EXPECT_EQ(site->bytes().used_bytes(), 750);
  EXPECT_TRUE(tenants.OfSite("sites/other")->bytes().MayRead([] {})) << "nobody else stands still";
  held.pop_back();
  EXPECT_EQ(woken, 1);
}

TEST(Tenants, TheDelayGrowsWithTheBacklogAndIsNotTheSameForAll) {
  Tenants tenants(10'000'000);
  const auto site = tenants.OfSite("sites/s");
  const auto mean_delay = [&] {
    double sum = 0;
    for (int i = 0; i < 200; ++i) sum += static_cast<double>(tenants.RetryDelay().count());
    return sum / 200;
  };
  std::deque<Reservation> held;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(tenants.Admit({.site = site.get()}, 1000, held.emplace_back()).ok());
  }
  held.clear();
  EXPECT_NEAR(mean_delay(), 200, 40) << "nothing waits";
  Reservation large, refused;
  ASSERT_TRUE(tenants.Admit({.site = site.get()}, 200'000, large).ok());
  const double before = mean_delay();
  for (int i = 0; i < 200; ++i) {
    (void)tenants.Admit({.site = site.get()}, 9'990'000, refused);
  }
  EXPECT_GT(mean_delay(), 2 * before);
  EXPECT_LE(mean_delay(), 6000);
  std::set<int64_t> delays;
  for (int i = 0; i < 50; ++i) delays.insert(tenants.RetryDelay().count());
  EXPECT_GT(delays.size(), 40u);
}

TEST(Tenants, MadeUpNamesDoNotStayForEver) {
  Tenants tenants(1 << 20);
  v1::Quota quota = QuotaOf("sites/limited/quota");
  quota.set_stream_count(1);
  tenants.SetLimits({quota});
  const auto used = tenants.OfSite("sites/used");
  ASSERT_TRUE(used->OpenStream().ok());
  std::weak_ptr<Tenant> first = tenants.OfSite("sites/made-up");
  for (int i = 0; i < 3000; ++i) (void)tenants.OfSite("sites/s" + std::to_string(i));
  EXPECT_TRUE(first.expired());
  EXPECT_EQ(tenants.OfSite("sites/used"), used);
  const auto limited = tenants.OfSite("sites/limited");
  ASSERT_TRUE(limited->OpenStream().ok());
  EXPECT_FALSE(limited->OpenStream().ok());
}

}  // namespace
}  // namespace auscult::server
