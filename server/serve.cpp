// The main thread is the clock and the one that hears signals: it waits for one a few milliseconds
// at a time and in between refuses what has waited too long. SIGTERM, SIGINT and SIGHUP are blocked
// in all threads, so that nothing runs inside a signal handler.
//
// After the drain's deadline some thread may still hang in the database. It cannot be stopped, so
// the process ends around it (process.hpp): the database rolls back what was not committed.
#include "server/serve.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "server/application.hpp"
#include "server/process.hpp"
#include "server/reload.hpp"
#include "strategies/connection_budget.hpp"
#include "strategies/database.hpp"
#include "strategies/failure.hpp"
#include "strategies/migrate.hpp"
#include "strategies/registry.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::server {
namespace {

void warn_if_in_the_clear(const strategies::Database& database) {
  if (!database.in_the_clear()) return;
  log::write(
      log::Level::warn, "The way to the database may not be encrypted", [&](JsonWriter& json) {
        json.field("database", database.display_url());
        const bool postgresql = database.dialect() == strategies::Dialect::postgresql;
        json.field("add_to_its_url",
                   postgresql ? "sslmode=verify-full&sslrootcert=FILE" : "tls=verify-full&ca=FILE");
      });
}

/// Throws ConfigurationError for a pool that the database can never give.
void check_pool(const Configuration& c, const strategies::Database& database) {
  const auto budget = strategies::connection_budget(*database.connect());
  if (c.executor.threads > budget.most) {
    throw strategies::ConfigurationError(
        fmt::format("pool: {} connections, and the database's max_connections is {}",
                    c.executor.threads, budget.most));
  }
  const int wanted = c.executor.threads + c.password_threads + Application::k_own_connections +
                     (c.replica_database.empty() ? 0 : 1);
  if (wanted <= budget.free) return;
  log::write(log::Level::warn, "The pool wants more connections than are free",
             [&](JsonWriter& json) {
               json.field("wanted", wanted);
               json.field("free", budget.free);
               json.field("max_connections", budget.most);
             });
}

void tell_newer(const strategies::SchemaState& schema) {
  log::write(log::Level::info, "The schema is newer and still has what this program needs",
             [&](JsonWriter& json) {
               json.field("schema_version", schema.version);
               json.field("program_schema_version", schema.program);
               json.field("oldest_program_schema_version", schema.oldest_program);
             });
}

/// A listing is not worth waiting long for a replica: the primary has it, too.
strategies::SessionLimits replica_limits() {
  strategies::SessionLimits limits;
  limits.connect_timeout = limits.lock_timeout = std::chrono::seconds(1);
  limits.statement_timeout = std::chrono::seconds(3);
  return limits;
}

ApplicationOptions application_options(const Configuration& c, const strategies::Database& database,
                                       const std::optional<strategies::Database>& replica) {
  ApplicationOptions options;
  options.strategy = strategies::make_strategy(c.strategy);
  options.database = access_to(database);
  options.executor = c.executor;
  options.tokens.queue = static_cast<std::size_t>(c.executor.queue);
  options.hold = c.hold;
  options.slow_transaction = c.slow_transaction;
  options.sweep_interval = c.sweep_interval;
  options.deadline = c.deadline;
  options.limits = c.limits;
  options.token_lifetime = c.token_lifetime;
  options.token_use_interval = c.token_use_interval;
  options.password_threads = c.password_threads;
  options.event_cache.time_to_live = c.event_cache;
  options.event_cache.waiting_max = static_cast<std::size_t>(c.executor.queue);
  if (replica) {
    options.replica = access_to_replica(database, *replica);
    options.replica->lag_max = c.replica_lag;
    options.replica->threads = c.replica_pool;
  }
  return options;
}

std::unique_ptr<TlsPort> make_tls(const TlsFiles& files) {
  if (files.certificate.empty()) return nullptr;
  auto tls = std::make_unique<TlsPort>(files);
  warn_of_expiry(*tls);
  return tls;
}

std::unique_ptr<Server> open_ports(const Configuration& c, Application& application, TlsPort* tls) {
  try {
    return std::make_unique<Server>(c.server, application, tls);
  } catch (const CannotListen& error) {
    throw Unavailable(error.what());
  }
}

ConnectionFigures figures_of(const Network& network, const TlsPort* tls) {
  ConnectionFigures figures{network.connections, network.connections_max, network.turned_away};
  if (tls) {
    figures.tls = {.handshakes_done = tls->handshakes_done,
                   .handshakes_failed = tls->handshakes_failed,
                   .not_after_s = tls->current()->not_after().time_since_epoch().count()};
  }
  return figures;
}

void announce(const Configuration& c, const strategies::Database& database, const Server& server) {
  fmt::print("listening on {}\n", server.url());
  if (const auto url = server.operations_url()) fmt::print("operations on {}\n", *url);
  std::fflush(stdout);
  log::write(log::Level::info, "Listening", [&](JsonWriter& json) {
    json.field("url", server.url());
    json.field("database", database.display_url());
    json.field("strategy", c.strategy);
    json.field("pool", c.executor.threads);
    json.field("event_concurrency", c.executor.per_key);
  });
}

/// Waits until `done`, at most until `end`. A second signal ends the process here.
template <class Done>
void wait_until(const Signals& signals, Application& application, Clock::time_point end,
                const PortFile& port_file, const Done& done) {
  while (!done() && Clock::now() < end) {
    if (const int signal = signals.wait_a_tick(); signal != 0 && signal != SIGHUP) {
      port_file.remove();
      std::_Exit(128 + signal);
    }
    application.expire(Clock::now());
  }
}

/// Until it is told to stop.
void run(const Signals& signals, Application& application, Configuration c, TlsPort* tls) {
  for (int signal = 0; signal == 0 || signal == SIGHUP; signal = signals.wait_a_tick()) {
    if (signal == SIGHUP) {
      log::reopen();
      reload(c);
      application.change_limits(c.limits);
      if (tls) reload_certificate(*tls);
    }
    application.expire(Clock::now());
  }
}

void drain(const Configuration& c, const Signals& signals, Application& application, Server& server,
           const PortFile& port_file) {
  log::write(log::Level::info, "Draining");
  application.drain();
  const auto never = [] { return false; };
  const auto quiet = [&] { return server.connections() == 0 && application.unfinished() == 0; };
  wait_until(signals, application, Clock::now() + c.grace, port_file, never);
  server.drain();
  wait_until(signals, application, Clock::now() + c.drain, port_file, quiet);
  application.refuse_waiting();
  wait_until(signals, application, Clock::now() + k_farewell, port_file, quiet);
}

}  // namespace

