// What the server was told, checked: defaults under a TOML file under the environment under flags.
// Reading it opens no port and connects to nothing.
//
// Each setting is described once (settings.cpp) and read by that description from all three. The
// sources stay with the configuration, so that SIGHUP can read them again (reload.hpp).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/executor.hpp"
#include "server/limits.hpp"
#include "server/log.hpp"
#include "server/server.hpp"
#include "server/units.hpp"
#include "strategies/seed.hpp"

namespace boxoffice::server {

/// sysexits.h
inline constexpr int k_exit_usage = 64;
inline constexpr int k_exit_unavailable = 69;
inline constexpr int k_exit_internal = 70;

enum class Command { serve, migrate, show_migrations, seed, check_config, print_config };

/// Where a configuration was read from, beside the environment.
struct Sources {
  Command command = Command::serve;
  std::string file;  ///< of --config; empty: none
  /// Setting's key and text of each flag, in their order.
  std::vector<std::pair<std::string, std::string>> flags;
};

struct Configuration {
  Sources sources;
  std::string database;       ///< may hold a password: never printed
  std::string database_file;  ///< that `database` was read from; empty: none

  std::string strategy = "pessimistic";
  ServerOptions server;
  TlsFiles tls;  ///< of the public port
  ExecutorLimits executor;
  Duration hold = std::chrono::minutes(5);
  Duration sweep_interval = std::chrono::minutes(1);
  Duration deadline = std::chrono::seconds(5);
  Duration slow_transaction = std::chrono::seconds(1);
  Duration drain = std::chrono::seconds(10);
  Duration grace{0};
  Duration event_cache{0};
  std::string replica_database;       ///< empty: none; may hold a password
  std::string replica_database_file;  ///< that `replica_database` was read from; empty: none
  Duration replica_lag = std::chrono::seconds(5);
  int replica_pool = 4;
  RateLimits limits;
  std::string trusted_proxies;  ///< as it was written
  Duration token_lifetime = std::chrono::hours(24 * 30);
  Duration token_use_interval = std::chrono::minutes(1);
  int password_threads = 2;
  log::Level log_level = log::Level::info;
  std::string log_file;
  std::string port_file;
  bool exit_with_parent = false;

  strategies::SeedPlan seed;
  std::string tokens_out;
  std::string events_out;
};

/// The configuration, or the exit code of a program that is already done: --help, --version, or a
/// mistake, of which it says so in one line on stderr.
struct CommandLine {
  std::optional<Configuration> configuration;
  int exit_code = 0;
};
CommandLine read_command_line(int argc, const char* const* argv);

/// Reads file, environment and database_file now. Throws ConfigurationError, which says where the
/// mistake stands.
Configuration read_configuration(const Sources& sources);

}  // namespace boxoffice::server
