// manifest.json as values: what was run, on what, with which settings. Everything that a figure
// must stand beside.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/json_fields.hpp"

namespace boxoffice::reports {

struct Host {
  std::int64_t cores = 0;
  std::int64_t memory_bytes = 0;
  std::string kernel;
  std::string cpu;
  std::optional<std::string> governor;
};

struct DatabaseFacts {
  std::string engine;
  std::string version;
  NamedTexts settings;
  std::string durability;
  std::string storage;
  std::string isolation;
};

/// What the database alone does with the same statements (pgbench, sysbench).
struct ReferenceLine {
  std::string name;
  std::string database;  ///< the engine, as trials call it; empty: the run has one
  std::string strategy;
  std::int64_t clients = 0;
  double per_s = 0;         ///< the median of its rounds
  std::int64_t rounds = 1;  ///< measured so often in the course of the run
  double low_per_s = 0, high_per_s = 0;
};

/// The size of a strategy's source file: the measure behind the seed's "code complexity".
struct Complexity {
  std::int64_t lines = 0;
};

/// A scenario as the run defined it. The manifest lists them in rising order of contention.
struct ScenarioFacts {
  std::string name;
  std::string summary;
  std::int64_t events = 0;  ///< that tickets are sold for; 0: not known
  std::string mix = {};     ///< "reserve 10, cancel 9", as its trials say; empty: not known

  bool only_reserves() const;
};

/// A `--threshold` and whether it held.
struct Threshold {
  std::string text;
  std::string measured;
  bool held = true;
};

struct Manifest {
  std::string run_id;
  std::string command;
  std::string started_at;
  std::optional<std::string> finished_at;
  bool interrupted = false;
  std::string broke_off;  ///< empty, or what of the environment broke before the run's end
  std::string
      harness_error;  ///< empty, or what went wrong inside the harness itself (exit code 70)
  std::uint64_t seed = 0;
  std::string git_commit;
  std::string build_type;
  std::string version;
  std::vector<std::string> argv;
  NamedTexts environment;  ///< flags that came from it and not from argv, by their long names
  std::string replay;  ///< a command that runs what failed again; empty where it is the whole run
  NamedTexts configuration;
  Host host;
  std::vector<DatabaseFacts> databases;
  std::int64_t rounds = 0;
  std::int64_t self_rounds = 0;  ///< of each self-comparison: their number is rounds / self_rounds
  bool indicative = true;

  /// The last trial may be without its end.
  bool ended_early() const { return interrupted || !broke_off.empty() || !harness_error.empty(); }
  std::vector<std::string> warnings;
  std::vector<ReferenceLine> reference;
  std::map<std::string, Complexity> complexity;  ///< by strategy
  std::vector<ScenarioFacts> scenarios;
  std::vector<Threshold> thresholds;
  std::optional<std::vector<std::string>> trials;  ///< listed_trials()
};

/// The trial directories that a finished run says it has; nothing where it was not finished, or by
/// a program that did not say. Throws DamagedRun.
std::optional<std::vector<std::string>> listed_trials(const boost::json::value& manifest,
                                                      const std::string& where);

/// Throws DamagedRun.
Manifest parse_manifest(const boost::json::value& value, const std::string& where);

}  // namespace boxoffice::reports
