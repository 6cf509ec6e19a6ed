#include "db/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "db/statement.h"
#include "models/byte_codec.h"

namespace auscult::db {
namespace {

constexpr int kBinary = 1;
// feature_not_supported: "cached plan must not change result type".
constexpr std::string_view kPlanOutdated = "0A000";
// What a pooler that takes start-up options makes of it: another session, where the statement is
// not prepared yet, or is already.
constexpr std::string_view kUnknownStatement = "26000", kStatementExists = "42P05";
constexpr char kSessionLimits[] =
    "-c statement_timeout=60s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s";

absl::StatusCode CodeOf(std::string_view sqlstate) {
  if (sqlstate == "23505") return absl::StatusCode::kAlreadyExists;
  if (sqlstate == "23503" || sqlstate == "23514") return absl::StatusCode::kFailedPrecondition;
  if (sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03") {
    return absl::StatusCode::kAborted;
  }
  if (sqlstate == "57014") return absl::StatusCode::kDeadlineExceeded;
  if (sqlstate == "25P03") return absl::StatusCode::kUnavailable;
  const std::string_view group = sqlstate.substr(0, 2);
  if (group == "08" || sqlstate.substr(0, 4) == "57P0") return absl::StatusCode::kUnavailable;
  if (group == "53") return absl::StatusCode::kResourceExhausted;
  if (group == "22" || group == "54") return absl::StatusCode::kInvalidArgument;
  return absl::StatusCode::kInternal;
}

std::string Field(const pg_result* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

std::string LastWords(const pg_conn* connection) {
  return std::string(absl::StripTrailingAsciiWhitespace(PQerrorMessage(connection)));
}

absl::Status StatusOf(const pg_conn* connection, const pg_result* result) {
  const std::string sqlstate = Field(result, PG_DIAG_SQLSTATE);
  if (sqlstate.empty()) {
    return PQstatus(connection) == CONNECTION_BAD
               ? absl::UnavailableError(absl::StrCat("PostgreSQL: ", LastWords(connection)))
               : absl::InternalError(absl::StrCat("PostgreSQL: ", LastWords(connection)));
  }
  std::string message =
      absl::StrCat("PostgreSQL ", sqlstate, ": ", Field(result, PG_DIAG_MESSAGE_PRIMARY));
  const std::string detail = Field(result, PG_DIAG_MESSAGE_DETAIL);
  if (!detail.empty()) absl::StrAppend(&message, "; ", detail);
  const bool lost = PQstatus(connection) == CONNECTION_BAD;
  return absl::Status(lost ? absl::StatusCode::kUnavailable : CodeOf(sqlstate), message);
}

using Settings = std::vector<std::pair<std::string, std::string>>;

// What the conninfo says, behind the defaults that it may override.
absl::StatusOr<Settings> Read(const std::string& conninfo) {
  char* error = nullptr;
  PQconninfoOption* const options = PQconninfoParse(conninfo.c_str(), &error);
  // libpq's words would repeat parts of the string, of a password perhaps.
  PQfreemem(error);
  if (options == nullptr) {
    return absl::InvalidArgumentError(
        "the database connection string cannot be read; write it as "
        "\"host=... dbname=... user=...\" or as postgresql://user@host/database");
  }
  Settings settings = {{"application_name", "auscult"}, {"connect_timeout", "10"},
                       {"client_encoding", "UTF8"},     {"keepalives_idle", "30"},
                       {"keepalives_interval", "10"},   {"keepalives_count", "3"},
                       {"tcp_user_timeout", "60000"}};
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) settings.emplace_back(option->keyword, option->val);
  }
  PQconninfoFree(options);
  return settings;
}

// The last value of a keyword wins.
pg_conn* Connect(const Settings& settings) {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : settings) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectdbParams(keywords.data(), values.data(), 0);
}

// The limits go first, so that the user's own options win.
Settings WithLimits(Settings settings) {
  std::string options = kSessionLimits;
  for (const auto& [keyword, value] : settings) {
    if (keyword == "options") absl::StrAppend(&options, " ", value);
  }
  settings.emplace_back("options", options);
  return settings;
}

