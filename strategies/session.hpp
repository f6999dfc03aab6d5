// What engines do in their own way, behind one interface: sessions, batches of statements, errors.
// engines/postgresql.cpp and engines/mysql.cpp implement it; database.cpp chooses by the URL.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "strategies/classify.hpp"
#include "strategies/database.hpp"
#include "strategies/session_watch.hpp"
#include "strategies/statement.hpp"

namespace odb {
class connection;
class database;
class transaction;
class transaction_impl;
}  // namespace odb

namespace boxoffice::strategies {

/// One live session. Whatever fails throws ODB's exceptions; after connection_lost it is of no
/// further use.
class Session {
 public:
  virtual ~Session() = default;

  virtual odb::connection& odb() = 0;
  /// Runs the calls in their order, stopping at the first that fails.
  virtual std::vector<Answer> execute(std::span<const Call> calls) = 0;
  /// Statements as they are, without parameters, their results thrown away.
  virtual void run(const std::string& sql) = 0;
  /// False where the server takes no writes from this session: a demoted primary, a replica.
  virtual bool takes_writes() = 0;

  /// For odb::transaction, which owns it. BEGIN may travel with the first statement of the
  /// transaction; send_begin() sends it now, for statements that do not pass through execute().
  virtual odb::transaction_impl* begin() = 0;
  virtual void send_begin() = 0;
  /// Runs the calls and COMMIT, in one round trip where the engine can. `since` is set just
  /// before COMMIT is sent.
  virtual std::vector<Answer> commit_after(
      odb::transaction&, std::span<const Call> calls,
      std::optional<std::chrono::steady_clock::time_point>& since) = 0;

  /// The session's number on the server, for tests and logs.
  virtual std::int64_t backend() = 0;
  virtual const ServerVersion& server() const = 0;
};

/// Opens sessions at one URL.
class Engine {
 public:
  explicit Engine(std::shared_ptr<SessionWatch> watch) : watch_(std::move(watch)) {}
  virtual ~Engine() = default;
  virtual Dialect dialect() const = 0;
  virtual odb::database& odb() = 0;
  /// Throws odb::exception where there is no server, ConfigurationError where it is too old. What
  /// the session sends from then on it counts in `sent`, which outlives it.
  virtual std::unique_ptr<Session> open(Traffic& sent) = 0;
  /// The URL without its password, for logs.
  virtual const std::string& display_url() const = 0;
  /// See Database::in_the_clear().
  virtual bool in_the_clear() const = 0;
  /// See Database::names_several().
  virtual bool names_several() const = 0;
  /// Of all its sessions, and of those of its Database's other engines.
  const std::shared_ptr<SessionWatch>& watch() const { return watch_; }

 private:
  std::shared_ptr<SessionWatch> watch_;
};

std::shared_ptr<Engine> postgresql_engine(const std::string& url, const SessionLimits&,
                                          std::shared_ptr<SessionWatch>);
std::shared_ptr<Engine> mysql_engine(const std::string& url, const SessionLimits&,
                                     std::shared_ptr<SessionWatch>);

}  // namespace boxoffice::strategies
