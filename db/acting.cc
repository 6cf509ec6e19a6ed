// Statements in the name of somebody: see Connection::ActFor.
#include <libpq-fe.h>

#include <cassert>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "db/postgres.h"
#include "db/statement.h"

namespace auscult::db {
namespace {

constexpr char kBeginWithLimits[] =
    "BEGIN; SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '10s'; "
    "SET LOCAL idle_in_transaction_session_timeout = '60s'";
// The same, for a pipeline takes one statement at a time.
constexpr char kLimits[] =
    "SELECT set_config('statement_timeout', '60s', true), set_config('lock_timeout', '10s', true),"
    " set_config('idle_in_transaction_session_timeout', '60s', true)";
constexpr char kAudited[] =
    "SELECT set_config('auscult.actor', $1, true), set_config('auscult.request_id', $2, true)";
// The role last, as SET LOCAL ROLE would: what comes after it has that role's rights.
constexpr char kLimited[] =
    "SELECT set_config('auscult.actor', $1, true), set_config('auscult.request_id', $2, true),"
    " set_config('auscult.sites', $3, true), set_config('role', 'auscult_call', true)";

// A NUL would cut the name short, into another one perhaps.
std::string WithoutNul(std::string text) {
  return absl::StrReplaceAll(text, {{absl::string_view("\0", 1), "\uFFFD"}});
}

}  // namespace

void Connection::ActFor(Actor actor) {
  assert(!in_transaction());
  actor_ = std::move(actor);
  actor_->principal = WithoutNul(std::move(actor_->principal));
  actor_->request_id = WithoutNul(std::move(actor_->request_id));
  site_ids_ = actor_->site_ids ? *IntArray(*actor_->site_ids) : "";
}

void Connection::ActForNobody() { actor_.reset(); }

bool Connection::NeedsActor(const Statement& statement) const {
  if (!actor_ || in_transaction()) return false;
  return actor_->site_ids || statement.prepared || !absl::StartsWith(statement.text, "SELECT");
}

Connection::Statement Connection::ActorSettings() const {
  Statement settings{.text = actor_->site_ids ? kLimited : kAudited,
                     .values = {actor_->principal.c_str(), actor_->request_id.c_str()}};
  if (actor_->site_ids) settings.values.push_back(site_ids_.c_str());
  return settings;
}

bool Connection::StartPipeline(std::span<const Statement> statements) {
  if (PQenterPipelineMode(connection_) == 0) return false;
  pipelined_ = true;
  bool sent = true;
  for (const Statement& statement : statements) sent = sent && Send(statement);
  // Up to here all of it is one transaction.
  return PQpipelineSync(connection_) == 1 && sent;
}

pg_result* Connection::FinishPipeline() {
  pg_result* answer = nullptr;
  // A null ends the answer of each statement; a second one, of a lost connection, everything.
  for (int nulls = 0; pipelined_ && nulls < 2;) {
    pg_result* const next = PQgetResult(connection_);
    nulls = next == nullptr ? nulls + 1 : 0;
    if (next == nullptr) continue;
    pipelined_ = PQresultStatus(next) != PGRES_PIPELINE_SYNC;
    const bool failed = answer != nullptr && PQresultStatus(answer) == PGRES_FATAL_ERROR;
    PQclear(failed || !pipelined_ ? next : std::exchange(answer, next));
  }
  pipelined_ = false;
  PQexitPipelineMode(connection_);
  return answer;
}

pg_result* Connection::Run(const Statement& statement) {
  if (!NeedsActor(statement)) return RunAlone(statement);
  const Statement both[] = {ActorSettings(), statement};
  const bool sent = StartPipeline(both);
  pg_result* const answer = FinishPipeline();
  if (sent) return answer;
  // Of the settings alone, at best.
  PQclear(answer);
  return nullptr;
}

absl::Status Connection::Begin() {
  if (absl::Status status = FinishCopy(); !status.ok()) return status;
  if (!actor_) {
    return Answer(PQexec(connection_, session_is_own_ ? "BEGIN" : kBeginWithLimits)).status();
  }
  std::vector<Statement> statements = {{.text = "BEGIN"}};
  if (!session_is_own_) statements.push_back({.text = kLimits});
  statements.push_back(ActorSettings());
  StartPipeline(statements);
  const absl::Status status = Answer(FinishPipeline()).status();
  // A transaction without its settings must not be worked in.
  if (!status.ok() && in_transaction()) PQclear(PQexec(connection_, "ROLLBACK"));
  return status;
}

}  // namespace auscult::db
