// What a search ends with: its measurements, the rate that was found, and what both are worth.
#pragma once

#include <string>
#include <vector>

#include "harness/rate_search.hpp"
#include "harness/run_directory.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::harness {

/// One measurement, and whether its rate met every objective.
struct Probe {
  double rate_per_s = 0;
  std::int64_t repeat = 1;
  bool met = false;
  std::string why = {};  ///< what was missed first, or what was measured
  properties::Outcome verdict = properties::Outcome::unknown;
  bool figure_valid = true;
};

struct SearchResult {
  std::vector<std::string> objectives;
  std::vector<Probe> probes;
  FoundRate found;
  double least_per_s = 1;     ///< no lower rate was to be tried
  bool judged = true;         ///< false: plain GETs, which have no verdict
  bool clients_view = false;  ///< nobody read the server's database
  bool limited_by_generator = false;
  bool interrupted = false;
  bool broke_off = false;

  /// The worst verdict of the measurements; pass where there is none.
  properties::Outcome verdict() const;
};

/// As in failure.hpp: a rate whose verdict is unknown was found, but is no answer.
int exit_code(const SearchResult& result);

/// search.json of the run directory. Throws EnvironmentBroke where it cannot be written.
void write_result(const SearchResult& result, const RunDirectory& directory);

void print_result(const SearchResult& result, const RunDirectory& directory);

}  // namespace boxoffice::harness
