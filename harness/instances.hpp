// The servers of a trial: so many instances of boxoffice-server, alike, on one database.
//
// They know nothing of each other, as behind a balancer: what holds between them is what the
// database enforces, so a lock, a cache or a counter in a server's memory shows here as the bug
// that it is. Admission (+admission) is each instance's own, and so is the pool.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/database/test_database.hpp"
#include "harness/server_process.hpp"

namespace boxoffice::harness {

/// The text of a number of servers: "" for one, " on 3 instances" for three.
std::string on_instances(std::int64_t count);

/// Throws UsageError where the database's max_connections has no room for the pools of so many
/// instances and what each opens besides.
void expect_room(TestDatabase& database, std::int64_t pool, std::int64_t instances);

class Instances {
 public:
  /// Starts `count` servers one after the other, each once the one before it listens; their logs
  /// are server.log, server-2.log, ... in `directory`. Throws EnvironmentBroke where one does not
  /// start; those that did are ended then.
  Instances(const ServerOptions& options, std::int64_t count,
            const std::filesystem::path& directory);

  /// The one that a fault happens to.
  ServerProcess& first() { return *servers_.front(); }
  std::vector<std::string> targets() const;

  /// Whether one ended without having been told to.
  bool any_ended();

  /// SIGTERM to all at once, then their ends. Returns what was not as it should be: one had ended
  /// by itself, one did not drain; empty where all was well.
  std::string stop();

 private:
  std::string named(std::size_t i) const;

  std::vector<std::unique_ptr<ServerProcess>> servers_;
};

}  // namespace boxoffice::harness
