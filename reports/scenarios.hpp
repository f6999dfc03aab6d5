// The scenarios of a run in rising order of contention: the order of the winner map, and what "low
// contention" and "this use case" of the seed's table mean.
#pragma once

#include <string>
#include <vector>

#include "reports/run_directory.hpp"
#include "reports/statistics.hpp"

namespace boxoffice::reports {

/// True of "seed-100", "seed-1000", "seed-10000": the seed's own scaling table, judged apart.
bool is_seed_scenario(const std::string& name);

/// True of "reads-only", in which the strategies do nothing: what it says is whether reads scale.
bool is_reads_scenario(const std::string& name);

/// As the manifest lists them; those that it does not list come behind, by their measured
/// contention: the median of attempts per success over all variants. Only scenarios that have
/// cells.
std::vector<ScenarioFacts> scenarios_by_contention(const Run& run, const std::vector<Cell>& cells);

/// The cells of a scenario on a database, by rising connections.
std::vector<const Cell*> cells_of(const std::vector<Cell>& cells, const std::string& database,
                                  const std::string& scenario);

std::vector<std::string> databases_of(const std::vector<Cell>& cells);

}  // namespace boxoffice::reports
