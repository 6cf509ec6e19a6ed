#include "server/roller.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int64_t kStartUs = 1'790'000'000'000'000 / kHourUs * kHourUs;

class Rolling : public PlantServer {
 protected:
  void SetUp() override {
    CreateSite("a");
    CreateAsset("a", "pump");
    for (const char* point : {"p1", "p2", "p3"}) CreatePoint("sites/a/assets/pump", point);
  }
  void Store(int first, int end) {
    for (int n = first; n < end; ++n) {
      for (const char* point : {"p1", "p2", "p3"}) {
        StoreRecord("pump", point, kStartUs + n * kHourUs, 1, 90);
      }
    }
  }
  int64_t Rollups() {
    const auto rows = connection_->Query("SELECT count(*) FROM rollup_hour");
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->Int(0, 0) : -1;
  }
  bool Become(int64_t rollups) {
    for (int i = 0; i < 500 && Rollups() != rollups; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return Rollups() == rollups;
  }
};

TEST_F(Rolling, KeepsUpOnAnyNumberOfServers) {
  Store(0, 30);
  const Roller::Pace pace{std::chrono::milliseconds(20)};
  const Roller one(database_.conninfo(), pace);
  const Roller other(database_.conninfo(), pace);
  EXPECT_TRUE(Become(3 * 29)) << Rollups();
  Store(30, 60);
  EXPECT_TRUE(Become(3 * 59)) << Rollups();
}

}  // namespace
}  // namespace auscult::server
