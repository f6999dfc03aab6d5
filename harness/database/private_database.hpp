// A private, throwaway database server: made in a temporary directory, run as our own child on a
// port and a socket of its own, under an unprivileged user where we are root; removed at the end,
// whatever the end was (keeper.hpp).
//
// What differs between products is in private_postgresql.*, private_mariadb.* and private_mysql.*;
// the life of the server is here. The server program itself is our child, not a wrapper's: only so
// can it be waited for, and a restart right after a kill finds no leftover of an orphan that was
// reaped late.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/process/keeper.hpp"
#include "harness/process/process.hpp"

namespace boxoffice::harness {

enum class Durability {
  full,    ///< a commit is on disk before it is acknowledged
  relaxed  ///< it is not: a crash of the machine may lose acknowledged commits
};
enum class Storage {
  disk,   ///< below $TMPDIR
  memory  ///< below /dev/shm
};

struct PrivateDatabaseOptions {
  Durability durability = Durability::full;
  Storage storage = Storage::disk;
  int connections_max = 300;
  std::filesystem::path binaries{};    ///< where initdb and postgres are; empty: look for them
  std::filesystem::path mysql_root{};  ///< a Debian root with mysqld in it; empty: look for one
  std::filesystem::path data_disk{};   ///< where its data is; empty: beside its socket and log
  bool has_replica = false;  ///< MariaDB, MySQL: keeps the binary log that a replica follows
  std::filesystem::path tls_certificate{}, tls_key{};  ///< PEM: TLS is offered; empty: not so
};

class PrivateDatabase {
 public:
  virtual ~PrivateDatabase();
  PrivateDatabase(const PrivateDatabase&) = delete;
  PrivateDatabase& operator=(const PrivateDatabase&) = delete;

  /// "postgresql", "mariadb" or "mysql".
  const std::string& product() const { return product_; }
  /// URL of database `name` for an administrator, through the unix socket; without a name, of the
  /// database that every such server has.
  std::string url(const std::string& name = "") const { return url_of(name); }
  /// The same through TCP on 127.0.0.1.
  std::string tcp_url(const std::string& name = "") const { return tcp_url_of(name); }
  int port() const { return port_; }
  const std::filesystem::path& socket_directory() const { return directory_.path(); }
  /// What the server says, in its own words.
  std::filesystem::path log() const { return directory() / (product_ + ".log"); }
  Process& server() { return *server_; }

  /// In order, so that all that was committed is there at the next start.
  void stop();
  /// As a crash of the server: SIGKILL.
  void kill();
  /// Starts the server again on the same data and port; ends it first where it still runs.
  void restart();

 protected:
  /// What sets a product apart for the life of its server.
  struct Kind {
    std::string product;             ///< "mariadb"
    std::string title;               ///< "MariaDB", for messages
    std::vector<const char*> users;  ///< to drop to where we are root, the first that exists
    int stop_signal;                 ///< ends it in order
    int abandon_signal;              ///< ends it at once: its data is thrown away
  };

  /// Makes the directory. Throws std::runtime_error with one clear line.
  PrivateDatabase(const PrivateDatabaseOptions& options, const Kind& kind);
  /// The first start chooses the port, and another where somebody took it in the meantime. A later
  /// one keeps it, for servers hold the URL. Throws std::runtime_error: no start in 30 s.
  void start();
  /// To be called by the destructor of each product.
  void abandon();
  /// A command run under the user and in the directory of the server, its output in `log` there.
  Command command(std::vector<std::string> argv, const std::string& log) const;

  const PrivateDatabaseOptions& options() const { return options_; }
  const std::filesystem::path& directory() const { return directory_.path(); }
  std::filesystem::path data() const { return directory() / "data"; }
  const std::string& user() const { return user_; }
  bool offers_tls() const { return !options_.tls_certificate.empty(); }
  /// The server's own copies, which nobody else may read.
  std::filesystem::path tls_certificate() const { return directory() / "tls.pem"; }
  std::filesystem::path tls_key() const { return directory() / "tls.key"; }

  virtual std::vector<std::string> server_argv() const = 0;
  /// Does the server accept connections?
  virtual bool answers() const = 0;
  virtual std::string url_of(const std::string& name) const = 0;
  virtual std::string tcp_url_of(const std::string& name) const = 0;

 private:
  void copy_certificate() const;
  void hand_over(const std::filesystem::path& path) const;
  void expect_entered() const;
  void wait_until_ready();

  PrivateDatabaseOptions options_;
  std::string product_, title_;
  int stop_signal_, abandon_signal_;
  std::string user_;  // to drop to; empty: stay
  TemporaryDirectory directory_;
  int port_ = 0;
  std::unique_ptr<Process> server_;
};

/// The names that start_private_database() knows.
std::vector<std::string> private_products();

/// Throws std::runtime_error with one clear line: unknown product, no server programs, no space, no
/// user to drop to, no start in 30 s.
std::unique_ptr<PrivateDatabase> start_private_database(const std::string& product,
                                                        const PrivateDatabaseOptions& options);

/// Empty where the server programs of `product` are there; otherwise what is missing and where it
/// was looked for, in one line.
std::string why_not_installed(const std::string& product, const PrivateDatabaseOptions& options);

/// The directories of the PATH, in its order, then `more`.
std::vector<std::filesystem::path> program_directories(
    const std::vector<std::filesystem::path>& more);

}  // namespace boxoffice::harness
