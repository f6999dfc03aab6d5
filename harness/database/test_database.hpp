// The database that trials run on: in a private server that we start, or one of its own inside a
// server that exists.
//
// Trials empty tables, so an existing server is never used as it is: a database boxoffice_<random>
// is created there and dropped at the end. Its name is said at once and is in the manifest: after a
// kill nobody else could tell it from the others.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/database/engine.hpp"
#include "harness/database/private_database.hpp"
#include "harness/database/small_disk.hpp"
#include "harness/database/sql.hpp"
#include "harness/scenario.hpp"

namespace boxoffice::harness {

struct DatabaseChoice {
  /// The product of a private server ("postgresql", "mariadb", "mysql"), or the URL of a server
  /// that exists. For a command that takes several: a list of them, commas between.
  std::string database = "postgresql";
  Durability durability = Durability::full;
  Storage storage = Storage::disk;
  std::filesystem::path postgresql_binaries;
  std::filesystem::path mysql_root;
  bool small_disk = false;  ///< of a private server: its data on a disk that can be full
};

/// A choice for each database of a list. A comma inside a URL (PostgreSQL's several hosts) parts
/// nothing. Throws UsageError where one is there twice.
std::vector<DatabaseChoice> each_of(const DatabaseChoice& choice);

/// Those of which a private server can be started here, commas between; PostgreSQL where there is
/// none, so that whoever tries is told what is missing.
std::string installed_products(const DatabaseChoice& choice);

class TestDatabase {
 public:
  /// Throws UsageError (unknown engine, no binaries, no right to create a database),
  /// EnvironmentBroke.
  explicit TestDatabase(const DatabaseChoice& choice);
  ~TestDatabase();

  const std::string& url() const { return url_; }
  /// On the server: "boxoffice_" and eight hexadecimal digits.
  const std::string& name() const { return name_; }
  /// For the user, at once: what a kill would leave on a server that is not ours.
  std::optional<std::string> note() const;
  /// What the server says of itself: "mariadb", and "MariaDB 10.11.19".
  const std::string& engine() const { return name_of_server_.product; }
  const std::string& version() const { return name_of_server_.version; }
  SqlDialect dialect() const { return dialect_; }
  /// The settings that a figure depends on, as the server reports them.
  std::vector<std::pair<std::string, std::string>> settings();
  /// "full" or "relaxed", read from the server where it is not ours.
  std::string durability();
  /// "disk", "memory", or "unknown" where the server is not ours.
  std::string storage() const;
  bool is_private() const { return private_ != nullptr; }
  Sql connect() const { return Sql(url_); }
  /// Null where the server is not ours.
  PrivateDatabase* private_server() { return private_.get(); }
  /// Null where none was asked for.
  SmallDisk* small_disk() { return small_disk_.get(); }
  /// The database's URL through a port of 127.0.0.1 that leads to the private server.
  std::string url_through(int port) const;

  /// Fresh state for a trial: no reservation but those of a past event (so that plans are
  /// realistic), the scenario's events, statistics up to date, a checkpoint behind it where the
  /// engine knows one. Returns the events' ids, ascending.
  std::vector<std::int64_t> reset(const Scenario& scenario);

  /// Deadlocks that the server has counted so far.
  std::int64_t deadlocks();
  /// Transactions that the server has committed so far: in this database on PostgreSQL, in all on
  /// MySQL.
  std::int64_t commits();

 private:
  const EngineSql& sql() const { return engine_sql(dialect_); }
  void start_private(const DatabaseChoice& choice);
  void create();

  std::string admin_url_;
  std::string name_;
  std::string url_;
  SqlDialect dialect_;
  ServerName name_of_server_;
  Storage storage_;
  std::unique_ptr<SmallDisk> small_disk_;  // outlives the server
  std::unique_ptr<PrivateDatabase> private_;
};

}  // namespace boxoffice::harness
