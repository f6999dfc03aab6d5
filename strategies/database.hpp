// Where the database is and how to reach it: URL, session limits, connections. No ODB type leaks
// from here.
//
// Every executor thread owns one Connection for its life; there is no pool inside ODB. A connection
// that broke heals itself at its next use, and while the database is away that use fails at once
// instead of waiting.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace odb {
class connection;
class database;
}  // namespace odb

namespace boxoffice::strategies {

/// What bounds a session. READ COMMITTED always.
struct SessionLimits {
  std::chrono::milliseconds connect_timeout{3000};
  std::chrono::milliseconds lock_timeout{3000};
  std::chrono::milliseconds statement_timeout{10000};
  std::chrono::milliseconds idle_in_transaction_timeout{15000};
  int attempts_max = 10;  ///< tries of one transaction, the first included
};

/// What the last transaction(s) of one strategy call did.
struct AttemptStatistics {
  int attempts = 0;
  std::map<std::string, int> retries_by_code;  ///< SQLSTATE or "conflict" -> count
};

class Connection {
 public:
  Connection(std::shared_ptr<odb::database> database, const SessionLimits& limits);
  ~Connection();

  /// The live ODB connection; connects where there is none. Throws Failure{database_unavailable};
  /// within 100 ms of a failed try it throws without trying.
  odb::connection& odb();
  odb::database& database() { return *database_; }
  const SessionLimits& limits() const { return limits_; }
  /// Forgets a broken connection; the next odb() opens a new one.
  void drop();
  /// True where the server answers a trivial statement now.
  bool alive();
  /// The backend's process id on the server, for tests and logs.
  int backend_pid();

  AttemptStatistics& statistics() { return statistics_; }
  /// Names of the statements that this session has prepared (statement.cpp).
  std::set<std::string, std::less<>>& prepared() { return prepared_; }

 private:
  std::shared_ptr<odb::database> database_;
  SessionLimits limits_;
  std::shared_ptr<void> held_;  // an odb::connection_ptr, hidden
  std::chrono::steady_clock::time_point failed_at_{};
  AttemptStatistics statistics_;
  std::set<std::string, std::less<>> prepared_;
};

class Database {
 public:
  /// url: postgresql://user[:password]@host[:port]/name[?host=/socket/dir&...] (libpq's form).
  /// Throws ConfigurationError for an engine that is not compiled in or a URL that libpq cannot
  /// read.
  explicit Database(const std::string& url, const SessionLimits& limits = {});

  /// Not yet connected: that happens at first use.
  std::unique_ptr<Connection> connect() const;
  /// The URL without its password, for logs.
  const std::string& display_url() const { return display_url_; }
  static constexpr const char* engine() { return "postgresql"; }

 private:
  std::shared_ptr<odb::database> database_;
  SessionLimits limits_;
  std::string display_url_;
};

}  // namespace boxoffice::strategies
