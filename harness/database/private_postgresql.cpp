// See private_postgresql.hpp. The postgres program itself is our child, not pg_ctl's: only so can
// it be waited for, and a restart right after a kill finds no leftover of an orphan that was reaped
// late.
#include "harness/database/private_postgresql.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr int k_start_attempts = 10;
constexpr auto k_start_pause = 100ms;

bool holds_postgresql(const fs::path& directory) {
  return access((directory / "initdb").c_str(), X_OK) == 0 &&
         access((directory / "postgres").c_str(), X_OK) == 0;
}

// A port that was free a moment ago. Somebody may take it before the server does: start() then
// tries another.
int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  const bool bound = fd >= 0 &&
                     bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  if (fd >= 0) close(fd);
  if (!bound) throw std::runtime_error("cannot find a free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

std::string user_to_drop_to() {
  if (geteuid() != 0) return "";
  for (const char* name : {"postgres", "nobody"}) {
    if (getpwnam(name)) return name;
  }
  throw std::runtime_error(
      "PostgreSQL refuses to run as root and there is no user 'postgres' or 'nobody'");
}

fs::path root_of(Storage storage) {
  return storage == Storage::memory ? fs::path("/dev/shm") : temporary_root();
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
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path ? path : ""; !rest.empty();) {
    const auto end = std::min(rest.find(':'), rest.size());
    candidates.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  for (const fs::path& candidate : candidates) {
    if (holds_postgresql(candidate)) return candidate;
  }
  throw std::runtime_error(
      "no PostgreSQL server programs (initdb, postgres) in $BOXOFFICE_POSTGRESQL_BIN, "
      "/usr/lib/postgresql/*/bin or the "
      "PATH: install the package 'postgresql', or name a server with --database postgresql://...");
}

PrivatePostgresql::PrivatePostgresql(const PrivateDatabaseOptions& options)
    : options_(options),
      binaries_(find_postgresql_binaries(options.binaries)),
      user_(user_to_drop_to()),
      directory_(root_of(options.storage), "postgresql") {
  initialise();
  start();
}

PrivatePostgresql::~PrivatePostgresql() {
  if (server_) server_->end(SIGQUIT, 5s);  // immediate: the data is thrown away
}

void PrivatePostgresql::initialise() {
  if (!user_.empty()) {
    const passwd* entry = getpwnam(user_.c_str());
    if (chown(directory_.path().c_str(), entry->pw_uid, entry->pw_gid) != 0) {
      throw std::runtime_error("cannot hand " + directory_.path().string() + " to user " + user_);
    }
  }
  run_command({.argv = {(binaries_ / "initdb").string(), "-A", "trust", "-U", "postgres", "-N",
                        "--no-instructions", "-E", "UTF8", "--locale=C.UTF-8", "-D",
                        (directory_.path() / "data").string()},
               .output = directory_.path() / "initdb.log",
               .directory = directory_.path(),
               .user = user_,
               .environment = {}},
              60s, "initdb");
}

Command PrivatePostgresql::server_command() const {
  const bool full = options_.durability == Durability::full;
  const std::vector<std::string> settings = {
      fmt::format("max_connections={}", options_.connections_max),
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
  Command command{
      .argv = {(binaries_ / "postgres").string(), "-D", (directory_.path() / "data").string(), "-k",
               directory_.path().string(), "-h", "127.0.0.1", "-p", std::to_string(port_)},
      .output = directory_.path() / "postgresql.log",
      .directory = directory_.path(),
      .user = user_,
      .environment = {},
      .death_signal = SIGQUIT};  // immediate shutdown, which still frees its shared memory
  for (const std::string& setting : settings)
    command.argv.insert(command.argv.end(), {"-c", setting});
  return command;
}

// The first start chooses the port, and another where somebody took it in the meantime. A later one
// keeps it, for servers hold the URL; it may have to wait until what a kill left of the old server
// has let go of its memory.
void PrivatePostgresql::start() {
  const bool first = port_ == 0;
  for (int attempt = 1;; ++attempt) {
    if (first) port_ = free_port();
    server_ = std::make_unique<Process>(server_command());
    try {
      return wait_until_ready();
    } catch (const std::runtime_error&) {
      if (server_->running() || attempt == k_start_attempts) throw;
      std::this_thread::sleep_for(k_start_pause);
    }
  }
}

void PrivatePostgresql::restart() {
  if (server_) server_->end(SIGQUIT, 5s);
  start();
}

void PrivatePostgresql::wait_until_ready() {
  const auto give_up = std::chrono::steady_clock::now() + 30s;
  while (std::chrono::steady_clock::now() < give_up) {
    if (PQping(url().c_str()) == PQPING_OK) return;
    if (server_->wait_for(20ms)) break;
  }
  throw std::runtime_error("the private PostgreSQL did not start: " +
                           tail_of(directory_.path() / "postgresql.log", 3));
}

std::string PrivatePostgresql::url(const std::string& name) const {
  return fmt::format("postgresql://postgres@/{}?host={}&port={}", name, directory_.path().string(),
                     port_);
}

}  // namespace boxoffice::harness
