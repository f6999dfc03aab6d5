// Orders scenarios by contention and finds their cells.
#include "reports/scenarios.hpp"

#include <algorithm>
#include <map>

#include "reports/sign_test.hpp"

namespace boxoffice::reports {
namespace {

double measured_contention(const std::vector<Cell>& cells, const std::string& scenario) {
  std::vector<double> attempts;
  for (const Cell& cell : cells) {
    if (cell.key.scenario != scenario) continue;
    for (const VariantFigures& variant : cell.variants) {
      if (variant.attempts_per_success) attempts.push_back(variant.attempts_per_success->median);
    }
  }
  return attempts.empty() ? 0 : median(attempts);
}

}  // namespace

bool is_seed_scenario(const std::string& name) {
  return name == "seed-100" || name == "seed-1000" || name == "seed-10000";
}

bool is_reads_scenario(const std::string& name) {
  return name == "reads-only";
}

std::vector<ScenarioFacts> scenarios_by_contention(const Run& run, const std::vector<Cell>& cells) {
  std::map<std::string, double> unlisted;
  for (const Cell& cell : cells) {
    unlisted[cell.key.scenario] = measured_contention(cells, cell.key.scenario);
  }
  std::vector<ScenarioFacts> ordered;
  for (const ScenarioFacts& scenario : run.manifest.scenarios) {
    if (unlisted.erase(scenario.name) > 0) ordered.push_back(scenario);
  }
  std::vector<std::pair<double, std::string>> rest;
  for (const auto& [name, contention] : unlisted) rest.emplace_back(contention, name);
  std::sort(rest.begin(), rest.end());
  for (const auto& [contention, name] : rest) ordered.push_back({.name = name, .summary = ""});
  return ordered;
}

std::vector<const Cell*> cells_of(const std::vector<Cell>& cells, const std::string& database,
                                  const std::string& scenario) {
  std::vector<const Cell*> found;  // compare_cells() has them by rising connections already
  for (const Cell& cell : cells) {
    if (cell.key.database == database && cell.key.scenario == scenario) found.push_back(&cell);
  }
  return found;
}

std::vector<std::string> databases_of(const std::vector<Cell>& cells) {
  std::vector<std::string> databases;
  for (const Cell& cell : cells) {
    if (databases.empty() || databases.back() != cell.key.database) {
      databases.push_back(cell.key.database);
    }
  }
  return databases;
}

}  // namespace boxoffice::reports
