// See private_innodb.hpp.
//
// Durability: with innodb_flush_log_at_trx_commit=1 a commit is in the redo log on disk before it
// is acknowledged, as with PostgreSQL's WAL; with 2 it is handed to the kernel only, which a crash
// of the machine loses, but not one of the server. The binary log is off, where there is no
// replica: with it a commit would pay for two more writes. The manifest lists all of it.
#include "harness/database/private_innodb.hpp"

#include <fmt/format.h>
#include <signal.h>

#include "harness/database/sql.hpp"

namespace boxoffice::harness {

PrivateInnodb::PrivateInnodb(const PrivateDatabaseOptions& options, const std::string& product,
                             const std::string& title)
    : PrivateDatabase(options, {.product = product,
                                .title = title,
                                .users = {"mysql", "nobody"},
                                .stop_signal = SIGTERM,
                                .abandon_signal = SIGKILL}) {}

std::vector<std::string> PrivateInnodb::common_settings() const {
  const bool full = options().durability == Durability::full;
  std::vector<std::string> settings = {
      "--datadir=" + data().string(),
      "--socket=" + socket().string(),
      fmt::format("--port={}", port()),
      "--bind-address=127.0.0.1",
      "--pid-file=" + (directory() / "pid").string(),
      "--tmpdir=" + directory().string(),
      "--skip-name-resolve",
      "--transaction-isolation=READ-COMMITTED",
      "--character-set-server=utf8mb4",
      "--default-time-zone=+00:00",
      "--performance-schema=OFF",  // on in MySQL, off in MariaDB: a figure must not differ by that
      "--event-scheduler=OFF",
      options().has_replica ? "--log-bin=binlog" : "--skip-log-bin",
      fmt::format("--server-id={}", port()),
      fmt::format("--max-connections={}", options().connections_max),
      "--innodb-buffer-pool-size=256M",
      fmt::format("--innodb-flush-log-at-trx-commit={}", full ? 1 : 2),
      fmt::format("--innodb-doublewrite={}", full ? "ON" : "OFF")};
  if (offers_tls()) {
    settings.insert(settings.end(), {"--ssl-cert=" + tls_certificate().string(),
                                     "--ssl-key=" + tls_key().string()});
  }
  // tmpfs knows neither asynchronous input and output nor, before Linux 6.6, O_DIRECT.
  if (options().storage == Storage::memory)
    settings.insert(settings.end(), {"--innodb-use-native-aio=OFF", "--innodb-flush-method=fsync"});
  return settings;
}

bool PrivateInnodb::answers() const {
  try {
    Sql probe(url());
    return true;
  } catch (const SqlError&) {
    return false;
  }
}

std::string PrivateInnodb::url_of(const std::string& name) const {
  return fmt::format("mysql://root@localhost:{}/{}?socket={}", port(),
                     name.empty() ? "mysql" : name, socket().string());
}

std::string PrivateInnodb::tcp_url_of(const std::string& name) const {
  return fmt::format("mysql://root@127.0.0.1:{}/{}", port(), name.empty() ? "mysql" : name);
}

}  // namespace boxoffice::harness