// libpq would cut the text there.
absl::Status CheckTexts(std::span<const Param> params) {
  const bool whole = std::none_of(params.begin(), params.end(), [](const Param& param) {
    return param && param->find('\0') != std::string::npos;
  });
  if (whole) return absl::OkStatus();
  return absl::InvalidArgumentError("a text holds the character NUL, which no column can hold");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& conninfo) {
  absl::StatusOr<Settings> settings = Read(conninfo);
  if (!settings.ok()) return settings.status();
  bool session_is_own = true;
  pg_conn* connection = Connect(WithLimits(*settings));
  // pgbouncer knows no start-up options, and in transaction mode it keeps no session state either,
  // so that a SET after connecting would land on somebody else's statements.
  if (PQstatus(connection) != CONNECTION_OK &&
      absl::StrContains(PQerrorMessage(connection), "unsupported startup parameter")) {
    PQfinish(connection);
    connection = Connect(*settings);
    session_is_own = false;
  }
  if (PQstatus(connection) != CONNECTION_OK) {
    const std::string why = LastWords(connection);
    PQfinish(connection);
    return absl::UnavailableError(absl::StrCat("cannot connect to PostgreSQL: ", why));
  }
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  return std::unique_ptr<Connection>(new Connection(connection, session_is_own));
}

Connection::~Connection() { PQfinish(connection_); }

template <typename Answered>
absl::StatusOr<Answered> Connection::AnswerAs(pg_result* result) {
  Answered rows(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return rows;
  return StatusOf(connection_, result);
}

absl::StatusOr<Rows> Connection::Answer(pg_result* result) { return AnswerAs<Rows>(result); }

bool Connection::Send(const Statement& statement) {
  return (statement.prepared
              ? PQsendQueryPrepared(connection_, statement.text, statement.count(),
                                    statement.values.data(), statement.lengths_or_null(),
                                    statement.formats_or_null(), statement.result_format)
              : PQsendQueryParams(connection_, statement.text, statement.count(), nullptr,
                                  statement.values.data(), statement.lengths_or_null(),
                                  statement.formats_or_null(), statement.result_format)) == 1;
}

pg_result* Connection::RunAlone(const Statement& statement) {
  return statement.prepared ? PQexecPrepared(connection_, statement.text, statement.count(),
                                             statement.values.data(), statement.lengths_or_null(),
                                             statement.formats_or_null(), statement.result_format)
                            : PQexecParams(connection_, statement.text, statement.count(), nullptr,
                                           statement.values.data(), statement.lengths_or_null(),
                                           statement.formats_or_null(), statement.result_format);
}

absl::StatusOr<Rows> Connection::Query(Sql sql, std::span<const Param> params) {
  if (absl::Status status = CheckTexts(params); !status.ok()) return status;
  if (absl::Status status = FinishCopy(); !status.ok()) return status;
  return Answer(Run({.text = sql.text(), .values = ValuesOf(params)}));
}

absl::StatusOr<BinaryRows> Connection::QueryBinary(Sql sql, std::span<const Param> params) {
  if (absl::Status status = CheckTexts(params); !status.ok()) return status;
  if (absl::Status status = FinishCopy(); !status.ok()) return status;
  return AnswerAs<BinaryRows>(
      Run({.text = sql.text(), .result_format = kBinary, .values = ValuesOf(params)}));
}

absl::StatusOr<std::string> Connection::Prepared(Sql sql) {
  const auto found = prepared_.find(sql.text());
  if (found != prepared_.end()) return found->second;
  // Made of the text: no other statement bears it, whatever session this turns out to be.
  const std::string name = absl::StrCat("auscult_", models::Checksum(sql.text()), "_",
                                        std::strlen(sql.text()), "_", ++prepared_count_);
  pg_result* const result = PQprepare(connection_, name.c_str(), sql.text(), 0, nullptr);
  const bool exists = Field(result, PG_DIAG_SQLSTATE) == kStatementExists;
  const absl::Status status = Answer(result).status();
  if (status.ok() || exists) prepared_[sql.text()] = name;
  if (exists) return absl::AbortedError(status.message());
  if (!status.ok()) return status;
  return name;
}

absl::StatusOr<BinaryRows> Connection::QueryArrays(Sql sql, std::span<const ArrayParam> params) {
  if (absl::Status status = FinishCopy(); !status.ok()) return status;
  Statement statement{.text = sql.text(), .result_format = kBinary};
  for (const ArrayParam& param : params) {
    statement.values.push_back(param.bytes().data());
    statement.lengths.push_back(static_cast<int>(param.bytes().size()));
    statement.formats.push_back(kBinary);
  }
  if (!session_is_own_) return AnswerAs<BinaryRows>(Run(statement));
  const absl::StatusOr<std::string> name = Prepared(sql);
  if (!name.ok()) return name.status();
  statement.text = name->c_str();
  statement.prepared = true;
  pg_result* const result = Run(statement);
  const std::string sqlstate = Field(result, PG_DIAG_SQLSTATE);
  absl::StatusOr<BinaryRows> rows = AnswerAs<BinaryRows>(result);
  if (sqlstate != kPlanOutdated && sqlstate != kUnknownStatement) return rows;
  prepared_.clear();
  return absl::AbortedError(rows.status().message());
}

absl::Status Connection::Execute(Sql sql, std::span<const Param> params) {
  return Query(sql, params).status();
}

absl::Status Connection::Send(Sql sql, std::span<const Param> params) {
  if (absl::Status status = CheckTexts(params); !status.ok()) return status;
  if (absl::Status status = FinishCopy(); !status.ok()) return status;
  // What was sent before and nobody received.
  while (pg_result* const rest = PQgetResult(connection_)) PQclear(rest);
  const Statement statement{
      .text = sql.text(), .result_format = kBinary, .values = ValuesOf(params)};
  bool sent = false;
  if (NeedsActor(statement)) {
    const Statement both[] = {ActorSettings(), statement};
    sent = StartPipeline(both);
  } else {
    sent = Send(statement);
  }
  if (sent) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("PostgreSQL: ", LastWords(connection_)));
}

