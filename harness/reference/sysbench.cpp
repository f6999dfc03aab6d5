// The reference line of MySQL and MariaDB: sysbench with the script reserve.lua, which is part of
// this program.
#include <fmt/format.h>
#include <unistd.h>

#include "harness/database/mysql_url.hpp"
#include "harness/database/private_database.hpp"
#include "harness/failure.hpp"
#include "harness/process/process.hpp"
#include "harness/reference.hpp"
#include "harness/run_directory.hpp"

namespace boxoffice::harness {

extern const std::vector<std::pair<std::string_view, std::string_view>> k_sysbench_scripts;

namespace {

// "    transactions:                        4711   (1570.12 per sec.)"
double parse_rate(const std::string& output) {
  const auto line = output.find("transactions:");
  const auto at = line == std::string::npos ? line : output.find('(', line);
  if (at == std::string::npos) throw EnvironmentBroke("sysbench said no rate: " + output);
  return std::stod(output.substr(at + 1));
}

std::vector<std::string> connection_flags(const MysqlUrl& url) {
  std::vector<std::string> flags = {"--db-driver=mysql", "--mysql-user=" + url.user,
                                    "--mysql-password=" + url.password, "--mysql-db=" + url.name};
  if (url.socket.empty()) {
    flags.push_back("--mysql-host=" + url.host);
    flags.push_back(fmt::format("--mysql-port={}", url.port));
  } else {
    flags.push_back("--mysql-socket=" + url.socket);
  }
  if (url.tls) flags.push_back("--mysql-ssl=on");
  return flags;
}

std::optional<std::string> find_sysbench() {
  for (const auto& directory : program_directories({"/usr/bin"})) {
    const auto program = directory / "sysbench";
    if (access(program.c_str(), X_OK) == 0) return program.string();
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> run_sysbench(const ReferenceRun& run) {
  const auto program = find_sysbench();
  if (!program) return std::nullopt;
  const auto script = run.scratch / "reserve.lua", output = run.scratch / "sysbench.log";
  std::filesystem::remove(output);
  write_file(script, std::string(k_sysbench_scripts.front().second));
  Command command{.argv = {*program, script.string()},
                  .output = output,
                  .directory = run.scratch,
                  .user = {},
                  .environment = {}};
  for (const std::string& flag : connection_flags(parse_mysql_url(run.url)))
    command.argv.push_back(flag);
  command.argv.insert(
      command.argv.end(),
      {fmt::format("--threads={}", run.clients), fmt::format("--time={}", run.seconds),
       "--events=0", fmt::format("--event={}", run.event),
       fmt::format("--first={}", run.first_user), fmt::format("--share={}", run.users_of_a_client),
       "run"});
  try {
    run_command(command, std::chrono::seconds(run.seconds + 30), "sysbench");
  } catch (const std::runtime_error& error) {
    throw EnvironmentBroke(error.what());
  }
  return parse_rate(read_file(output));
}

}  // namespace boxoffice::harness
