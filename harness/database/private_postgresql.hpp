// A private, throwaway PostgreSQL: initdb into a temporary directory, the server as our own child,
// its own port and socket, an unprivileged user where we are root; removed at the end, whatever the
// end was (keeper.hpp).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/process/keeper.hpp"
#include "harness/process/process.hpp"

namespace boxoffice::harness {

enum class Durability {
  full,    ///< a commit is on disk before it is acknowledged (fsync and synchronous_commit on)
  relaxed  ///< it is not: a crash may lose acknowledged commits
};
enum class Storage {
  disk,   ///< below $TMPDIR
  memory  ///< below /dev/shm
};

struct PrivateDatabaseOptions {
  Durability durability = Durability::full;
  Storage storage = Storage::disk;
  int connections_max = 300;
  std::filesystem::path binaries;  ///< where initdb and postgres are; empty: look for them
};

class PrivatePostgresql {
 public:
  /// Throws std::runtime_error with one clear line: no binaries, no space, no user to drop to, no
  /// start in 30 s.
  explicit PrivatePostgresql(const PrivateDatabaseOptions& options);
  ~PrivatePostgresql();

  /// postgresql://... of database `name`, through the unix socket.
  std::string url(const std::string& name = "postgres") const;
  int port() const { return port_; }
  const std::filesystem::path& socket_directory() const { return directory_.path(); }
  const std::filesystem::path& binaries() const { return binaries_; }
  Process& server() { return *server_; }
  /// Starts the server again on the same data and port, after it was stopped or killed.
  void restart();

 private:
  void initialise();
  Command server_command() const;
  void start();
  void wait_until_ready();

  PrivateDatabaseOptions options_;
  std::filesystem::path binaries_;
  std::string user_;  // to drop to; empty: stay
  TemporaryDirectory directory_;
  int port_ = 0;
  std::unique_ptr<Process> server_;
};

/// The directory with initdb and postgres: `wanted`, $BOXOFFICE_POSTGRESQL_BIN, the newest of
/// /usr/lib/postgresql/*, or the PATH. Throws std::runtime_error that says where it looked.
std::filesystem::path find_postgresql_binaries(const std::filesystem::path& wanted);

}  // namespace boxoffice::harness
