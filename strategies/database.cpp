// Opens sessions through ODB's PostgreSQL runtime. ODB's new_connection_factory makes a connection
// a call, and each executor thread keeps the one it got: the pool is the executor, so there is no
// second queue inside ODB.
#include "strategies/database.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <odb/pgsql/connection-factory.hxx>
#include <thread>

#include "inventory-odb-pgsql.hxx"
#include "strategies/failure.hpp"
#include "tables-odb-pgsql.hxx"

namespace boxoffice::strategies {

namespace {

constexpr std::chrono::milliseconds k_reconnect_pause{100};

// The generated PostgreSQL half of the mapping registers itself at start and nothing else refers to
// it: without these a linker leaves it out of a program that takes it from a static library.
[[gnu::used]] const char* const k_mapping_anchors[] = {
    odb::access::object_traits_impl<schema::Event, odb::id_pgsql>::find_statement,
    odb::access::object_traits_impl<schema::Inventory, odb::id_pgsql>::find_statement};

struct Conninfo {
  std::string text;     // keyword = 'value' pairs, session limits included
  std::string display;  // for logs: no password
};

std::string conninfo_value(std::string_view value) {
  std::string out = "'";
  for (char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// Whole seconds, rounded up, since libpq's connect_timeout knows no fractions (and takes at least 2
// for 1).
long long seconds(std::chrono::milliseconds duration) {
  return (duration.count() + 999) / 1000;
}

std::string session_options(const SessionLimits& limits) {
  return fmt::format(
      "-c default_transaction_isolation=read\\ committed -c lock_timeout={} -c "
      "statement_timeout={} "
      "-c idle_in_transaction_session_timeout={} -c TimeZone=UTC",
      limits.lock_timeout.count(), limits.statement_timeout.count(),
      limits.idle_in_transaction_timeout.count());
}

// libpq takes any text here and says at each connect that the number is none.
std::string checked_port(const std::string& port) {
  if (port.find_first_not_of("0123456789,") == std::string::npos) return port;
  throw ConfigurationError(fmt::format("database URL: '{}' is not a port", port));
}

Conninfo read_url(const std::string& url, const SessionLimits& limits) {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
    throw ConfigurationError(fmt::format(
        "database URL '{}': this program speaks PostgreSQL: postgresql://user@host:port/name",
        url.substr(0, url.find("//"))));
  }
  char* error = nullptr;
  std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(url.c_str(), &error), PQconninfoFree);
  if (!options) {
    std::string why = error ? error : "out of memory";
    PQfreemem(error);
    while (!why.empty() && why.back() == '\n') why.pop_back();
    throw ConfigurationError("database URL: " + why);
  }
  Conninfo info;
  std::string host, port, name, user, own_options;
  for (const auto* option = options.get(); option->keyword; ++option) {
    if (!option->val || !*option->val) continue;
    const std::string_view keyword = option->keyword;
    if (keyword == "options") {
      own_options = option->val;
      continue;
    }
    if (keyword == "connect_timeout") continue;
    info.text += fmt::format("{}={} ", keyword, conninfo_value(option->val));
    if (keyword == "host") host = option->val;
    if (keyword == "port") port = checked_port(option->val);
    if (keyword == "dbname") name = option->val;
    if (keyword == "user") user = option->val;
  }
  info.text += fmt::format("connect_timeout={} application_name=boxoffice-server options={}",
                           seconds(limits.connect_timeout),
                           conninfo_value(session_options(limits) + " " + own_options));
  info.display =
      fmt::format("postgresql://{}@{}{}{}/{}", user, host, port.empty() ? "" : ":", port, name);
  return info;
}

odb::connection_ptr& held_connection(const std::shared_ptr<void>& held) {
  return *static_cast<odb::connection_ptr*>(held.get());
}

}  // namespace

Database::Database(const std::string& url, const SessionLimits& limits) : limits_(limits) {
  Conninfo info = read_url(url, limits);
  display_url_ = std::move(info.display);
  std::unique_ptr<odb::pgsql::connection_factory> factory(new odb::pgsql::new_connection_factory);
  database_ = std::make_shared<odb::pgsql::database>(info.text, std::move(factory));
}

std::unique_ptr<Connection> Database::connect() const {
  return std::make_unique<Connection>(database_, limits_);
}

Connection::Connection(std::shared_ptr<odb::database> database, const SessionLimits& limits)
    : database_(std::move(database)), limits_(limits) {}

Connection::~Connection() = default;

odb::connection& Connection::odb() {
  if (held_) return *held_connection(held_);
  const auto now = std::chrono::steady_clock::now();
  if (failed_at_ != std::chrono::steady_clock::time_point{} &&
      now - failed_at_ < k_reconnect_pause) {
    throw Failure(FailureCode::database_unavailable, "the database did not answer a moment ago");
  }
  try {
    held_ = std::make_shared<odb::connection_ptr>(database_->connection());
  } catch (const odb::exception& error) {
    failed_at_ = std::chrono::steady_clock::now();
    std::string why = error.what();
    while (!why.empty() && why.back() == '\n') why.pop_back();
    throw Failure(FailureCode::database_unavailable, why);
  }
  failed_at_ = {};
  prepared_.clear();
  return *held_connection(held_);
}

void Connection::drop() {
  held_.reset();
  prepared_.clear();
}

bool Connection::alive() {
  try {
    odb().execute("SELECT 1");
    return true;
  } catch (const odb::exception&) {
    drop();
  } catch (const Failure&) {
  }
  return false;
}

int Connection::backend_pid() {
  return PQbackendPID(static_cast<odb::pgsql::connection&>(odb()).handle());
}

}  // namespace boxoffice::strategies
