// See plan.hpp. std::shuffle's result differs between standard libraries, so the shuffle is written
// out: a seed means the same plan everywhere.
#include "harness/plan.hpp"

#include <algorithm>
#include <random>

namespace boxoffice::harness {

namespace {

// Fisher and Yates, with the generator's raw numbers.
template <class T>
void shuffle(std::vector<T>& items, std::mt19937_64& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random() % i]);
}

struct Cell {
  const Scenario* scenario;
  std::int64_t connections;
};

// What is compared: a variant, on one of the run's databases.
struct Contender {
  Variant variant;
  std::size_t database;
};

std::vector<Contender> on_each_database(const std::vector<Variant>& variants,
                                        std::size_t databases) {
  std::vector<Contender> contenders;
  for (std::size_t database = 0; database < databases; ++database) {
    for (const Variant& variant : variants) contenders.push_back({variant, database});
  }
  return contenders;
}

TrialSpec make_trial(const PlanRequest& request, const Cell& cell, const Contender& contender,
                     std::int64_t round, std::uint64_t seed) {
  TrialSpec spec;
  spec.round = round;
  spec.variant = contender.variant;
  spec.database = contender.database;
  spec.scenario = *cell.scenario;
  spec.connections = cell.connections;
  spec.threads = request.threads;
  spec.pool = std::min(cell.connections, request.pool_max);
  spec.seed = seed;
  return spec;
}

}  // namespace

std::vector<TrialSpec> make_plan(const PlanRequest& request) {
  std::mt19937_64 random(request.seed);
  std::vector<Contender> order = on_each_database(request.variants, request.databases);
  shuffle(order, random);
  std::vector<Cell> cells;
  const Scenario* control_scenario = nullptr;
  for (const Scenario& scenario : request.scenarios) {
    for (const std::int64_t connections : scenario.connections)
      cells.push_back({&scenario, connections});
    if (scenario.name == request.control_scenario) control_scenario = &scenario;
  }
  std::vector<TrialSpec> plan;
  for (std::int64_t round = 1; round <= request.rounds; ++round) {
    shuffle(cells, random);
    for (const Cell& cell : cells) {
      for (std::size_t i = 0; i < order.size(); ++i) {
        const Contender& next = order[(i + static_cast<std::size_t>(round)) % order.size()];
        // One seed for the whole cell and round: its contenders meet the same traffic.
        const std::uint64_t seed = request.seed * 1'000'003 + static_cast<std::uint64_t>(round);
        plan.push_back(make_trial(request, cell, next, round, seed));
      }
    }
    for (const Contender& control : on_each_database(request.controls, request.databases)) {
      if (!control_scenario) break;
      const Cell cell{control_scenario, control_scenario->connections.back()};
      plan.push_back(make_trial(request, cell, control, round,
                                request.seed + static_cast<std::uint64_t>(round)));
    }
  }
  for (std::size_t i = 0; i < plan.size(); ++i) plan[i].index = static_cast<std::int64_t>(i) + 1;
  return plan;
}

}  // namespace boxoffice::harness
