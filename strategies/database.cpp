// See database.hpp. There is no pool inside ODB: each executor thread keeps the one connection that
// it got, so that there is no second queue.
#include "strategies/database.hpp"

#include <algorithm>
#include <odb/connection.hxx>
#include <odb/exceptions.hxx>
#include <system_error>

#include "strategies/failure.hpp"
#include "strategies/session.hpp"

namespace boxoffice::strategies {

namespace {

constexpr std::chrono::milliseconds k_reconnect_pause{100};
// Together the 2 s of connect_promptly(). Shorter, and a busy machine's database would be away.
constexpr std::chrono::milliseconds k_prompt_statement{1500}, k_prompt_lock{500};
constexpr std::chrono::milliseconds k_prompt_connect{2000};

std::shared_ptr<Engine> engine_for(const std::string& url, const SessionLimits& limits,
                                   const std::shared_ptr<SessionWatch>& watch) {
  const std::string scheme = url.substr(0, url.find("://"));
  if (scheme == "postgresql" || scheme == "postgres") return postgresql_engine(url, limits, watch);
  if (scheme == "mysql" || scheme == "mariadb") return mysql_engine(url, limits, watch);
  throw ConfigurationError("database URL '" + scheme.substr(0, 32) +
                           "': this program speaks postgresql://user@host:port/name and "
                           "mysql://user@host:port/name (MariaDB too)");
}

}  // namespace

void AttemptStatistics::add(const AttemptStatistics& other) {
  attempts += other.attempts;
  for (const auto& [code, tries] : other.retries_by_code) retries_by_code[code] += tries;
  spans.add(other.spans);
  traffic.add(other.traffic);
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Database::Database(const std::string& url, const SessionLimits& limits)
    : url_(url),
      watch_(std::make_shared<SessionWatch>()),
      engine_(engine_for(url, limits, watch_)),
      limits_(limits) {}

std::unique_ptr<Connection> Database::connect() const {
  return std::make_unique<Connection>(engine_, limits_);
}

std::unique_ptr<Connection> Database::connect_patiently() const {
  SessionLimits patient = limits_;
  patient.statement_timeout = patient.idle_in_transaction_timeout = std::chrono::milliseconds(0);
  patient.lock_timeout = std::chrono::hours(1);
  return connect_with(patient, Connection::Role::work);
}

std::unique_ptr<Connection> Database::connect_promptly() const {
  return connect_with(prompt_limits(), Connection::Role::work);
}

std::unique_ptr<Connection> Database::connect_to_probe() const {
  return connect_with(prompt_limits(), Connection::Role::probe);
}

SessionLimits Database::prompt_limits() const {
  SessionLimits prompt = limits_;
  prompt.connect_timeout = std::min(limits_.connect_timeout, k_prompt_connect);
  prompt.lock_timeout = std::min(limits_.lock_timeout, k_prompt_lock);
  const bool is_bounded = limits_.statement_timeout.count() > 0;
  prompt.statement_timeout =
      is_bounded ? std::min(limits_.statement_timeout, k_prompt_statement) : k_prompt_statement;
  return prompt;
}

std::unique_ptr<Connection> Database::connect_with(const SessionLimits& limits,
                                                   Connection::Role role) const {
  return std::make_unique<Connection>(engine_for(url_, limits, watch_), limits, role);
}

const std::string& Database::display_url() const {
  return engine_->display_url();
}

bool Database::in_the_clear() const {
  return engine_->in_the_clear();
}

bool Database::names_several() const {
  return engine_->names_several();
}

Dialect Database::dialect() const {
  return engine_->dialect();
}

Connection::Connection(std::shared_ptr<Engine> engine, const SessionLimits& limits, Role role)
    : engine_(std::move(engine)), limits_(limits), role_(role) {}

Connection::~Connection() = default;

Session& Connection::session() {
  if (session_) return *session_;
  if (role_ != Role::probe && engine_->watch()->seems_away())
    throw Failure(FailureCode::database_unavailable, "the database is away");
  const auto now = std::chrono::steady_clock::now();
  if (failed_at_ != std::chrono::steady_clock::time_point{} &&
      now - failed_at_ < k_reconnect_pause) {
    throw Failure(FailureCode::database_unavailable, "the database did not answer a moment ago");
  }
  const auto give_up = [this](std::string why) {
    failed_at_ = std::chrono::steady_clock::now();
    while (!why.empty() && why.back() == '\n') why.pop_back();
    throw Failure(FailureCode::database_unavailable, why);
  };
  try {
    session_ = engine_->open(statistics_.traffic);
  } catch (const odb::exception& error) {
    give_up(error.what());
  } catch (const std::system_error& error) {  // no file descriptor is left
    give_up(error.what());
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

Connection::Heard Connection::ask() {
  const bool had_session = session_ != nullptr;
  const auto begin = std::chrono::steady_clock::now();
  try {
    return session().takes_writes() ? Heard::takes_writes : Heard::takes_no_writes;
  } catch (const Failure&) {
    return Heard::no_session;
  } catch (const odb::exception&) {
    drop();
  }
  const bool is_silent = std::chrono::steady_clock::now() - begin >= limits_.silence_max() * 9 / 10;
  return had_session && is_silent ? Heard::silence : Heard::broken;
}

// A session that broke says little of the database: its second try is on a new one.
Presence Connection::probe() {
  SessionWatch& watch = *engine_->watch();
  for (int tries = 1; tries <= 2; ++tries) {
    switch (ask()) {
      case Heard::takes_writes:
        watch.believe(Belief::here);
        return Presence::here;
      case Heard::takes_no_writes:
        drop();  // a new one may be led to the new primary
        watch.believe(Belief::away);
        return Presence::read_only;
      case Heard::silence:
        watch.believe(Belief::in_doubt);  // first, so that whoever is cut waits for the answer
        watch.cut_all();
        break;
      case Heard::broken:
        break;
      case Heard::no_session:
        tries = 2;
        break;
    }
  }
  watch.believe(Belief::away);
  return Presence::away;
}

}  // namespace boxoffice::strategies
