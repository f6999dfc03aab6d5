// What the command line and the environment say, checked: flags before BOXOFFICE_SERVER_... before
// defaults. Reading it opens nothing and connects to nothing.
#pragma once

#include <optional>
#include <string>

#include "server/executor.hpp"
#include "server/log.hpp"
#include "server/server.hpp"
#include "server/units.hpp"
#include "strategies/seed.hpp"

namespace boxoffice::server {

/// sysexits.h
inline constexpr int k_exit_usage = 64;
inline constexpr int k_exit_unavailable = 69;
inline constexpr int k_exit_internal = 70;

enum class Command { serve, migrate, seed };

struct Configuration {
  Command command = Command::serve;
  std::string database;  ///< may hold a password: never printed

  std::string strategy = "pessimistic";
  ServerOptions server;
  ExecutorLimits executor;
  Duration hold = std::chrono::minutes(5);
  Duration sweep_interval = std::chrono::minutes(1);
  Duration deadline = std::chrono::seconds(5);
  Duration drain = std::chrono::seconds(10);
  Duration grace{0};
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

}  // namespace boxoffice::server
