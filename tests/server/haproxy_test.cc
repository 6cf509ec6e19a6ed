// deploy/haproxy.cfg, as it is but for ports and certificate, by Debian's HAProxy before a real
// server.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "server/server.h"
#include "tests/server/data_folder.h"
#include "tests/server/raw_call.h"
#include "tests/server/rest/raw_http.h"
#include "tests/support/made_certificates.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::server {
namespace {

using rest::RawHttp;
using support::MadeAuthority;
using support::MadeCertificate;
using support::WriteFile;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kHaproxy[] = "/usr/sbin/haproxy";

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Replace(std::string& text, const std::string& old, const std::string& with) {
  const size_t at = text.find(old);
  ASSERT_NE(at, std::string::npos) << old;
  text.replace(at, old.size(), with);
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

class Haproxy : public ::testing::Test {
 protected:
  void SetUp() override {
    if (access(kHaproxy, X_OK) != 0) {
      GTEST_SKIP() << "NOT TESTED: there is no " << kHaproxy << " (apt-get install haproxy)";
    }
    Config config;
    config.listen = "127.0.0.1:0";
    config.rest_listen = "127.0.0.1:0";
    config.web_dir = "/nowhere";
    config.database = database_.conninfo();
    auto started = Server::Start(config);
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
    mkdir(folder_.path().c_str(), 0700);
    const MadeCertificate made = authority_.Issue("localhost");
    WriteFile(folder_.path() + "/front.pem", made.cert + made.key);
    std::string text = ReadAll(AUSCULT_SOURCE_DIR "/deploy/haproxy.cfg");
    Replace(text, "bind :7443 ", "bind 127.0.0.1:" + std::to_string(grpc_port_) + " ");
    Replace(text, "bind :443 ", "bind 127.0.0.1:" + std::to_string(https_port_) + " ");
    Replace(text, "server auscultd 127.0.0.1:7070", Address(server_->port()));
    Replace(text, "server auscultd 127.0.0.1:7080", Address(server_->rest_port()));
    for (int i = 0; i < 2; ++i) {
      Replace(text, "ssl crt /etc/haproxy/auscult.pem", "ssl crt " + folder_.path() + "/front.pem");
    }
    WriteFile(File(), text);
  }
  void TearDown() override {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  static std::string Address(int port) {
    return "server auscultd 127.0.0.1:" + std::to_string(port);
  }
  std::string File() const { return folder_.path() + "/haproxy.cfg"; }
  std::string Words() const { return ReadAll(folder_.path() + "/words"); }

  void Spawn(std::vector<std::string> arguments) {
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    for (const int fd : {1, 2}) {
      posix_spawn_file_actions_addopen(&files, fd, (folder_.path() + "/words").c_str(),
                                       O_WRONLY | O_CREAT | O_APPEND, 0600);
    }
    ASSERT_EQ(posix_spawn(&pid_, kHaproxy, &files, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&files);
  }
  void StartFront() {
    Spawn({kHaproxy, "-db", "-f", File()});
    for (int i = 0; i < 500; ++i) {
      if (RawHttp(https_port_).connected() && RawHttp(grpc_port_).connected()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    FAIL() << Words();
  }

  std::shared_ptr<grpc::Channel> Channel() const {
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(grpc_port_),
                               grpc::SslCredentials({authority_.pem(), "", ""}));
  }
  std::string Https(const std::string& request) const {
    RawHttp client(https_port_, tls_.get());
    client.Send(request);
    return client.ReadAll();
  }

  support::TestDatabase database_{support::TestDatabase::Empty{}};
  DataFolder folder_;
  MadeAuthority authority_;
  const std::shared_ptr<SSL_CTX> tls_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
  const int grpc_port_ = FreePort(), https_port_ = FreePort();
  std::unique_ptr<Server> server_;
  pid_t pid_ = 0;
};

TEST_F(Haproxy, TakesTheConfigurationWithoutAWarning) {
  Spawn({kHaproxy, "-c", "-f", File()});
  int status = 0;
  ASSERT_EQ(waitpid(pid_, &status, 0), pid_);
  pid_ = 0;
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(Words(), "Configuration file is valid\n");
}

TEST_F(Haproxy, CarriesGrpcAndRest) {
  StartFront();
  v1::ListSitesResponse sites;
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  const grpc::Status status = v1::AssetService::NewStub(Channel())->ListSites(&context, {}, &sites);
  EXPECT_TRUE(status.ok()) << status.error_message();
  // A stream both ways: ServerReflectionRequest{list_services: ""}.
  const RawAnswer answer = RawCall(
      Channel(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", {"\x3a\x00", 2});
  EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_THAT(answer.bytes, HasSubstr("auscult.v1.IngestService"));
  EXPECT_THAT(Https("GET /v1/sites HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("application/json"),
                    HasSubstr("strict-transport-security: max-age=31536000")));
  RawHttp watching(https_port_, tls_.get());
  watching.Send(
      "GET /v1/sites/-/alarms:watch HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream"
      "\r\n\r\n");
  EXPECT_THAT(watching.ReadTo("\r\n\r\n"), HasSubstr("text/event-stream"));
}

TEST_F(Haproxy, HoldsOff) {
  StartFront();
  EXPECT_THAT(Https("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 404 "));
  std::string fields;
  for (int i = 0; i < 70; ++i) fields += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_THAT(Https("GET /v1/sites HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(Https("GET /v1/sites HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(40 << 10, 'x') +
                  "\r\n\r\n")
                .find("HTTP/1.1 200"),
            std::string::npos);
  // A header that never ends.
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(Https("GET /v1/sites HTTP/1.1\r\nHost: loc"), StartsWith("HTTP/1.1 408 "));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(9));
  // One address that takes all it can.
  std::vector<std::unique_ptr<RawHttp>> many;
  for (int i = 0; i < 150; ++i) many.push_back(std::make_unique<RawHttp>(https_port_));
  EXPECT_FALSE(RawHttp(https_port_, tls_.get()).connected());
  EXPECT_TRUE(AskHealth(grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()),
                                            grpc::InsecureChannelCredentials()),
                        "")
                  .status.ok());
}

}  // namespace
}  // namespace auscult::server
