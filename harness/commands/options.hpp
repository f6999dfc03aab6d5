// Flags that several commands share, each also an environment variable BOXOFFICE_<FLAG> and a key
// of --config.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "harness/database/test_database.hpp"
#include "harness/units.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace boxoffice::harness {

struct Context;  // commands.hpp

/// --seed, -o/--output, --quiet.
struct RunOptions {
  std::uint64_t seed = 0;  ///< drawn at random and printed where it is not given
  std::filesystem::path output = "runs";
  bool quiet = false;
};

void add_run_options(CLI::App& app, RunOptions& options);
/// Of those, without --output: for a command that prints its figures and stores no run.
void add_measurement_options(CLI::App& app, RunOptions& options);
/// --database, --durability, --storage, --postgresql-bin, --mysql-root.
void add_database_options(CLI::App& app, DatabaseChoice& choice);

/// One option whose text is a duration / a count; a mistake names the flag.
CLI::Option* add_duration(CLI::App& app, const std::string& flags, Duration& value,
                          const std::string& help);
CLI::Option* add_count(CLI::App& app, const std::string& flags, std::int64_t& value,
                       std::int64_t least, const std::string& help);
/// A share: "15%", "0.15", or as a bound "<15%".
CLI::Option* add_share(CLI::App& app, const std::string& flags, double& value,
                       const std::string& help);
/// Comma-separated texts.
CLI::Option* add_list(CLI::App& app, const std::string& flags, std::vector<std::string>& values,
                      const std::string& help);

/// Throws UsageError, "FLAG: WHY", where one of these flags was typed or is a key of --config. The
/// environment may hold what another command needs: it is left out of the context's.
void refuse_flags(const CLI::App& app, Context& context, std::initializer_list<const char*> flags,
                  const std::string& why);

/// Draws the seed where none was given.
void settle_seed(RunOptions& options);

/// The effective configuration: each option with its value, given or default.
std::vector<std::pair<std::string, std::string>> configuration_of(const CLI::App& app);

/// Of the options that `argv` does not have, those that the environment gave, with their texts:
/// whoever repeats the command elsewhere has to type them. Flags without a value are left out, and
/// so is the seed.
std::vector<std::pair<std::string, std::string>> given_by_environment(
    const CLI::App& app, const std::vector<std::string>& argv);

/// True where stdout is a terminal and NO_COLOR is not set.
bool colour_wanted();

}  // namespace boxoffice::harness
