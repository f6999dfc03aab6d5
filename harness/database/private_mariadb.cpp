// See private_mariadb.hpp.
#include "harness/database/private_mariadb.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

#include "harness/database/sql.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

fs::path find(const std::string& program) {
  for (const fs::path& directory :
       program_directories({"/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"})) {
    if (access((directory / program).c_str(), X_OK) == 0) return directory / program;
  }
  throw std::runtime_error("no MariaDB server program (" + program +
                           ") on the PATH or in /usr/sbin: install the package "
                           "'mariadb-server-core', or name a server with --database mysql://...");
}

}  // namespace

MariadbPrograms find_mariadb_programs() {
  return {.server = find("mariadbd"), .install_db = find("mariadb-install-db")};
}

PrivateMariadb::PrivateMariadb(const PrivateDatabaseOptions& options)
    : PrivateInnodb(options, "mariadb", "MariaDB"), programs_(find_mariadb_programs()) {
  run_command(
      command({programs_.install_db.string(), "--no-defaults", "--datadir=" + data().string(),
               "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"},
              "install.log"),
      60s, "mariadb-install-db");
  start();
}

// From 11.4 on a replica wants the primary's certificate unless it is told otherwise; it has none.
PrivateMariadb::PrivateMariadb(const PrivateDatabaseOptions& options, const PrivateMariadb& primary)
    : PrivateMariadb(options) {
  Sql(url()).run(
      fmt::format("CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {}, MASTER_USER = "
                  "'root', MASTER_SSL_VERIFY_SERVER_CERT = 0, MASTER_USE_GTID = slave_pos,"
                  " MASTER_CONNECT_RETRY = 1; START SLAVE",
                  primary.port()));
}

std::vector<std::string> PrivateMariadb::server_argv() const {
  // Newer ones make a certificate and offer TLS by themselves; on loopback it would only cost.
  std::vector<std::string> argv = {programs_.server.string(), "--no-defaults"};
  if (!offers_tls()) argv.emplace_back("--skip-ssl");
  for (std::string& setting : common_settings()) argv.push_back(std::move(setting));
  return argv;
}

}  // namespace boxoffice::harness
