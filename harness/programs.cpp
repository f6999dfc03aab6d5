// See programs.hpp.
#include "harness/programs.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

#include "harness/failure.hpp"
#include "harness/process/process.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

void run_server_command(const std::vector<std::string>& arguments,
                        const std::filesystem::path& scratch, const std::string& what) {
  Command command{.argv = {server_program(false).string()},
                  .output = scratch / (what + ".log"),
                  .directory = {},
                  .user = {},
                  .environment = {}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  try {
    run_command(command, 120s, "boxoffice-server " + what);
  } catch (const std::runtime_error& error) {
    throw EnvironmentBroke(error.what());
  }
}

}  // namespace

std::filesystem::path server_program(bool broken) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto program =
      self.parent_path() / (broken ? "boxoffice-server-broken" : "boxoffice-server");
  if (access(program.c_str(), X_OK) != 0) {
    throw UsageError(fmt::format("{} is missing beside this program: build it with 'make'",
                                 program.filename().string()));
  }
  return program;
}

void migrate_database(const std::string& url, const std::filesystem::path& scratch) {
  run_server_command({"migrate", "--database", url}, scratch, "migrate");
}

std::vector<load::User> seed_users(const std::string& url, std::int64_t users,
                                   const std::filesystem::path& scratch) {
  const auto tokens = scratch / "tokens.tsv";
  run_server_command({"seed", "--database", url, "--users", std::to_string(users), "--tokens-out",
                      tokens.string()},
                     scratch, "seed");
  return read_tokens(tokens);
}

std::vector<load::User> read_tokens(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw UsageError("cannot read tokens from " + file.string());
  std::vector<load::User> users;
  for (std::string line; std::getline(in, line);) {
    const auto tab = line.find('\t');
    try {
      if (tab == std::string::npos || tab + 1 == line.size()) throw std::invalid_argument("no tab");
      users.push_back({std::stoll(line.substr(0, tab)), line.substr(tab + 1)});
    } catch (const std::exception&) {
      throw UsageError(fmt::format("{} line {}: expected a user id, a tab, a token", file.string(),
                                   users.size() + 1));
    }
  }
  if (users.empty()) throw UsageError(file.string() + " holds no token");
  return users;
}

}  // namespace boxoffice::harness
