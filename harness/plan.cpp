// See plan.hpp. std::shuffle's result differs between standard libraries, so the shuffle is written
// out: a seed means the same plan everywhere.
#include "harness/plan.hpp"

#include <algorithm>
#include <random>

#include "harness/controls.hpp"

namespace boxoffice::harness {

namespace {

// Fisher and Yates, with the generator's raw numbers.
template <class T>
void shuffle(std::vector<T>& items, std::mt19937_64& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random() % i]);
}

// A row of Williams' square over `count`: 0, 1, n-1, 2, n-2, ..., each one further in each round.
// With an odd count the neighbours are balanced only together with the mirrored rows.
std::vector<std::size_t> williams_row(std::size_t count, std::size_t round) {
  std::vector<std::size_t> row(count);
  for (std::size_t i = 0; i < count; ++i)
    row[i] = ((i % 2 == 0 ? count - i / 2 : (i + 1) / 2) + round) % count;
  if (count % 2 == 1 && round / count % 2 == 1) std::ranges::reverse(row);
  return row;
}

struct Cell {
  const Scenario* scenario;
  std::int64_t connections;
  std::optional<double> rate_per_s = {};
  std::int64_t instances = 1;
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

// The least contended one. Reads alone take no lock that a server could hold.
const Scenario* scenario_for_instances(const PlanRequest& request) {
  const auto found = std::ranges::find_if(request.scenarios, [](const Scenario& scenario) {
    return scenario.metric == ScenarioMetric::goodput && !scenario.rate_per_s &&
           scenario.stages.empty() && scenario.mix.reserve > 0;
  });
  return found == request.scenarios.end() ? nullptr : &*found;
}

void add_cells(std::vector<Cell>& cells, const Scenario& scenario) {
  for (const std::int64_t connections : scenario.connections) {
    if (scenario.rates_per_s.empty()) cells.push_back({&scenario, connections});
    for (const double rate : scenario.rates_per_s) cells.push_back({&scenario, connections, rate});
  }
}

std::vector<Cell> cells_of(const PlanRequest& request) {
  std::vector<Cell> cells;
  for (const Scenario& scenario : request.scenarios) add_cells(cells, scenario);
  const Scenario* scaled = request.instances > 1 ? scenario_for_instances(request) : nullptr;
  if (scaled)
    cells.push_back({scaled, std::ranges::max(scaled->connections), {}, request.instances});
  return cells;
}

TrialSpec make_trial(const PlanRequest& request, const Cell& cell, const Contender& contender,
                     std::int64_t round, std::uint64_t seed) {
  TrialSpec spec;
  spec.round = round;
  spec.variant = contender.variant;
  spec.database = contender.database;
  spec.scenario = *cell.scenario;
  spec.scenario.rate_per_s = cell.rate_per_s;
  spec.connections = cell.connections;
  spec.threads = request.threads;
  spec.instances = cell.instances;
  // Divided, so that the database is no busier with connections of several than with those of one.
  const std::int64_t pool = std::min(cell.connections, request.pool_max);
  spec.pool = (pool + cell.instances - 1) / cell.instances;
  spec.seed = seed;
  spec.compared = true;
  return spec;
}

}  // namespace

std::vector<TrialSpec> make_plan(const PlanRequest& request) {
  std::mt19937_64 random(request.seed);
  std::vector<Contender> order = on_each_database(request.variants, request.databases);
  shuffle(order, random);
  std::vector<Cell> cells = cells_of(request);
  const auto control_scenario =
      std::ranges::find(request.scenarios, request.control_scenario, &Scenario::name);
  std::vector<TrialSpec> plan;
  for (std::int64_t round = 1; round <= request.rounds; ++round) {
    shuffle(cells, random);
    for (const Cell& cell : cells) {
      for (const std::size_t place :
           williams_row(order.size(), static_cast<std::size_t>(round - 1))) {
        const Contender& next = order[place];
        if (cell.instances > 1 && !std::ranges::count(request.on_instances, next.variant.name))
          continue;
        // One seed for the whole cell and round: its contenders meet the same traffic.
        const std::uint64_t seed = request.seed * 1'000'003 + static_cast<std::uint64_t>(round);
        plan.push_back(make_trial(request, cell, next, round, seed));
      }
    }
    for (const Contender& control : on_each_database(request.controls, request.databases)) {
      if (control_scenario == request.scenarios.end()) break;
      const Control* known = find_control(control.variant.name);
      const Cell cell{&*control_scenario, control_scenario->connections.back(),
                      control_scenario->rate_per_s, known ? known->instances : 1};
      plan.push_back(make_trial(request, cell, control, round,
                                request.seed + static_cast<std::uint64_t>(round)));
    }
  }
  for (std::size_t i = 0; i < plan.size(); ++i) plan[i].index = static_cast<std::int64_t>(i) + 1;
  return plan;
}

}  // namespace boxoffice::harness
