// The disk of the database is full for a while.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "tests/faults/ledger.h"
#include "tests/faults/server_under_test.h"
#include "tests/server/data_folder.h"

namespace auscult::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A small disk of its own at a folder, which must exist.
class SmallDisk {
 public:
  explicit SmallDisk(std::string folder) : folder_(std::move(folder)) {
    if (mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=300m,mode=0755") == 0) return;
    problem_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (problem_.empty()) umount2(folder_.c_str(), MNT_DETACH);
  }
  const std::string& problem() const { return problem_; }

  // Takes every byte that is left.
  void Fill() const {
    std::ofstream ballast(Ballast(), std::ios::binary);
    const std::string megabyte(1 << 20, 'x');
    while (ballast.write(megabyte.data(), static_cast<std::streamsize>(megabyte.size())).flush()) {
    }
  }
  void MakeRoom() const { std::filesystem::remove(Ballast()); }

 private:
  std::string Ballast() const { return folder_ + "/ballast"; }
  const std::string folder_;
  std::string problem_;
};

grpc::Status CreateSite(const std::string& address, const std::string& id) {
  const auto stub =
      v1::AssetService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  v1::CreateSiteRequest request;
  request.set_site_id(id);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + seconds(20));
  v1::Site site;
  return stub->CreateSite(&context, request, &site);
}

TEST(Disk, ThatIsFullLosesNothing) {
  const server::DataFolder folder;
  std::filesystem::create_directory(folder.path());
  const SmallDisk disk(folder.path());
  if (!disk.problem().empty()) {
    GTEST_SKIP() << "NOT TESTED: a full disk. A tmpfs cannot be mounted here (" << disk.problem()
                 << "); run as root, outside of containers that forbid it";
  }
  std::vector<std::string> arguments = {"--data-dir", folder.path()};
  if (!server::ServiceUser().empty()) {
    arguments.insert(arguments.end(), {"--service-user", server::ServiceUser()});
  }
  ServerUnderTest server(arguments);
  const std::string conninfo = "host=" + folder.path() + "/run user=auscult dbname=auscult";
  auto connection = db::Connection::Open(conninfo);
  ASSERT_TRUE(connection.ok()) << connection.status();
  MakePlant(**connection);
  Pace pace;
  pace.samples = 4096;
  Ledger ledger(
      4, [&](int) { return server.address(); }, pace);
  ASSERT_TRUE(ledger.AwaitAcks(200));
  const int rounds = Count("AUSCULT_FULL_DISKS", 1);
  double worst_s = 0;
  for (int i = 0; i < rounds; ++i) {
    disk.Fill();
    // What fits into files that are there already is still stored; then nothing more.
    bool full = false;
    for (int tries = 0; tries < 20 && !full; ++tries) {
      const int64_t before = ledger.acked();
      std::this_thread::sleep_for(milliseconds(1000));
      full = ledger.acked() == before;
    }
    EXPECT_TRUE(full) << "records were acknowledged for 20 s on a full disk";
    EXPECT_EQ(server.HttpStatus("/healthz"), 200) << "alive";
    const grpc::Status status = CreateSite(server.address(), "site" + std::to_string(i));
    if (!status.ok()) {
      EXPECT_TRUE(status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                  status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED)
          << status.error_code() << " " << status.error_message();
      std::printf("        a change is answered: %s\n", status.error_message().c_str());
    }
    disk.MakeRoom();
    worst_s = std::max(worst_s, server.ReadyAgainAfter(std::chrono::steady_clock::now(), ledger,
                                                       kReadyWithinS + kComeAgainAfterS));
  }
  ASSERT_TRUE(db::Reconnect(conninfo, *connection).ok());
  Conclude("disk of the database full", rounds, ledger.Close(**connection), worst_s);
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace auscult::faults
