// MySQL and MariaDB through libmariadb: one statement, one round trip; the protocol has no pipeline
// for prepared statements. Sessions are READ COMMITTED, UTC and strict, and bounded in every wait:
// by the server's own limits, and by the socket's where the server does not answer at all.
#include <fmt/format.h>
#include <mysql/errmsg.h>
#include <mysql/mysql.h>

#include <map>
#include <odb/mysql/connection-factory.hxx>
#include <odb/mysql/connection.hxx>
#include <odb/mysql/database.hxx>
#include <odb/mysql/exceptions.hxx>
#include <odb/mysql/transaction-impl.hxx>
#include <odb/transaction.hxx>

#include "strategies/engines/mysql_statement.hpp"
#include "strategies/engines/mysql_url.hpp"
#include "strategies/engines/mysql_version.hpp"
#include "strategies/failure.hpp"
#include "strategies/session.hpp"
#include "tables-odb-mysql.hxx"

namespace boxoffice::strategies {

namespace {

// As in postgresql.cpp: keeps the MySQL half of the mapping in every program.
[[gnu::used]] const char* const k_mapping_anchors[] = {
    odb::access::object_traits_impl<schema::Event, odb::id_mysql>::find_statement};

struct Close {
  void operator()(MYSQL* handle) const { mysql_close(handle); }
};
using Handle = std::unique_ptr<MYSQL, Close>;

[[noreturn]] void throw_last_error(MYSQL* handle) {
  throw_mysql_error(mysql_errno(handle), mysql_sqlstate(handle), mysql_error(handle));
}

void run_plain(MYSQL* handle, const std::string& sql) {
  if (mysql_real_query(handle, sql.data(), sql.size()) != 0) throw_last_error(handle);
  if (MYSQL_RES* rows = mysql_store_result(handle)) mysql_free_result(rows);
}

std::string one_text(MYSQL* handle, const char* sql) {
  if (mysql_query(handle, sql) != 0) throw_last_error(handle);
  const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> rows(mysql_store_result(handle),
                                                              mysql_free_result);
  const MYSQL_ROW row = rows ? mysql_fetch_row(rows.get()) : nullptr;
  return row && row[0] ? row[0] : "";
}

// Whole seconds, rounded up: libmariadb and these session variables know no fractions.
unsigned int seconds(std::chrono::milliseconds duration) {
  return static_cast<unsigned int>((duration.count() + 999) / 1000);
}

void set_options(MYSQL* handle, const MysqlAddress& address, const SessionLimits& limits) {
  const unsigned int connect = seconds(limits.connect_timeout);
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
  // The server's own limits come first; this one is for a server that does not answer at all.
  const unsigned int silence = seconds(limits.silence_max());
  mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &silence);
  mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &silence);
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  // Said in both directions, since newer libraries encrypt and verify unless told otherwise.
  const my_bool enforce = address.tls != Tls::off, verify = address.tls == Tls::verify_full;
  mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &enforce);
  mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
  if (!address.ca.empty()) mysql_options(handle, MYSQL_OPT_SSL_CA, address.ca.c_str());
}

Handle connect(const MysqlAddress& address, const SessionLimits& limits) {
  Handle handle(mysql_init(nullptr));
  if (!handle) throw std::bad_alloc();
  set_options(handle.get(), address, limits);
  // CLIENT_FOUND_ROWS, which ODB relies on: "affected" counts rows that matched.
  if (!mysql_real_connect(handle.get(), address.socket.empty() ? address.host.c_str() : nullptr,
                          address.user.c_str(), address.password.c_str(), address.name.c_str(),
                          address.port, address.socket.empty() ? nullptr : address.socket.c_str(),
                          CLIENT_FOUND_ROWS)) {
    throw odb::mysql::database_exception(mysql_errno(handle.get()), mysql_sqlstate(handle.get()),
                                         mysql_error(handle.get()));
  }
  // libmariadb goes on in the clear where the server has no TLS, whatever it was told to enforce.
  if (address.tls != Tls::off && mysql_get_ssl_cipher(handle.get()) == nullptr) {
    throw odb::mysql::database_exception(CR_SSL_CONNECTION_ERROR, "HY000",
                                         "TLS was asked for and the server offers none");
  }
  return handle;
}

