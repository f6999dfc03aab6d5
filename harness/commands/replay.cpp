// See replay.hpp.
#include "harness/commands/replay.hpp"

#include <fmt/format.h>

#include "harness/database/sql.hpp"
#include "reports/replay.hpp"

namespace boxoffice::harness {

std::string replay_command(const Replay& replay, const DatabaseChoice& database) {
  using reports::shell_word;
  const DatabaseChoice usual;
  std::string command =
      fmt::format("boxoffice verify --strategy {} --scenarios {} --seed {} --time 0s",
                  replay.strategy, shell_word(replay.scenario), replay.seed);
  if (dialect_of(database.database))
    command += " --database \"$BOXOFFICE_DATABASE\"";
  else if (database.database != usual.database)
    command += " --database " + database.database;
  if (!database.postgresql_binaries.empty())
    command += " --postgresql-bin " + shell_word(database.postgresql_binaries.string());
  if (!database.mysql_root.empty())
    command += " --mysql-root " + shell_word(database.mysql_root.string());
  if (database.durability != usual.durability) command += " --durability relaxed";
  if (database.storage != usual.storage) command += " --storage memory";
  if (replay.pool != k_verify_pool) command += fmt::format(" --pool {}", replay.pool);
  if (replay.threads != k_verify_threads) command += fmt::format(" -t {}", replay.threads);
  if (replay.instances != 1) command += fmt::format(" --instances {}", replay.instances);
  if (!replay.fault.empty()) command += " --faults " + replay.fault;
  return command;
}

}  // namespace boxoffice::harness
