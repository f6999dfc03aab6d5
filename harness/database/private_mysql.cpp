// See private_mysql.hpp.
#include "harness/database/private_mysql.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <stdexcept>

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A server that runs as another user than we do must be let through to its own program.
bool open_to_all(const fs::path& path) {
  for (fs::path at = path; at != at.root_path(); at = at.parent_path()) {
    struct stat status {};
    if (stat(at.c_str(), &status) != 0 || (status.st_mode & S_IXOTH) == 0) return false;
  }
  return true;
}

// lib/<architecture>/ld-linux-*.so.*: the loader and the libraries of the release in `root`.
std::optional<fs::path> loader_in(const fs::path& root) {
  std::error_code ignored;
  for (const auto& folder : fs::directory_iterator(root / "usr/lib", ignored)) {
    if (!folder.path().filename().string().ends_with("-linux-gnu")) continue;
    for (const auto& file : fs::directory_iterator(folder.path(), ignored)) {
      if (file.path().filename().string().starts_with("ld-linux-")) return file.path();
    }
  }
  return std::nullopt;
}

MysqlProgram program_in(const fs::path& given) {
  const fs::path root = fs::absolute(given), mysqld = root / "usr/sbin/mysqld";
  if (!fs::exists(mysqld))
    throw std::runtime_error(
        fmt::format("no MySQL server in {} (usr/sbin/mysqld must be there)", given.string()));
  const auto loader = loader_in(root);
  if (!loader)
    throw std::runtime_error(
        fmt::format("no dynamic loader in {} (usr/lib/*-linux-gnu/ld-linux-*)", given.string()));
  if (geteuid() == 0 && !open_to_all(mysqld))
    throw std::runtime_error(
        fmt::format("{} cannot be reached by the unprivileged user that MySQL is run as: open the "
                    "directories above it (chmod o+x), or copy it elsewhere and say --mysql-root",
                    mysqld.string()));
  const fs::path share = root / "usr/share/mysql";
  return {
      .argv = {loader->string(), "--library-path", loader->parent_path().string(), mysqld.string()},
      .arguments = {"--basedir=" + (root / "usr").string(), "--lc-messages-dir=" + share.string(),
                    "--character-sets-dir=" + (share / "charsets").string(),
                    "--plugin-dir=" + (root / "usr/lib/mysql/plugin").string()}};
}

// MariaDB's packages install a mysqld too, mostly as another name of mariadbd.
bool is_mysql(const fs::path& program) {
  std::error_code error;
  if (fs::canonical(program, error).filename() == "mariadbd") return false;
  const TemporaryDirectory scratch(temporary_root(), "mysqld-version");
  const fs::path said = scratch.path() / "version";
  try {
    run_command({.argv = {program.string(), "--no-defaults", "--version"},
                 .output = said,
                 .directory = {},
                 .user = {},
                 .environment = {}},
                10s, "mysqld --version");
  } catch (const std::exception&) {
    return false;
  }
  return tail_of(said, 5).find("MariaDB") == std::string::npos;
}

// mysql-root beside the build directory of this program: build/release/bin -> build/mysql-root.
fs::path prepared_root() {
  std::error_code error;
  fs::path at = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (; !error && at != at.root_path(); at = at.parent_path()) {
    if (fs::exists(at / "mysql-root/usr/sbin/mysqld")) return at / "mysql-root";
  }
  return {};
}

}  // namespace

MysqlProgram find_mysql_program(const fs::path& root) {
  if (!root.empty()) return program_in(root);
  for (const fs::path& directory : program_directories({"/usr/sbin"})) {
    const fs::path program = directory / "mysqld";
    if (access(program.c_str(), X_OK) == 0 && is_mysql(program))
      return {.argv = {program.string()}, .arguments = {}};
  }
  if (const char* set = std::getenv("BOXOFFICE_MYSQL_ROOT"); set && *set) return program_in(set);
  if (const fs::path prepared = prepared_root(); !prepared.empty()) return program_in(prepared);
  throw std::runtime_error(
      "no MySQL server program (mysqld, not MariaDB's) on the PATH and no build/mysql-root: 'make "
      "mysql' prepares one, or name a root with --mysql-root or a server with --database "
      "mysql://...");
}

PrivateMysql::PrivateMysql(const PrivateDatabaseOptions& options)
    : PrivateInnodb(options, "mysql", "MySQL"), program_(find_mysql_program(options.mysql_root)) {
  initialise();
  start();
}

// With --skip-name-resolve root@localhost does not hold for TCP, so there is a root@127.0.0.1 too,
// as MariaDB's installation makes it.
void PrivateMysql::initialise() {
  const fs::path accounts = directory() / "accounts.sql";
  std::ofstream(accounts) << "CREATE USER 'root'@'127.0.0.1';\n"
                             "GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n";
  run_command(command(argv_with({"--datadir=" + data().string(), "--initialize-insecure",
                                 "--init-file=" + accounts.string()}),
                      "initialize.log"),
              60s, "mysqld --initialize");
}

// LOAD DATA and SELECT INTO OUTFILE are of no use here, and the account has no password.
std::vector<std::string> PrivateMysql::argv_with(const std::vector<std::string>& more) const {
  std::vector<std::string> argv = program_.argv;
  argv.push_back("--no-defaults");
  for (const auto* part : {&program_.arguments, &more})
    argv.insert(argv.end(), part->begin(), part->end());
  argv.insert(argv.end(), {"--secure-file-priv=NULL", "--mysqlx=OFF"});
  return argv;
}

std::vector<std::string> PrivateMysql::server_argv() const {
  return argv_with(common_settings());
}

}  // namespace boxoffice::harness
