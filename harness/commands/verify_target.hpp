// `boxoffice verify --target`: the same verdict about a server that we did not start.
#pragma once

#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"

namespace boxoffice::harness {

struct TargetOptions {
  std::string target;          ///< http(s)://host:port
  std::string ca;              ///< of https: file of authorities; empty: the system's
  std::string adapter;         ///< TOML file that maps its API; empty: it speaks ours
  std::string tokens;          ///< file of user id, tab, token
  std::string audit_database;  ///< URL of the server's database, only read; empty: none
  std::vector<std::string> events;
  Duration hold = std::chrono::minutes(5);  ///< the server's own
  std::int64_t connections = 32;
  std::int64_t rate = 0;  ///< requests a second at most; 0: as fast as it answers
};

/// The flags of it, on `verify`.
void add_target_options(CLI::App& app, TargetOptions& options);

/// One trial of `time`. Returns the exit code.
int verify_target(const TargetOptions& options, const RunOptions& run, Duration time,
                  std::int64_t threads, const Context& context,
                  const std::vector<std::pair<std::string, std::string>>& configuration);

}  // namespace boxoffice::harness
