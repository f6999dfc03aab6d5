// The commands of the program `boxoffice`. Each file here adds one: its flags, and what it does
// once they are parsed.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace CLI {  // its header costs seconds in each file that includes it
class App;
}

namespace boxoffice::harness {

/// What a command is run with, beside its own flags.
struct Context {
  std::stop_token stop;
  std::vector<std::string> argv;
  /// Flags that came from BOXOFFICE_<FLAG>, by their long names; see given_by_environment().
  std::vector<std::pair<std::string, std::string>> environment = {};
};

/// Does the work; returns the exit code. Throws UsageError, EnvironmentBroke, Interrupted.
using Work = std::function<int(const Context&)>;

/// Each registers its subcommand on `app`; when it is the one that was typed, `work` becomes its
/// work.
void add_compare(CLI::App& app, Work& work);
void add_verify(CLI::App& app, Work& work);
void add_load(CLI::App& app, Work& work);
void add_merge(CLI::App& app, Work& work);
void add_analyze(CLI::App& app, Work& work);
void add_report(CLI::App& app, Work& work);
void add_database(CLI::App& app, Work& work);
void add_selftest(CLI::App& app, Work& work);
void add_diff(CLI::App& app, Work& work);
void add_search(CLI::App& app, Work& work);
void add_floor(CLI::App& app, Work& work);
void add_floor_server(CLI::App& app, Work& work);
void add_floor_idle(CLI::App& app, Work& work);
void add_overload(CLI::App& app, Work& work);

}  // namespace boxoffice::harness
