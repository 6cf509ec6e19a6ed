#include "tests/faults/server_under_test.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "tests/server/rest/raw_http.h"

namespace auscult::faults {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

ServerUnderTest::ServerUnderTest(std::vector<std::string> arguments)
    : arguments_(std::move(arguments)) {
  Start();
}

void ServerUnderTest::Start() {
  process_.reset();
  process_ = std::make_unique<support::AuscultdProcess>(
      AUSCULT_BIN_DIR "/auscultd", arguments_,
      testing::TempDir() + "/auscultd_faults_" + std::to_string(getpid()) + ".log");
  port_ = process_->port();
}

void ServerUnderTest::Kill() {
  port_ = 0;
  process_->Kill();
}

int ServerUnderTest::Stop() {
  const int code = process_->Stop();
  port_ = 0;
  return code;
}

std::string ServerUnderTest::address() const {
  const int port = port_;
  return port == 0 ? "" : "127.0.0.1:" + std::to_string(port);
}

int ServerUnderTest::HttpStatus(const std::string& path) const {
  rest::RawHttp client(process_->http_port());
  client.Send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  while (client.received().size() < 12 && client.Receive(std::chrono::seconds(2))) {
  }
  return client.received().size() < 12 ? 0 : std::atoi(&client.received()[9]);
}

bool ServerUnderTest::AwaitReady(bool ready, std::chrono::seconds within) const {
  for (const auto end = Clock::now() + within; IsReady() != ready;
       std::this_thread::sleep_for(std::chrono::milliseconds(10))) {
    if (Clock::now() > end) return false;
  }
  return true;
}

double ServerUnderTest::ReadyAgainAfter(Clock::time_point since, const Ledger& ledger,
                                        double within_s) const {
  const Ledger::Mark mark = ledger.MarkNow();
  EXPECT_TRUE(AwaitReady(true));
  EXPECT_TRUE(ledger.AwaitPast(mark));
  const double seconds = std::chrono::duration<double>(Clock::now() - since).count();
  EXPECT_LT(seconds, within_s);
  return seconds;
}

}  // namespace auscult::faults
