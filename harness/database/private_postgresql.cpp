// See private_postgresql.hpp.
#include "harness/database/private_postgresql.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

bool holds_postgresql(const fs::path& directory) {
  return access((directory / "initdb").c_str(), X_OK) == 0 &&
         access((directory / "postgres").c_str(), X_OK) == 0;
}

int major_version(const fs::path& directory) {
  return std::atoi(directory.parent_path().filename().c_str());
}

}  // namespace

fs::path find_postgresql_binaries(const fs::path& wanted) {
  if (!wanted.empty()) {
    if (holds_postgresql(wanted)) return wanted;
    throw std::runtime_error(fmt::format(
        "no PostgreSQL server in {} (initdb and postgres must be there)", wanted.string()));
  }
  std::vector<fs::path> candidates;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored))
    candidates.push_back(entry.path() / "bin");
  std::ranges::sort(candidates, std::greater{}, major_version);
  if (const char* set = std::getenv("BOXOFFICE_POSTGRESQL_BIN"))
    candidates.insert(candidates.begin(), set);
  std::ranges::copy(program_directories({}), std::back_inserter(candidates));
  for (const fs::path& candidate : candidates) {
    if (holds_postgresql(candidate)) return candidate;
  }
  throw std::runtime_error(
      "no PostgreSQL server programs (initdb, postgres) in $BOXOFFICE_POSTGRESQL_BIN, "
      "/usr/lib/postgresql/*/bin or the "
      "PATH: install the package 'postgresql', or name a server with --database postgresql://...");
}

// An immediate shutdown (SIGQUIT) still frees the shared memory, which SIGKILL does not.
PrivatePostgresql::PrivatePostgresql(const PrivateDatabaseOptions& options)
    : PrivatePostgresql(options, nullptr) {}

PrivatePostgresql::PrivatePostgresql(const PrivateDatabaseOptions& options,
                                     const PrivatePostgresql& primary)
    : PrivatePostgresql(options, &primary) {}

PrivatePostgresql::PrivatePostgresql(const PrivateDatabaseOptions& options,
                                     const PrivatePostgresql* primary)
    : PrivateDatabase(options, {.product = "postgresql",
                                .title = "PostgreSQL",
                                .users = {"postgres", "nobody"},
                                .stop_signal = SIGINT,
                                .abandon_signal = SIGQUIT}),
      binaries_(find_postgresql_binaries(options.binaries)) {
  if (primary == nullptr) {
    initialise();
  } else {
    copy(*primary);
  }
  start();
}

// -R writes down whom it follows, and that it is a standby.
void PrivatePostgresql::copy(const PrivatePostgresql& primary) {
  run_command(command({(binaries_ / "pg_basebackup").string(), "-d", primary.url(), "-D",
                       data().string(), "-R", "-X", "stream", "-c", "fast", "--no-sync"},
                      "basebackup.log"),
              60s, "pg_basebackup");
}

void PrivatePostgresql::initialise() {
  run_command(
      command({(binaries_ / "initdb").string(), "-A", "trust", "-U", "postgres", "-N",
               "--no-instructions", "-E", "UTF8", "--locale=C.UTF-8", "-D", data().string()},
              "initdb.log"),
      60s, "initdb");
}

std::vector<std::string> PrivatePostgresql::server_argv() const {
  const bool full = options().durability == Durability::full;
  std::vector<std::string> settings = {
      fmt::format("max_connections={}", options().connections_max),
      fmt::format("fsync={}", full ? "on" : "off"),
      fmt::format("synchronous_commit={}", full ? "on" : "off"),
      fmt::format("full_page_writes={}", full ? "on" : "off"),
      "autovacuum=off",         // a defined state per trial: VACUUM ANALYZE before it instead
      "checkpoint_timeout=1h",  // and CHECKPOINT before it
      "max_wal_size=4GB",
      "shared_buffers=256MB",
      "jit=off",
      "dynamic_shared_memory_type=mmap",  // inside the data directory, so that it goes with it
      "log_checkpoints=off",
      "deadlock_timeout=200ms"};
  if (offers_tls()) {
    settings.insert(settings.end(), {"ssl=on", "ssl_cert_file=" + tls_certificate().string(),
                                     "ssl_key_file=" + tls_key().string()});
  }
  std::vector<std::string> argv = {(binaries_ / "postgres").string(),
                                   "-D",
                                   data().string(),
                                   "-k",
                                   directory().string(),
                                   "-h",
                                   "127.0.0.1",
                                   "-p",
                                   std::to_string(port())};
  for (const std::string& setting : settings) argv.insert(argv.end(), {"-c", setting});
  return argv;
}

bool PrivatePostgresql::answers() const {
  return PQping(url().c_str()) == PQPING_OK;
}

std::string PrivatePostgresql::url_of(const std::string& name) const {
  return fmt::format("postgresql://postgres@/{}?host={}&port={}", name.empty() ? "postgres" : name,
                     directory().string(), port());
}

std::string PrivatePostgresql::tcp_url_of(const std::string& name) const {
  return fmt::format("postgresql://postgres@127.0.0.1:{}/{}", port(),
                     name.empty() ? "postgres" : name);
}

}  // namespace boxoffice::harness
