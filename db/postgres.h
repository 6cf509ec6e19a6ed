#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "db/actor.h"
#include "db/array_param.h"
#include "db/binary_rows.h"

struct pg_conn;
struct pg_result;

namespace auscult::db {

// SQL text is constant: it enters as a literal and carries no values. A consteval constructor holds
// that.
class Sql {
 public:
  template <size_t N>
  consteval Sql(const char (&text)[N]) : text_(text) {}  // NOLINT: literals convert
  const char* text() const { return text_; }

 private:
  const char* text_;
};

// A value in libpq's text format; unset is NULL. Build with the functions below.
using Param = std::optional<std::string>;
Param Int(int64_t value);
Param Real(double value);  // shortest form that keeps the value; NaN is NULL
Param Text(std::string_view value);
Param Bytes(std::string_view value);  // bytea
Param TimeUs(int64_t microseconds);   // timestamptz from Unix microseconds, cut to years 1..9999
Param Bool(bool value);
Param Null();
// A one-dimensional array of such values, for unnest($1::bigint[]) and the like.
Param Array(std::span<const Param> values);
Param IntArray(std::span<const int64_t> values);

// Rows of an answer. Values are read in text format; asking for a NULL or a malformed number is a
// caller's bug.
class Rows {
 public:
  explicit Rows(pg_result* result);
  int count() const;
  bool IsNull(int row, int column) const;
  std::string_view Text(int row, int column) const;
  int64_t Int(int row, int column) const;
  double Real(int row, int column) const;  // NULL is NaN
  bool Bool(int row, int column) const;
  std::string Bytes(int row, int column) const;              // bytea
  std::vector<float> FloatArray(int row, int column) const;  // real[], a NULL inside is NaN
  std::vector<int64_t> IntArray(int row, int column) const;  // of any integers, without NULLs
  // Rows an INSERT, UPDATE or DELETE touched.
  int64_t affected() const;

 private:
  std::shared_ptr<pg_result> result_;
};

// One connection, owned, used by one thread at a time. Errors are mapped from SQLSTATE: 23505
// ALREADY_EXISTS, 23503 and 23514 (also a row without a partition) FAILED_PRECONDITION, class 08,
// 57P0x, 25P03 and a lost socket UNAVAILABLE, 40001, 40P01 and 55P03 ABORTED, 57014
// DEADLINE_EXCEEDED, class 53 RESOURCE_EXHAUSTED, classes 22 and 54 INVALID_ARGUMENT, everything
// else INTERNAL; the message carries PostgreSQL's own words.
class Connection {
 public:
  // `conninfo` is a libpq connection string or URI; what it says wins over the limits set here:
  // statements 60 s, locks 10 s, idle in a transaction 60 s, connecting 10 s. INVALID_ARGUMENT if
  // it cannot be read, UNAVAILABLE if nobody answers. Where the peer refuses start-up options
  // (pgbouncer), InTransaction sets the limits instead, and single statements have none.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& conninfo);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From now on what changes rows does so in the name of `actor`, which the audit log gets from
  // settings of the transaction: nothing stays on the session, which pgbouncer may give to others
  // next. Where the actor is limited to sites, everything runs as the role auscult_call, to which
  // row-level security shows their rows alone; a statement outside a transaction then has one of
  // its own, in the same round trip. An actor without limits costs what only reads nothing: a
  // single statement that begins with SELECT runs as it is. Not inside a transaction.
  void ActFor(Actor actor);
  void ActForNobody();

  absl::StatusOr<Rows> Query(Sql sql, std::span<const Param> params = {});
  // The same in binary format, for many rows.
  absl::StatusOr<BinaryRows> QueryBinary(Sql sql, std::span<const Param> params = {});
  absl::Status Execute(Sql sql, std::span<const Param> params = {});
  // With arrays for parameters, in binary format both ways. The statement is planned once for the
  // session, where the session is the caller's own: that of many rows takes as long to plan as to
  // run. ABORTED when its plan no longer fits the tables.
  absl::StatusOr<BinaryRows> QueryArrays(Sql sql, std::span<const ArrayParam> params);
  // Sends a query and does not wait for its answer, which comes in binary format. Receive it before
  // anything else is asked.
  absl::Status Send(Sql sql, std::span<const Param> params);
  absl::StatusOr<BinaryRows> Receive();
  // Several statements in one string, no parameters: migrations only.
  absl::Status ExecuteScript(const std::string& script);
  // COPY ... FROM STDIN (FORMAT binary) with a buffer made by CopyBuffer. With an actor only inside
  // a transaction, and for one limited to sites not at all: PostgreSQL has no COPY FROM under
  // row-level security.
  absl::Status CopyIn(Sql sql, std::string_view binary);
  // The same without waiting for PostgreSQL to store the rows: it works while the caller does. How
  // that went FinishCopy says, or whatever the connection is asked to do next, which waits first.
  absl::Status StartCopyIn(Sql sql, std::string_view binary);
  absl::Status FinishCopy();

