// pgbouncer refuses start-up options and keeps no session: a peer that behaves like it, in front of
// a real PostgreSQL.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "db/postgres.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using support::PostgresCluster;
using support::TestDatabase;

sockaddr_un AddressIn(const std::string& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (folder + "/.s.PGSQL.5432").c_str(), sizeof address.sun_path - 1);
  return address;
}

class OptionRefuser {
 public:
  OptionRefuser() {
    char folder[] = "/tmp/auscult-opt-XXXXXX";
    EXPECT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    const sockaddr_un address = AddressIn(folder_);
    EXPECT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, 4), 0);
    acceptor_ = std::jthread([this] {
      for (int peer = accept(listener_, nullptr, nullptr); peer >= 0;
           peer = accept(listener_, nullptr, nullptr)) {
        relays_.emplace_back([this, peer] { Serve(peer); });
      }
    });
  }
  ~OptionRefuser() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    relays_.clear();
    std::filesystem::remove_all(folder_);
  }
  const std::string& folder() const { return folder_; }
  int refused() const { return refused_; }

 private:
  void Serve(int peer) {
    char bytes[65536];
    const ssize_t size = recv(peer, bytes, sizeof bytes, 0);
    const std::string_view startup(bytes, size > 0 ? static_cast<size_t>(size) : 0);
    if (startup.find(std::string_view("options\0", 8)) != std::string_view::npos) {
      // Of type E, its length, fields each with its end, the end.
      constexpr char kFields[] = "SFATAL\0C08P01\0Munsupported startup parameter: options\0";
      std::string reply("E\0\0\0", 4);
      reply.push_back(static_cast<char>(sizeof kFields + 4));
      reply.append(kFields, sizeof kFields);
      send(peer, reply.data(), reply.size(), MSG_NOSIGNAL);
      ++refused_;
    } else {
      Relay(peer, startup);
    }
    close(peer);
  }

  static void Relay(int peer, std::string_view first) {
    const int server = socket(AF_UNIX, SOCK_STREAM, 0);
    const sockaddr_un address = AddressIn(PostgresCluster::Shared().socket_dir());
    bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                send(server, first.data(), first.size(), MSG_NOSIGNAL) > 0;
    while (open) {
      pollfd ends[] = {{peer, POLLIN, 0}, {server, POLLIN, 0}};
      poll(ends, 2, -1);
      for (const int from : {0, 1}) {
        if (ends[from].revents == 0) continue;
        char bytes[65536];
        const ssize_t size = recv(ends[from].fd, bytes, sizeof bytes, 0);
        open = size > 0 &&
               send(ends[1 - from].fd, bytes, static_cast<size_t>(size), MSG_NOSIGNAL) == size;
        break;
      }
    }
    close(server);
  }

  std::string folder_;
  int listener_ = socket(AF_UNIX, SOCK_STREAM, 0);
  std::atomic<int> refused_{0};
  std::vector<std::jthread> relays_;
  std::jthread acceptor_;
};

std::string Setting(Connection& connection) {
  const absl::StatusOr<Rows> rows = connection.Query("SELECT current_setting('lock_timeout')");
  return rows.ok() ? std::string(rows->Text(0, 0)) : rows.status().ToString();
}

TEST(Connection, LimitsItsTransactionsWhereThePeerRefusesOptions) {
  const TestDatabase database;
  const OptionRefuser refuser;
  const auto connection = Connection::Open(database.conninfo() + " host=" + refuser.folder());
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_EQ(refuser.refused(), 1);
  const absl::Status status = InTransaction(**connection, [&] {
    EXPECT_EQ(Setting(**connection), "10s");
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  // Nothing is left on a session that the next statement may share with others.
  EXPECT_EQ(Setting(**connection), "0");
}

TEST(Connection, LeavesNothingOfAnActorWhereThePeerRefusesOptions) {
  const TestDatabase database;
  const OptionRefuser refuser;
  const auto connection = Connection::Open(database.conninfo() + " host=" + refuser.folder());
  ASSERT_TRUE(connection.ok()) << connection.status();
  const auto who = [&] {
    const absl::StatusOr<Rows> rows =
        (*connection)
            ->Query(
                "SELECT concat_ws('|', current_user, coalesce(current_setting('auscult.actor', "
                "true), ''),"
                " coalesce(current_setting('auscult.sites', true), ''))");
    return rows.ok() ? std::string(rows->Text(0, 0)) : rows.status().ToString();
  };
  (*connection)
      ->ActFor({.principal = "keys/k", .request_id = "", .site_ids = std::vector<int64_t>{3}});
  EXPECT_EQ(who(), "auscult_call|keys/k|{3}");
  const absl::Status status = InTransaction(**connection, [&] {
    EXPECT_EQ(Setting(**connection), "10s");
    EXPECT_EQ(who(), "auscult_call|keys/k|{3}");
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  (*connection)->ActForNobody();
  EXPECT_EQ(who(), "auscult||");
  EXPECT_EQ(Setting(**connection), "0");
}

}  // namespace
}  // namespace auscult::db
