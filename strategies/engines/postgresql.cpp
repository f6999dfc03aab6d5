// PostgreSQL through libpq: statements are prepared once a session, and a batch of them travels as
// one pipeline (postgresql_pipeline.hpp). BEGIN travels with the first statement of its
// transaction, COMMIT with the last. How long a silent server is waited for: session_watch.hpp.
#include <libpq-fe.h>

#include <odb/pgsql/connection-factory.hxx>
#include <odb/pgsql/connection.hxx>
#include <odb/pgsql/database.hxx>
#include <odb/pgsql/exceptions.hxx>
#include <odb/pgsql/transaction-impl.hxx>
#include <odb/transaction.hxx>
#include <set>

#include "strategies/engines/postgresql_pipeline.hpp"
#include "strategies/engines/postgresql_url.hpp"
#include "strategies/session.hpp"
#include "tables-odb-pgsql.hxx"

namespace boxoffice::strategies {

namespace {

// The generated PostgreSQL half of the mapping registers itself at start and nothing else refers to
// it: without these a linker leaves it out of a program that takes it from a static library.
[[gnu::used]] const char* const k_mapping_anchors[] = {
    odb::access::object_traits_impl<schema::Event, odb::id_pgsql>::find_statement};

constexpr Statement k_begin = portable("begin", "BEGIN");
constexpr Statement k_commit = portable("commit", "COMMIT");

class PostgresqlSession : public Session {
 public:
  PostgresqlSession(const odb::pgsql::connection_ptr& connection,
                    std::shared_ptr<SessionWatch> watch, std::chrono::milliseconds silence_max,
                    Traffic& sent)
      : connection_(connection),
        socket_(std::move(watch), PQsocket(handle()), silence_max),
        sent_(sent) {
    const int version = PQserverVersion(handle());
    server_ = {"postgresql", PQparameterStatus(handle(), "server_version"), version / 10000,
               version % 10000, 0};
  }

  odb::connection& odb() override { return *connection_; }
  std::int64_t backend() override { return PQbackendPID(handle()); }
  const ServerVersion& server() const override { return server_; }
  void run(const std::string& sql) override { query(sql); }
  bool takes_writes() override {
    const ResultPtr answer = query("SHOW transaction_read_only");
    return std::string_view(PQgetvalue(answer.get(), 0, 0)) == "off";
  }

  std::vector<Answer> execute(std::span<const Call> calls) override {
    return answers(send(calls, false));
  }

  odb::transaction_impl* begin() override;
  void send_begin() override {
    if (begin_waits_) execute({});
    socket_.begin_wait();  // ends with the next statement here, or with the transaction
  }
  std::vector<Answer> commit_after(
      odb::transaction& transaction, std::span<const Call> calls,
      std::optional<std::chrono::steady_clock::time_point>& since) override {
    since = std::chrono::steady_clock::now();
    const auto results = send(calls, true);
    committed_ = true;
    transaction.commit();
    return answers(results);
  }

 private:
  friend class PipelinedTransaction;

  PGconn* handle() { return connection_->handle(); }
  ResultPtr query(const std::string& sql) {
    const WatchedSocket::Wait wait(socket_);
    sent_.send(1);
    ResultPtr result(PQexec(handle(), sql.c_str()));
    throw_if_failed(handle(), result);
    return result;
  }

  void prepare(const Statement& statement) {
    if (prepared_.contains(statement.name)) return;
    sent_.prepare();
    throw_if_failed(
        handle(), ResultPtr(PQprepare(handle(), statement.name, statement.postgresql, 0, nullptr)));
    prepared_.insert(statement.name);
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
    const WatchedSocket::Wait wait(socket_);
    for (const Call* call : all) prepare(call->statement);
    sent_.send(static_cast<std::int64_t>(all.size()));
    std::vector<ResultPtr> results = run_or_break(all);
    if (commit) {
      expect_committed(results.back().get());
      results.pop_back();
    }
    if (begins) results.erase(results.begin());
    return results;
  }

  // A connection that broke within a pipeline stays in it, and libpq does nothing more with it.
  std::vector<ResultPtr> run_or_break(std::span<const Call* const> calls) {
    try {
      return run_pipeline(handle(), calls);
    } catch (const odb::connection_lost&) {
      broken_ = true;
      throw;
    }
  }

  // COMMIT of a transaction that has failed answers "ROLLBACK", and no error.
  static void expect_committed(PGresult* result) {
    if (std::string_view(PQcmdStatus(result)) == "COMMIT") return;
    throw odb::pgsql::database_exception("25P02", "the transaction had failed before its COMMIT");
  }

  static std::vector<Answer> answers(const std::vector<ResultPtr>& results) {
    std::vector<Answer> answers;
    for (const ResultPtr& result : results) answers.push_back(answer_of(result.get()));
    return answers;
  }

  odb::pgsql::connection_ptr connection_;
  WatchedSocket socket_;  // closed before the connection, which says good-bye
  Traffic& sent_;
  ServerVersion server_;
  std::set<std::string, std::less<>> prepared_;
  bool begin_waits_ = false;  // a transaction was begun here that the server does not know of yet
  bool committed_ = false;    // the pipeline carried COMMIT already
  bool broken_ = false;       // within a pipeline
};

// ODB's transaction, whose BEGIN and COMMIT may travel in the session's pipelines.
class PipelinedTransaction : public odb::pgsql::transaction_impl {
 public:
  PipelinedTransaction(PostgresqlSession& session, const odb::pgsql::connection_ptr& connection)
      : odb::pgsql::transaction_impl(connection), session_(session) {}

  void start() override {
    session_.begin_waits_ = true;
    session_.committed_ = false;
  }
  void commit() override {
    if (nothing_sent() || session_.committed_) return;
    const WatchedSocket::Wait wait(session_.socket_);
    session_.sent_.send(1);
    odb::pgsql::transaction_impl::commit();
  }
  void rollback() override {
    if (nothing_sent()) return;
    if (session_.broken_) throw odb::connection_lost();
    const WatchedSocket::Wait wait(session_.socket_);
    session_.sent_.send(1);
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
  PostgresqlEngine(const std::string& url, const SessionLimits& limits,
                   std::shared_ptr<SessionWatch> watch)
      : Engine(std::move(watch)),
        silence_max_(limits.silence_max()),
        conninfo_(read_postgresql_url(url, limits)),
        database_(conninfo_.text, std::unique_ptr<odb::pgsql::connection_factory>(
                                      new odb::pgsql::new_connection_factory)) {}

  Dialect dialect() const override { return Dialect::postgresql; }
  odb::database& odb() override { return database_; }
  const std::string& display_url() const override { return conninfo_.display; }
  bool in_the_clear() const override { return conninfo_.in_the_clear; }
  bool names_several() const override { return conninfo_.is_list; }
  std::unique_ptr<Session> open(Traffic& sent) override {
    return std::make_unique<PostgresqlSession>(database_.connection(), watch(), silence_max_, sent);
  }

 private:
  std::chrono::milliseconds silence_max_;
  Conninfo conninfo_;
  odb::pgsql::database database_;
};

}  // namespace

std::shared_ptr<Engine> postgresql_engine(const std::string& url, const SessionLimits& limits,
                                          std::shared_ptr<SessionWatch> watch) {
  return std::make_shared<PostgresqlEngine>(url, limits, std::move(watch));
}

}  // namespace boxoffice::strategies