  // False once the connection is lost, also when the server closed it while it lay idle.
  bool healthy() const;
  bool in_transaction() const;
  // A statement of the open transaction failed: all that is left is to roll back.
  bool transaction_failed() const;
  // BEGIN, with the limits where the session does not hold them, and the actor.
  absl::Status Begin();

 private:
  struct Statement;
  Connection(pg_conn* connection, bool session_is_own)
      : connection_(connection), session_is_own_(session_is_own) {}
  template <typename Answered>
  absl::StatusOr<Answered> AnswerAs(pg_result* result);
  absl::StatusOr<Rows> Answer(pg_result* result);
  bool Send(const Statement& statement);
  pg_result* Run(const Statement& statement);
  pg_result* RunAlone(const Statement& statement);
  bool NeedsActor(const Statement& statement) const;
  Statement ActorSettings() const;
  // Sends them as one transaction; false where that failed. FinishPipeline comes next either way.
  bool StartPipeline(std::span<const Statement> statements);
  // The answer of the last statement, or the first error.
  pg_result* FinishPipeline();
  absl::StatusOr<std::string> Prepared(Sql sql);
  pg_conn* const connection_;
  // False behind pgbouncer, whose sessions change with every transaction.
  const bool session_is_own_;
  std::optional<Actor> actor_;
  std::string site_ids_;  // of the actor, as an array
  bool copying_ = false;
  bool pipelined_ = false;                       // sent, and not received
  std::map<const char*, std::string> prepared_;  // names of statements by their texts
  int prepared_count_ = 0;
};

// Opens `connection` where there is none or it is lost.
absl::Status Reconnect(const std::string& conninfo, std::unique_ptr<Connection>& connection);

// Builds the byte string of a binary COPY. Append exactly the fields of the column list, row by
// row.
class CopyBuffer {
 public:
  CopyBuffer();
  void StartRow(int16_t field_count);
  void Null();
  void Int16(int16_t value);
  void Int32(int32_t value);
  void Int64(int64_t value);
  void Float32(float value);        // NaN stays NaN
  void Float32OrNull(float value);  // NaN is NULL
  void Float64(double value);
  void Bytes(std::string_view value);  // bytea
  void Text(std::string_view value);
  void Json(std::string_view value);  // jsonb
  void TimeUs(int64_t unix_microseconds);
  void FloatArray(std::span<const float> values);  // real[]
  void IntArray(std::span<const int32_t> values);  // integer[]
  // The whole buffer with its trailer; the object is empty afterwards.
  std::string Finish();
  size_t row_count() const { return row_count_; }

 private:
  template <typename Value>
  void Array(std::span<const Value> values, int32_t oid);
  std::string buffer_;
  size_t row_count_ = 0;
};

// A bounded set of connections. Thread-safe. A broken connection is replaced when it is next asked
// for.
class Pool {
 public:
  Pool(std::string conninfo, int size);
  ~Pool();

  class Lease {
   public:
    Lease(Pool* pool, std::unique_ptr<Connection> connection);
    Lease(Lease&&) noexcept;
    ~Lease();
    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };
  // Waits until one is free, at most `timeout`: then RESOURCE_EXHAUSTED. UNAVAILABLE if PostgreSQL
  // cannot be reached.
  absl::StatusOr<Lease> Acquire(std::chrono::milliseconds timeout = std::chrono::seconds(5));

 private:
  void Return(std::unique_ptr<Connection> connection);
  const std::string conninfo_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Connection>> idle_;
  int lent_ = 0;
  const int size_;
};

// Runs `body` inside BEGIN/COMMIT, ROLLBACK on error; inside a transaction that is already open, in
// a savepoint. If the connection is lost during COMMIT the outcome is unknown: the status is
// UNAVAILABLE and *commit_unknown is set.
absl::Status InTransaction(Connection& connection, const std::function<absl::Status()>& body,
                           bool* commit_unknown = nullptr);

}  // namespace auscult::db
