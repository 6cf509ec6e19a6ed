#include <cassert>
#include <utility>

#include "absl/strings/str_format.h"
#include "db/postgres.h"

namespace auscult::db {

Pool::Pool(std::string conninfo, int size) : conninfo_(std::move(conninfo)), size_(size) {
  assert(size > 0);
}

Pool::~Pool() { assert(lent_ == 0); }

absl::StatusOr<Pool::Lease> Pool::Acquire(std::chrono::milliseconds timeout) {
  std::unique_ptr<Connection> connection;
  {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, timeout, [this] { return lent_ < size_; })) {
      return absl::ResourceExhaustedError(
          absl::StrFormat("all %d database connections were busy for %d ms; send fewer requests at "
                          "once or raise the size of the connection pool",
                          size_, timeout.count()));
    }
    ++lent_;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (connection != nullptr && connection->healthy()) return Lease(this, std::move(connection));
  // Connecting takes time, and must not hold up those who return a connection.
  absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(conninfo_);
  if (!opened.ok()) {
    Return(nullptr);
    return opened.status();
  }
  return Lease(this, *std::move(opened));
}

void Pool::Return(std::unique_ptr<Connection> connection) {
  // What a transaction left open is rolled back by closing it.
  if (connection != nullptr && (connection->in_transaction() || !connection->healthy())) {
    connection.reset();
  }
  if (connection != nullptr) connection->ActForNobody();
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (connection != nullptr) idle_.push_back(std::move(connection));
  }
  freed_.notify_one();
}

Pool::Lease::Lease(Pool* pool, std::unique_ptr<Connection> connection)
    : pool_(pool), connection_(std::move(connection)) {}

Pool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}

Pool::Lease::~Lease() {
  if (pool_ != nullptr) pool_->Return(std::move(connection_));
}

}  // namespace auscult::db
