// PostgreSQL through libpq: statements are prepared once a session, and a batch of them travels as
// one pipeline: one round trip, however many statements. BEGIN travels with the first statement of
// its transaction, COMMIT with the last.
//
// A batch keeps the meaning of single statements: the server begins each only when the one before
// it has ended, with a new snapshot (READ COMMITTED), and skips the rest, COMMIT included, after an
// error. Source: PostgreSQL manual, "Pipeline Mode".
#include <fmt/format.h>
#include <libpq-fe.h>

#include <odb/pgsql/connection-factory.hxx>
#include <odb/pgsql/connection.hxx>
#include <odb/pgsql/database.hxx>
#include <odb/pgsql/exceptions.hxx>
#include <odb/pgsql/transaction-impl.hxx>
#include <odb/transaction.hxx>
#include <set>

#include "inventory-odb-pgsql.hxx"
#include "strategies/engines/postgresql_url.hpp"
#include "strategies/session.hpp"
#include "tables-odb-pgsql.hxx"

namespace boxoffice::strategies {

namespace {

// The generated PostgreSQL half of the mapping registers itself at start and nothing else refers to
// it: without these a linker leaves it out of a program that takes it from a static library.
[[gnu::used]] const char* const k_mapping_anchors[] = {
    odb::access::object_traits_impl<schema::Event, odb::id_pgsql>::find_statement,
    odb::access::object_traits_impl<schema::Inventory, odb::id_pgsql>::find_statement};

constexpr Statement k_begin = portable("begin", "BEGIN");
constexpr Statement k_commit = portable("commit", "COMMIT");

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, Clear>;

void throw_if_failed(PGconn* handle, const ResultPtr& result) {
  const ExecStatusType status = result ? PQresultStatus(result.get()) : PGRES_FATAL_ERROR;
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return;
  if (!result || PQstatus(handle) == CONNECTION_BAD) throw odb::connection_lost();
  const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  throw odb::pgsql::database_exception(sqlstate ? sqlstate : "?????",
                                       PQresultErrorMessage(result.get()));
}

Answer answer_of(const PGresult* result) {
  Answer answer;
  const int columns = PQnfields(result);
  for (int r = 0; r < PQntuples(result); ++r) {
    std::vector<std::optional<std::string>> row(static_cast<std::size_t>(columns));
    for (int c = 0; c < columns; ++c) {
      if (PQgetisnull(result, r, c)) continue;
      row[static_cast<std::size_t>(c)].emplace(PQgetvalue(result, r, c),
                                               static_cast<std::size_t>(PQgetlength(result, r, c)));
    }
    answer.rows.emplace_back(std::move(row));
  }
  answer.affected = std::atoll(PQcmdTuples(const_cast<PGresult*>(result)));
  if (columns == 1 && !answer.rows.empty() && !answer.rows.front().is_null(0)) {
    answer.made = std::atoll(answer.rows.front().text(0).c_str());
  }
  return answer;
}

class PostgresqlSession : public Session {
 public:
  explicit PostgresqlSession(odb::pgsql::connection_ptr connection)
      : connection_(std::move(connection)) {
    const int version = PQserverVersion(handle());
    server_ = {"postgresql", PQparameterStatus(handle(), "server_version"), version / 10000,
               version % 10000, 0};
  }

  odb::connection& odb() override { return *connection_; }
  std::int64_t backend() override { return PQbackendPID(handle()); }
  const ServerVersion& server() const override { return server_; }
  void run(const std::string& sql) override { throw_if_failed(handle(), query(sql)); }

  std::vector<Answer> execute(std::span<const Call> calls) override {
    return answers(send(calls, false));
  }

  odb::transaction_impl* begin() override;
  void send_begin() override {
    if (begin_waits_) execute({});
  }
  std::vector<Answer> commit_after(odb::transaction& transaction, std::span<const Call> calls,
                                   bool& committing) override {
    committing = true;
    const auto results = send(calls, true);
    committed_ = true;
    transaction.commit();
    return answers(results);
  }

 private:
  friend class PipelinedTransaction;

  PGconn* handle() { return connection_->handle(); }
  ResultPtr query(const std::string& sql) { return ResultPtr(PQexec(handle(), sql.c_str())); }

  void prepare(const Statement& statement) {
    if (prepared_.contains(statement.name)) return;
    throw_if_failed(
        handle(), ResultPtr(PQprepare(handle(), statement.name, statement.postgresql, 0, nullptr)));
    prepared_.insert(statement.name);
  }

  void send_one(const Call& call) {
    std::vector<const char*> values;
    for (const Parameter& parameter : call.parameters) values.push_back(parameter.text().c_str());
    if (!PQsendQueryPrepared(handle(), call.statement.name, static_cast<int>(values.size()),
                             values.data(), nullptr, nullptr, 0)) {
      throw odb::connection_lost();
    }
  }