int serve(const Configuration& c) {
  const Signals signals;
  if (c.exit_with_parent) follow_parent();
  log::start(c.log_level, c.log_file);
  raise_file_limit(c.server.connections_max);
  const auto tls = make_tls(c.tls);
  const strategies::Database database(c.database);
  warn_if_in_the_clear(database);
  check_pool(c, database);
  std::optional<strategies::Database> replica;
  if (!c.replica_database.empty()) {
    replica.emplace(c.replica_database, replica_limits());
    warn_if_in_the_clear(*replica);
  }
  Application application(application_options(c, database, replica));
  const auto schema = strategies::check_schema(database);
  if (schema.version > schema.program) tell_newer(schema);
  application.start();
  const auto server = open_ports(c, application, tls.get());
  const PortFile port_file(c.port_file, server->port());
  application.show_connections([&] { return figures_of(server->network(), tls.get()); });
  server->start();
  announce(c, database, *server);
  run(signals, application, c, tls.get());
  drain(c, signals, application, *server, port_file);
  {
    const LastResort last_resort(signals, port_file);
    application.stop();
    server->stop();
  }
  log::write(log::Level::info, "Stopped");
  {
    const LastResort last_resort(signals, port_file);
    log::stop();
  }
  return 0;
}

}  // namespace boxoffice::server
