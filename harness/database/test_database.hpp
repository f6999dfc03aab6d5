// The database that trials run on: in a private server that we start, or one of its own inside a
// server that exists.
//
// Trials empty tables, so an existing server is never used as it is: a database boxoffice_<random>
// is created there and dropped at the end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/database/private_postgresql.hpp"
#include "harness/database/sql.hpp"
#include "harness/scenario.hpp"

namespace boxoffice::harness {

struct DatabaseChoice {
  std::string database = "postgresql";  ///< "postgresql": a private one; or a postgresql:// URL
  Durability durability = Durability::full;
  Storage storage = Storage::disk;
  std::filesystem::path postgresql_binaries;
};

class TestDatabase {
 public:
  /// Throws UsageError (unknown engine, no binaries, no right to create a database),
  /// EnvironmentBroke.
  explicit TestDatabase(const DatabaseChoice& choice);
  ~TestDatabase();

  const std::string& url() const { return url_; }
  static std::string engine() { return "postgresql"; }
  /// What the server says of itself, e.g. "PostgreSQL 15.18".
  std::string version();
  /// The settings that a figure depends on, as the server reports them.
  std::vector<std::pair<std::string, std::string>> settings();
  /// "full" or "relaxed", read from the server where it is not ours.
  std::string durability();
  /// "disk", "memory", or "unknown" where the server is not ours.
  std::string storage() const;
  bool is_private() const { return private_ != nullptr; }
  /// Only where it is private.
  PrivatePostgresql& server() { return *private_; }
  Sql connect() const { return Sql(url_); }

  /// Fresh state for a trial: no reservation but those of a past event (so that plans are
  /// realistic), the scenario's events, statistics up to date, a checkpoint behind it. Returns the
  /// events' ids, ascending.
  std::vector<std::int64_t> reset(const Scenario& scenario);

  /// Deadlocks that the server has counted in this database so far.
  std::int64_t deadlocks();

 private:
  std::string admin_url_;
  std::string name_;
  std::string url_;
  Storage storage_;
  std::unique_ptr<PrivatePostgresql> private_;
};

}  // namespace boxoffice::harness
