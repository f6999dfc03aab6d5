// How long the search for an order takes (H6): many events, each with a few clients at once.
//
// The runs are the tests' simulator's: cancels, purchases, expiries, replies that were lost,
// clients that share users. The less the replies say, the more orders there are to try: `said` is 2
// where each carries the available tickets and the version, 1 without versions, 0 where only reads
// say how many tickets there are. `audit` is 0 where the database was not asked; then an expiry
// that an order needs leaves the event undecided.
#include <benchmark/benchmark.h>

#include "properties/invariants/invariants.hpp"
#include "tests/properties/simulator.hpp"

namespace boxoffice::properties {
namespace {

using simulation::Plan;
using simulation::Simulated;

Simulated run_of(std::uint64_t seed, int clients, int operations, int said) {
  Plan plan;
  plan.seed = seed;
  plan.events = 1;
  plan.clients = clients;
  plan.users = 4 * clients;
  plan.operations = operations;
  plan.tickets = 20;
  plan.hold_us = 100;
  plan.lost_percent = 2;
  Simulated run = simulation::simulate(plan);
  run.history.header.versions = said == 2;
  for (Entry& entry : run.history.entries) {
    if (said < 2) entry.out.version.reset();
    if (said < 1 && entry.f != Function::read) entry.out.available.reset();
  }
  return run;
}

/// The last read saw a ticket too many or too few, so that every order has to be tried.
void corrupt(Simulated& run) {
  for (auto entry = run.history.entries.rbegin(); entry != run.history.entries.rend(); ++entry) {
    if (entry->f != Function::read || entry->type != EntryType::ok) continue;
    *entry->out.available += *entry->out.available == 0 ? 1 : -1;
    return;
  }
}

void find_orders(benchmark::State& state) {
  const auto events = static_cast<std::uint64_t>(state.range(0));
  std::vector<Simulated> simulated;
  for (std::uint64_t seed = 1; seed <= events; ++seed) {
    simulated.push_back(run_of(seed, static_cast<int>(state.range(2)),
                               static_cast<int>(state.range(1)), static_cast<int>(state.range(3))));
  }
  const bool correct = state.range(5) == 0;
  for (Simulated& run : simulated) {
    if (!correct) corrupt(run);
  }
  std::int64_t undecided = 0, violations = 0;
  for (auto _ : state) {
    undecided = violations = 0;
    for (const Simulated& run : simulated) {
      PairedHistory paired = pair_entries(run.history);
      const Audit* audit = state.range(4) != 0 ? &run.audit : nullptr;
      const Run joined = join(run.history, audit, std::move(paired.operations));
      const Findings findings = check_h6_linearizability(joined, {}, false);
      undecided += findings.check().outcome == Outcome::unknown;
      violations += findings.check().outcome == Outcome::violation;
    }
    if (correct && violations > 0) state.SkipWithError("a correct run was rejected");
  }
  state.counters["violations"] = static_cast<double>(violations);
  state.counters["undecided"] = static_cast<double>(undecided);
  state.SetItemsProcessed(state.iterations() * state.range(0) * state.range(1));
}
BENCHMARK(find_orders)
    ->ArgNames({"events", "operations", "clients", "said", "audit", "corrupt"})
    ->Args({200, 500, 8, 2, 1, 0})
    ->Args({200, 500, 8, 1, 1, 0})
    ->Args({200, 500, 8, 0, 1, 0})
    ->Args({200, 500, 8, 1, 0, 0})
    ->Args({200, 500, 8, 1, 1, 1})
    ->Args({200, 500, 8, 0, 1, 1})
    ->Args({20, 500, 16, 0, 1, 0})
    ->Args({1, 20'000, 8, 1, 1, 0})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace boxoffice::properties