  // One pipeline: BEGIN where it waits, the calls, COMMIT where asked for. Returns the calls'
  // results; all of them succeeded.
  std::vector<ResultPtr> send(std::span<const Call> calls, bool commit) {
    const bool begins = std::exchange(begin_waits_, false);
    static const Call k_begins{k_begin, {}}, k_commits{k_commit, {}};
    std::vector<const Call*> all;
    if (begins) all.push_back(&k_begins);
    for (const Call& call : calls) all.push_back(&call);
    if (commit) all.push_back(&k_commits);
    for (const Call* call : all) prepare(call->statement);
    if (!PQenterPipelineMode(handle())) throw odb::connection_lost();
    for (const Call* call : all) send_one(*call);
    if (!PQpipelineSync(handle())) throw odb::connection_lost();
    std::vector<ResultPtr> results = receive(all.size());
    if (!PQexitPipelineMode(handle())) throw odb::connection_lost();
    for (const ResultPtr& result : results) throw_if_failed(handle(), result);
    if (commit) {
      expect_committed(results.back().get());
      results.pop_back();
    }
    if (begins) results.erase(results.begin());
    return results;
  }

  // COMMIT of a transaction that has failed answers "ROLLBACK", and no error.
  static void expect_committed(PGresult* result) {
    if (std::string_view(PQcmdStatus(result)) == "COMMIT") return;
    throw odb::pgsql::database_exception("25P02", "the transaction had failed before its COMMIT");
  }

  // A result a statement, each followed by an empty one, then the mark of the pipeline's end. A
  // connection that breaks on the way gives an error for the statement it broke in.
  std::vector<ResultPtr> receive(std::size_t count) {
    std::vector<ResultPtr> results;
    for (std::size_t i = 0; i < count; ++i) {
      results.emplace_back(PQgetResult(handle()));
      if (PQstatus(handle()) == CONNECTION_BAD) throw_if_failed(handle(), results.back());
      while (ResultPtr(PQgetResult(handle()))) {
      }
    }
    const ResultPtr end(PQgetResult(handle()));
    if (!end || PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) throw odb::connection_lost();
    return results;
  }

  static std::vector<Answer> answers(const std::vector<ResultPtr>& results) {
    std::vector<Answer> answers;
    for (const ResultPtr& result : results) answers.push_back(answer_of(result.get()));
    return answers;
  }

  odb::pgsql::connection_ptr connection_;
  ServerVersion server_;
  std::set<std::string, std::less<>> prepared_;
  bool begin_waits_ = false;  // a transaction was begun here that the server does not know of yet
  bool committed_ = false;    // the pipeline carried COMMIT already
};

// ODB's transaction, whose BEGIN and COMMIT may travel in the session's pipelines.
class PipelinedTransaction : public odb::pgsql::transaction_impl {
 public:
  PipelinedTransaction(PostgresqlSession& session, odb::pgsql::connection_ptr connection)
      : odb::pgsql::transaction_impl(std::move(connection)), session_(session) {}

  void start() override {
    session_.begin_waits_ = true;
    session_.committed_ = false;
  }
  void commit() override {
    if (nothing_sent() || session_.committed_) return;
    odb::pgsql::transaction_impl::commit();
  }
  void rollback() override {
    if (nothing_sent()) return;
    odb::pgsql::transaction_impl::rollback();
  }

 private:
  bool nothing_sent() { return std::exchange(session_.begin_waits_, false); }

  PostgresqlSession& session_;
};

odb::transaction_impl* PostgresqlSession::begin() {
  return new PipelinedTransaction(*this, connection_);
}

class PostgresqlEngine : public Engine {
 public:
  PostgresqlEngine(const std::string& url, const SessionLimits& limits)
      : conninfo_(read_postgresql_url(url, limits)),
        database_(conninfo_.text, std::unique_ptr<odb::pgsql::connection_factory>(
                                      new odb::pgsql::new_connection_factory)) {}

  Dialect dialect() const override { return Dialect::postgresql; }
  odb::database& odb() override { return database_; }
  const std::string& display_url() const override { return conninfo_.display; }
  std::unique_ptr<Session> open() override {
    return std::make_unique<PostgresqlSession>(database_.connection());
  }

 private:
  Conninfo conninfo_;
  odb::pgsql::database database_;
};

}  // namespace

std::shared_ptr<Engine> postgresql_engine(const std::string& url, const SessionLimits& limits) {
  return std::make_shared<PostgresqlEngine>(url, limits);
}

}  // namespace boxoffice::strategies