void set_up_session(MYSQL* handle, const ServerVersion& version, const SessionLimits& limits) {
  run_plain(handle, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  run_plain(handle, fmt::format("SET SESSION time_zone = '+00:00', sql_mode = "
                                "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
                                "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',"
                                " innodb_lock_wait_timeout = {}, lock_wait_timeout = {}",
                                seconds(limits.lock_timeout), seconds(limits.lock_timeout)));
  if (version.product == "mariadb") {
    run_plain(handle, fmt::format("SET SESSION max_statement_time = {}.{:03}, "
                                  "idle_transaction_timeout = {}",
                                  limits.statement_timeout.count() / 1000,
                                  limits.statement_timeout.count() % 1000,
                                  seconds(limits.idle_in_transaction_timeout)));
  } else {  // MySQL bounds SELECTs only, and idle transactions not at all
    run_plain(handle,
              fmt::format("SET SESSION max_execution_time = {}", limits.statement_timeout.count()));
  }
}

// ODB's transaction, whose BEGIN, COMMIT and ROLLBACK are counted.
class CountedTransaction : public odb::mysql::transaction_impl {
 public:
  CountedTransaction(const odb::mysql::connection_ptr& connection, Traffic& sent)
      : odb::mysql::transaction_impl(connection), sent_(sent) {}

  void start() override {
    sent_.send(1);
    odb::mysql::transaction_impl::start();
  }
  void commit() override {
    sent_.send(1);
    odb::mysql::transaction_impl::commit();
  }
  void rollback() override {
    sent_.send(1);
    odb::mysql::transaction_impl::rollback();
  }

 private:
  Traffic& sent_;
};

class MysqlSession : public Session {
 public:
  MysqlSession(const odb::mysql::connection_ptr& connection, ServerVersion server,
               std::shared_ptr<SessionWatch> watch, Traffic& sent)
      : connection_(connection),
        socket_(std::move(watch), mysql_get_socket(connection->handle()), k_no_bound),
        server_(std::move(server)),
        sent_(sent) {}

  odb::connection& odb() override { return *connection_; }
  const ServerVersion& server() const override { return server_; }
  std::int64_t backend() override {
    return static_cast<std::int64_t>(mysql_thread_id(connection_->handle()));
  }
  void run(const std::string& sql) override {
    sent_.send(1);
    run_plain(connection_->handle(), sql);
  }
  // Whom the server lets write although it is read-only, it says here, too.
  bool takes_writes() override {
    try {
      run("START TRANSACTION READ WRITE");
    } catch (const odb::mysql::database_exception& error) {
      if (kind_of_mysql_error(error.error()) != ErrorKind::read_only) throw;
      return false;
    }
    run("ROLLBACK");
    return true;
  }

  std::vector<Answer> execute(std::span<const Call> calls) override {
    connection_->clear();
    std::vector<Answer> answers;
    for (const Call& call : calls)
      answers.push_back(prepared(call.statement).execute(call.parameters));
    return answers;
  }

  odb::transaction_impl* begin() override { return new CountedTransaction(connection_, sent_); }
  void send_begin() override {}
  std::vector<Answer> commit_after(
      odb::transaction& transaction, std::span<const Call> calls,
      std::optional<std::chrono::steady_clock::time_point>& since) override {
    auto answers = execute(calls);
    since = std::chrono::steady_clock::now();
    transaction.commit();
    return answers;
  }

 private:
  MysqlStatement& prepared(const Statement& statement) {
    const auto found = prepared_.find(statement.name);
    if (found != prepared_.end()) return found->second;
    return prepared_.try_emplace(statement.name, connection_->handle(), statement.mysql, sent_)
        .first->second;
  }

  static constexpr std::chrono::milliseconds k_no_bound{0};  // libmariadb has its own

  odb::mysql::connection_ptr connection_;
  WatchedSocket socket_;  // closed before the connection, which says good-bye
  ServerVersion server_;
  Traffic& sent_;
  std::map<std::string, MysqlStatement, std::less<>> prepared_;  // closed before the connection
};

// ODB asks its factory for connections; ours are made by MysqlEngine::open().
class NoConnections : public odb::mysql::connection_factory {
 public:
  odb::mysql::connection_ptr connect() override {
    throw Failure(FailureCode::internal, "sessions are opened by the engine");
  }
  void database(odb::mysql::database&) override {}
};

class MysqlEngine : public Engine {
 public:
  MysqlEngine(const std::string& url, const SessionLimits& limits,
              std::shared_ptr<SessionWatch> watch)
      : Engine(std::move(watch)),
        address_(read_mysql_url(url)),
        limits_(limits),
        display_url_(address_.display()),
        database_(address_.user, address_.password, address_.name, address_.host, address_.port,
                  nullptr, "utf8mb4", 0,
                  std::unique_ptr<odb::mysql::connection_factory>(new NoConnections)) {}

  Dialect dialect() const override { return Dialect::mysql; }
  odb::database& odb() override { return database_; }
  const std::string& display_url() const override { return display_url_; }
  bool in_the_clear() const override { return address_.in_the_clear(); }
  bool names_several() const override { return false; }

  std::unique_ptr<Session> open(Traffic& sent) override {
    Handle handle = connect(address_, limits_);
    ServerVersion version = mysql_version(one_text(handle.get(), "SELECT VERSION()"));
    require_supported(version);
    set_up_session(handle.get(), version, limits_);
    return std::make_unique<MysqlSession>(
        odb::mysql::connection_ptr(new (odb::details::shared)
                                       odb::mysql::connection(database_, handle.release())),
        std::move(version), watch(), sent);
  }

 private:
  MysqlAddress address_;
  SessionLimits limits_;
  std::string display_url_;
  odb::mysql::database database_;
};

}  // namespace

std::shared_ptr<Engine> mysql_engine(const std::string& url, const SessionLimits& limits,
                                     std::shared_ptr<SessionWatch> watch) {
  return std::make_shared<MysqlEngine>(url, limits, std::move(watch));
}

}  // namespace boxoffice::strategies
