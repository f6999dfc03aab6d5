// See database.hpp. There is no pool inside ODB: each executor thread keeps the one connection that
// it got, so that there is no second queue.
#include "strategies/database.hpp"

#include <odb/connection.hxx>
#include <odb/exceptions.hxx>

#include "strategies/failure.hpp"
#include "strategies/session.hpp"

namespace boxoffice::strategies {

namespace {

constexpr std::chrono::milliseconds k_reconnect_pause{100};

std::shared_ptr<Engine> engine_for(const std::string& url, const SessionLimits& limits) {
  const std::string scheme = url.substr(0, url.find("://"));
  if (scheme == "postgresql" || scheme == "postgres") return postgresql_engine(url, limits);
  if (scheme == "mysql" || scheme == "mariadb") return mysql_engine(url, limits);
  throw ConfigurationError("database URL '" + scheme.substr(0, 32) +
                           "': this program speaks postgresql://user@host:port/name and "
                           "mysql://user@host:port/name (MariaDB too)");
}

}  // namespace

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Database::Database(const std::string& url, const SessionLimits& limits)
    : url_(url), engine_(engine_for(url, limits)), limits_(limits) {}

std::unique_ptr<Connection> Database::connect() const {
  return std::make_unique<Connection>(engine_, limits_);
}

std::unique_ptr<Connection> Database::connect_patiently() const {
  SessionLimits patient = limits_;
  patient.statement_timeout = patient.idle_in_transaction_timeout = std::chrono::milliseconds(0);
  patient.lock_timeout = std::chrono::hours(1);
  return std::make_unique<Connection>(engine_for(url_, patient), patient);
}

const std::string& Database::display_url() const {
  return engine_->display_url();
}

bool Database::in_the_clear() const {
  return engine_->in_the_clear();
}

Dialect Database::dialect() const {
  return engine_->dialect();
}

Connection::Connection(std::shared_ptr<Engine> engine, const SessionLimits& limits)
    : engine_(std::move(engine)), limits_(limits) {}

Connection::~Connection() = default;

Session& Connection::session() {
  if (session_) return *session_;
  const auto now = std::chrono::steady_clock::now();
  if (failed_at_ != std::chrono::steady_clock::time_point{} &&
      now - failed_at_ < k_reconnect_pause) {
    throw Failure(FailureCode::database_unavailable, "the database did not answer a moment ago");
  }
  try {
    session_ = engine_->open();
  } catch (const odb::exception& error) {
    failed_at_ = std::chrono::steady_clock::now();
    std::string why = error.what();
    while (!why.empty() && why.back() == '\n') why.pop_back();
    throw Failure(FailureCode::database_unavailable, why);
  }
  failed_at_ = {};
  return *session_;
}

odb::connection& Connection::odb() {
  return session().odb();
}

Dialect Connection::dialect() const {
  return engine_->dialect();
}

const ServerVersion& Connection::server() {
  return session().server();
}

void Connection::drop() {
  session_.reset();
}

bool Connection::alive() {
  try {
    session().run("SELECT 1");
    return true;
  } catch (const odb::exception&) {
    drop();
  } catch (const Failure&) {
  }
  return false;
}

}  // namespace boxoffice::strategies