absl::StatusOr<BinaryRows> Connection::Receive() {
  pg_result* const first = pipelined_ ? FinishPipeline() : PQgetResult(connection_);
  BinaryRows rows(first);
  const absl::Status status =
      PQresultStatus(first) == PGRES_TUPLES_OK ? absl::OkStatus() : StatusOf(connection_, first);
  while (pg_result* const rest = PQgetResult(connection_)) PQclear(rest);
  if (!status.ok()) return status;
  return rows;
}

absl::Status Connection::ExecuteScript(const std::string& script) {
  if (absl::Status status = FinishCopy(); !status.ok()) return status;
  return Answer(PQexec(connection_, script.c_str())).status();
}

absl::Status Connection::CopyIn(Sql sql, std::string_view binary) {
  const absl::Status status = StartCopyIn(sql, binary);
  return status.ok() ? FinishCopy() : status;
}

absl::Status Connection::StartCopyIn(Sql sql, std::string_view binary) {
  // libpq keeps a whole message in memory: small ones spare a second copy of the buffer.
  constexpr size_t kChunk = 64 * 1024;
  if (absl::Status status = FinishCopy(); !status.ok()) return status;
  if (actor_ && !in_transaction()) {
    return absl::InternalError("COPY in the name of an actor needs a transaction");
  }
  pg_result* const start = PQexec(connection_, sql.text());
  const absl::Cleanup clear = [start] { PQclear(start); };
  if (PQresultStatus(start) != PGRES_COPY_IN) return StatusOf(connection_, start);
  bool sent = true;
  for (size_t at = 0; sent && at < binary.size(); at += kChunk) {
    const size_t size = std::min(kChunk, binary.size() - at);
    sent = PQputCopyData(connection_, binary.data() + at, static_cast<int>(size)) == 1;
  }
  if (sent) sent = PQputCopyEnd(connection_, nullptr) == 1;
  copying_ = true;
  if (sent) return absl::OkStatus();
  const absl::Status lost =
      absl::UnavailableError(absl::StrCat("PostgreSQL: ", LastWords(connection_)));
  const absl::Status status = FinishCopy();
  return status.ok() ? lost : status;
}

absl::Status Connection::FinishCopy() {
  if (pipelined_) PQclear(FinishPipeline());
  if (!copying_) return absl::OkStatus();
  copying_ = false;
  absl::Status status;
  while (pg_result* const result = PQgetResult(connection_)) {
    if (PQresultStatus(result) == PGRES_FATAL_ERROR) status = StatusOf(connection_, result);
    const bool stuck = PQresultStatus(result) == PGRES_COPY_IN;
    PQclear(result);
    if (stuck) break;  // only when nothing can be sent any more
  }
  return status;
}

bool Connection::healthy() const {
  if (PQstatus(connection_) != CONNECTION_OK) return false;
  // Nothing is expected on an idle connection but notices, or the word that it is over and then the
  // end.
  pollfd socket{PQsocket(connection_), POLLIN, 0};
  while (poll(&socket, 1, 0) > 0) {
    if (PQconsumeInput(connection_) == 0) return false;
  }
  return PQstatus(connection_) == CONNECTION_OK;
}

bool Connection::in_transaction() const { return PQtransactionStatus(connection_) != PQTRANS_IDLE; }

bool Connection::transaction_failed() const {
  return PQtransactionStatus(connection_) == PQTRANS_INERROR;
}

absl::Status Reconnect(const std::string& conninfo, std::unique_ptr<Connection>& connection) {
  if (connection != nullptr && connection->healthy()) return absl::OkStatus();
  connection.reset();
  absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(conninfo);
  if (!opened.ok()) return opened.status();
  connection = *std::move(opened);
  return absl::OkStatus();
}

}  // namespace auscult::db
