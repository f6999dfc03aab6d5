// See private_database.hpp.
#include "harness/database/private_database.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <thread>

#include "harness/database/private_mariadb.hpp"
#include "harness/database/private_mysql.hpp"
#include "harness/database/private_postgresql.hpp"
#include "harness/process/signature.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr int k_start_attempts = 10;
constexpr auto k_start_pause = 100ms;
constexpr auto k_start_bound = 30s;
constexpr auto k_stop_bound = 20s;
// PostgreSQL's own bound, until it kills what does not end by itself, is 5 s: were it killed first,
// that would be left.
constexpr auto k_abandon_bound = 10s;

struct Product {
  const char* name;
  std::function<std::unique_ptr<PrivateDatabase>(const PrivateDatabaseOptions&)> start;
  std::function<void(const PrivateDatabaseOptions&)> find;  // throws where nothing is found
};

const std::vector<Product>& products() {
  using Options = PrivateDatabaseOptions;
  static const std::vector<Product> all = {
      {"postgresql", [](const Options& o) { return std::make_unique<PrivatePostgresql>(o); },
       [](const Options& o) { find_postgresql_binaries(o.binaries); }},
      {"mariadb", [](const Options& o) { return std::make_unique<PrivateMariadb>(o); },
       [](const Options&) { find_mariadb_programs(); }},
      {"mysql", [](const Options& o) { return std::make_unique<PrivateMysql>(o); },
       [](const Options& o) { find_mysql_program(o.mysql_root); }}};
  return all;
}

const Product& product_named(const std::string& name) {
  for (const Product& product : products()) {
    if (name == product.name) return product;
  }
  throw std::runtime_error(
      fmt::format("'{}' is not one of the engines {}", name, fmt::join(private_products(), ", ")));
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

// Database servers refuse to run as root, and rightly.
std::string user_to_drop_to(const std::string& title, const std::vector<const char*>& users) {
  if (geteuid() != 0) return "";
  for (const char* name : users) {
    if (getpwnam(name)) return name;
  }
  throw std::runtime_error(fmt::format("{} is not run as root, and there is no user '{}'", title,
                                       fmt::join(users, "' or '")));
}

fs::path root_of(Storage storage) {
  return storage == Storage::memory ? fs::path("/dev/shm") : temporary_root();
}

// MariaDB's install script runs what every system has, and says nothing of what it does not find.
std::string path_of_scripts() {
  std::string path;
  for (const fs::path& directory :
       program_directories({"/usr/sbin", "/usr/bin", "/sbin", "/bin"})) {
    if (!path.empty()) path += ':';
    path += directory.string();
  }
  return path;
}

}  // namespace

std::vector<std::string> private_products() {
  std::vector<std::string> names;
  for (const Product& product : products()) names.emplace_back(product.name);
  return names;
}

std::unique_ptr<PrivateDatabase> start_private_database(const std::string& product,
                                                        const PrivateDatabaseOptions& options) {
  return product_named(product).start(options);
}

std::string why_not_installed(const std::string& product, const PrivateDatabaseOptions& options) {
  try {
    product_named(product).find(options);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

std::vector<fs::path> program_directories(const std::vector<fs::path>& more) {
  std::vector<fs::path> directories;
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path ? path : ""; !rest.empty();) {
    const auto end = std::min(rest.find(':'), rest.size());
    directories.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  directories.insert(directories.end(), more.begin(), more.end());
  return directories;
}

PrivateDatabase::PrivateDatabase(const PrivateDatabaseOptions& options, const Kind& kind)
    : options_(options),
      product_(kind.product),
      title_(kind.title),
      stop_signal_(kind.stop_signal),
      abandon_signal_(kind.abandon_signal),
      user_(user_to_drop_to(kind.title, kind.users)),
      directory_(root_of(options.storage), kind.product) {
  remove_leftovers(root_of(options.storage), kind.product);
  sign(directory());
  hand_over(directory());
  expect_entered();
  if (offers_tls()) copy_certificate();
  if (options.data_disk.empty()) return;
  const fs::path there = options.data_disk / "data";
  fs::create_directory(there);
  hand_over(there);
  fs::create_directory_symlink(there, data());
}

void PrivateDatabase::copy_certificate() const {
  fs::copy_file(options_.tls_certificate, tls_certificate());
  fs::copy_file(options_.tls_key, tls_key());
  fs::permissions(tls_key(), fs::perms(0600));
  hand_over(tls_certificate());
  hand_over(tls_key());
}

void PrivateDatabase::hand_over(const fs::path& path) const {
  if (user_.empty()) return;
  const passwd* entry = getpwnam(user_.c_str());
  if (chown(path.c_str(), entry->pw_uid, entry->pw_gid) != 0)
    throw std::runtime_error("cannot hand " + path.string() + " to user " + user_);
}

// Else its programs would fail later, each with words of its own.
void PrivateDatabase::expect_entered() const {
  if (user_.empty()) return;
  Process test({.argv = {"/usr/bin/test", "-w", directory().string()},
                .output = {},
                .directory = "/",
                .user = user_,
                .environment = {}});
  if (test.wait_for(5s) == 0) return;
  throw std::runtime_error(
      fmt::format("the private {} runs as user '{}', who may not write in {}: name in TMPDIR a "
                  "directory that everybody may enter",
                  title_, user_, directory().string()));
}

PrivateDatabase::~PrivateDatabase() = default;

void PrivateDatabase::abandon() {
  if (server_) server_->end(abandon_signal_, k_abandon_bound);
}

Command PrivateDatabase::command(std::vector<std::string> argv, const std::string& log) const {
  return {.argv = std::move(argv),
          .output = directory() / log,
          .directory = directory(),
          .user = user_,
          .environment = {{"PATH", path_of_scripts()},
                          {"TMPDIR", directory().string()}},  // ours it may not be able to enter
          .death_signal = abandon_signal_};
}

void PrivateDatabase::start() {
  const bool first = port_ == 0;
  for (int attempt = 1;; ++attempt) {
    if (first) port_ = free_port();
    server_ = std::make_unique<Process>(command(server_argv(), log().filename().string()));
    try {
      return wait_until_ready();
    } catch (const std::runtime_error&) {
      // A later start may have to wait until what a kill left of the old server has let go of its
      // memory and its locks.
      if (server_->running() || attempt == k_start_attempts) throw;
      std::this_thread::sleep_for(k_start_pause);
    }
  }
}

void PrivateDatabase::wait_until_ready() {
  const auto give_up = std::chrono::steady_clock::now() + k_start_bound;
  while (std::chrono::steady_clock::now() < give_up) {
    if (answers()) return;
    if (server_->wait_for(20ms)) break;
  }
  throw std::runtime_error(
      fmt::format("the private {} did not start: {}", title_, tail_of(log(), 3)));
}

void PrivateDatabase::stop() {
  server_->end(stop_signal_, k_stop_bound);
}

void PrivateDatabase::kill() {
  server_->end(SIGKILL, 5s);
}

void PrivateDatabase::restart() {
  if (server_->running()) stop();
  start();
}

}  // namespace boxoffice::harness
