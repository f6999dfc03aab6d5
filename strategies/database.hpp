// Where the database is and how to reach it: URL, session limits, connections. No ODB type and no
// engine leaks from here.
//
// Every executor thread owns one Connection for its life; there is no pool inside ODB. A connection
// that broke heals itself at its next use, and while the database is away that use fails at once
// instead of waiting.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "strategies/spans.hpp"
#include "strategies/traffic.hpp"

namespace odb {
class connection;
}

namespace boxoffice::strategies {

class Engine;
class Session;
class SessionWatch;
enum class Dialect;

/// What a server says of itself: MariaDB is never called MySQL.
struct ServerVersion {
  std::string product;  ///< "postgresql", "mysql" or "mariadb"
  std::string text;     ///< as the server words it: "15.18 (Debian ...)", "10.11.14-MariaDB-..."
  int major = 0;
  int minor = 0;
  int patch = 0;
};

/// What bounds a session. READ COMMITTED always.
struct SessionLimits {
  std::chrono::milliseconds connect_timeout{3000};
  std::chrono::milliseconds lock_timeout{3000};
  std::chrono::milliseconds statement_timeout{10000};  ///< 0: none
  std::chrono::milliseconds idle_in_transaction_timeout{15000};
  int attempts_max = 10;  ///< tries of one transaction, the first included

  /// How long a server may say nothing at all: longer than its own limits let it. 0: as it likes.
  std::chrono::milliseconds silence_max() const {
    const bool is_bounded = statement_timeout.count() > 0;
    return is_bounded ? statement_timeout + lock_timeout : std::chrono::milliseconds(0);
  }
};

/// What the last transaction(s) of one strategy call did.
struct AttemptStatistics {
  int attempts = 0;
  std::map<std::string, int> retries_by_code;  ///< DatabaseError::code -> count
  Spans spans;
  Traffic traffic;

  /// Of a call that made another one first.
  void add(const AttemptStatistics& other);
};

/// A name or an address by which this machine reaches itself.
bool is_loopback(std::string_view host);

/// What a database says that was asked whether it is there.
enum class Presence {
  here,       ///< it takes reads and writes
  read_only,  ///< it takes no writes: a demoted primary
  away,       ///< no connection, no answer
};

class Connection {
 public:
  enum class Role { work, probe };

  Connection(std::shared_ptr<Engine> engine, const SessionLimits& limits, Role role = Role::work);
  ~Connection();

  /// The live session; connects where there is none. Throws Failure{database_unavailable}; within
  /// 100 ms of a failed try it throws without trying, and so it does, unless it probes, while the
  /// database is believed to be away.
  Session& session();
  odb::connection& odb();
  Engine& engine() { return *engine_; }
  Dialect dialect() const;
  /// What the server says of itself; connects where that was not done yet.
  const ServerVersion& server();
  const SessionLimits& limits() const { return limits_; }
  /// Forgets a broken session; the next use opens a new one.
  void drop();
  /// True where the server answers a trivial statement now.
  bool alive();
  /// Asks whether the database is there, and lets every connection of the same Database know. Where
  /// it does not answer, all their sessions are shut: that one leads nowhere, and they lead to the
  /// same place.
  Presence probe();

  AttemptStatistics& statistics() { return statistics_; }

 private:
  enum class Heard { takes_writes, takes_no_writes, broken, silence, no_session };
  Heard ask();

  std::shared_ptr<Engine> engine_;
  SessionLimits limits_;
  Role role_;
  AttemptStatistics statistics_;  // the session counts in it, and goes first
  std::unique_ptr<Session> session_;
  std::chrono::steady_clock::time_point failed_at_{};
};

class Database {
 public:
  /// url: postgresql://user[:password]@host[:port]/name[?host=/socket/dir&...] (libpq's form), or
  /// mysql://user[:password]@host[:port]/name[?socket=/path&tls=...&ca=/file] (engines/mysql_url).
  /// Throws ConfigurationError for an engine that is not compiled in or a URL that cannot be read.
  explicit Database(const std::string& url, const SessionLimits& limits = {});

  /// Not yet connected: that happens at first use.
  std::unique_ptr<Connection> connect() const;
  /// A connection whose statements may take as long as they take: for migrations and bulk data.
  std::unique_ptr<Connection> connect_patiently() const;
  /// One whose statements take no time: no answer within 2 s is none.
  std::unique_ptr<Connection> connect_promptly() const;
  /// The same, for Connection::probe().
  std::unique_ptr<Connection> connect_to_probe() const;
  /// The URL without its password, for logs.
  const std::string& display_url() const;
  Dialect dialect() const;
  /// True where the URL leads to another host and does not demand TLS: who listens on the way reads
  /// all of it, passwords' hashes too.
  bool in_the_clear() const;
  /// True where the URL lists hosts: each session may lead to another server.
  bool names_several() const;

 private:
  std::unique_ptr<Connection> connect_with(const SessionLimits&, Connection::Role) const;
  SessionLimits prompt_limits() const;

  std::string url_;
  std::shared_ptr<SessionWatch> watch_;
  std::shared_ptr<Engine> engine_;
  SessionLimits limits_;
};

}  // namespace boxoffice::strategies
