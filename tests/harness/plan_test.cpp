// The order of trials: who meets whom, how often, and that a seed fixes it; how long a trial's load
// is.
#include "harness/plan.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/comparison.hpp"
#include "harness/faults/fault.hpp"
#include "harness/trial.hpp"

namespace boxoffice::harness {
namespace {

using namespace std::chrono_literals;

PlanRequest request_of(std::size_t databases) {
  PlanRequest request;
  Scenario scenario;
  scenario.name = "hot-event";
  scenario.connections = {8, 64};
  request.scenarios = {scenario};
  request.variants = {variant_named("pessimistic"), variant_named("atomic")};
  request.controls = {variant_named("naive")};
  request.control_scenario = "hot-event";
  request.databases = databases;
  request.rounds = 4;
  request.seed = 7;
  return request;
}

std::vector<std::string> order_of(const std::vector<TrialSpec>& plan) {
  std::vector<std::string> order;
  for (const TrialSpec& spec : plan) {
    order.push_back(spec.directory_name(std::to_string(spec.database)) + " r" +
                    std::to_string(spec.round));
  }
  return order;
}

TEST(Plan, HasEveryContenderOnceARoundAndCellOnEachDatabase) {
  const auto order = order_of(make_plan(request_of(3)));
  const std::set<std::string> different(order.begin(), order.end());
  EXPECT_EQ(order.size(), different.size());
  EXPECT_EQ(4U * (2 * 2 * 3 + 3),
            order.size());  // rounds * (cells * variants * engines + controls)
}

TEST(Plan, OfOneDatabaseStaysOnIt) {
  for (const TrialSpec& spec : make_plan(request_of(1))) EXPECT_EQ(0U, spec.database);
}

TEST(Plan, PutsEachEngineFirstInTurn) {
  std::set<std::size_t> first;
  std::int64_t round = 0;
  for (const TrialSpec& spec : make_plan(request_of(2))) {
    if (spec.round != round) first.insert(spec.database);
    round = spec.round;
  }
  EXPECT_EQ(2U, first.size());
}

/// How often each variant follows each other one within a cell, and is in each place.
struct Neighbours {
  std::map<std::pair<std::string, std::string>, int> follows;
  std::map<std::pair<std::string, std::size_t>, int> places;

  explicit Neighbours(const std::vector<TrialSpec>& plan) {
    std::size_t place = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const bool same_cell = i > 0 && plan[i].round == plan[i - 1].round &&
                             plan[i].connections == plan[i - 1].connections;
      place = same_cell ? place + 1 : 0;
      ++places[{plan[i].variant.name, place}];
      if (same_cell) ++follows[{plan[i - 1].variant.name, plan[i].variant.name}];
    }
  }
};

TEST(Plan, NobodyAlwaysFollowsTheSameNeighbour) {
  const std::vector<std::string> names = {"pessimistic", "atomic", "optimistic",
                                          "pessimistic+admission", "atomic+admission"};
  for (std::size_t count = 2; count <= names.size(); ++count) {
    PlanRequest request = request_of(1);
    request.controls.clear();
    request.variants.clear();
    for (std::size_t i = 0; i < count; ++i) request.variants.push_back(variant_named(names[i]));
    const int rounds = static_cast<int>(count % 2 == 0 ? count : 2 * count);
    request.rounds = rounds;
    const Neighbours met(make_plan(request));
    const int cells = 2, squares = rounds / static_cast<int>(count);
    EXPECT_EQ(count * (count - 1), met.follows.size()) << count;
    for (const auto& [pair, times] : met.follows)
      EXPECT_EQ(cells * squares, times) << pair.first << " before " << pair.second;
    EXPECT_EQ(count * count, met.places.size());
    for (const auto& [at, times] : met.places) EXPECT_EQ(cells * squares, times) << at.first;
  }
}

TEST(Plan, GivesTheSameTrafficToAllOfACell) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::set<std::uint64_t>> seeds;
  for (const TrialSpec& spec : make_plan(request_of(2))) {
    if (!spec.variant.broken) seeds[{spec.round, spec.connections}].insert(spec.seed);
  }
  for (const auto& [cell, of_cell] : seeds) EXPECT_EQ(1U, of_cell.size());
}

/// Two strategies of which one is to run on two servers, in the scenario that rises last but one.
PlanRequest scaled_request() {
  PlanRequest request = request_of(1);
  Scenario calm = request.scenarios.front(), rush = calm;
  calm.name = "many-events";
  rush.name = "few-hot-tickets";
  rush.metric = ScenarioMetric::time_to_sell_out;
  request.scenarios = {rush, calm, request.scenarios.front()};
  request.variants.push_back(variant_named("atomic+admission"));
  request.instances = 2;
  request.on_instances = {"atomic"};
  return request;
}

TEST(Plan, OnSeveralServersIsOneCellMoreOfThoseThatAreNamed) {
  const auto plan = make_plan(scaled_request());
  std::map<std::int64_t, std::int64_t> rounds;
  for (const TrialSpec& spec : plan) {
    if (spec.instances == 1) continue;
    ++rounds[spec.round];
    EXPECT_EQ(2, spec.instances);
    EXPECT_EQ("atomic", spec.variant.name);
    EXPECT_EQ("many-events", spec.scenario.name) << "goodput is what counts there, not a sell-out";
    EXPECT_EQ(64, spec.connections);
    EXPECT_EQ(32, spec.pool) << "the database sees as many connections as from one";
    EXPECT_EQ("x-atomic-many-events-c64-i2", spec.directory_name("x"));
    const bool paired = std::ranges::any_of(plan, [&](const TrialSpec& other) {
      return other.instances == 1 && other.round == spec.round && other.seed == spec.seed &&
             other.pool == 64 && other.variant.name == "atomic" && other.connections == 64 &&
             other.scenario.name == spec.scenario.name;
    });
    EXPECT_TRUE(paired) << "nothing to hold it against";
  }
  EXPECT_EQ((std::map<std::int64_t, std::int64_t>{{1, 1}, {2, 1}, {3, 1}, {4, 1}}), rounds);
}

TEST(Plan, AControlThatTakesSeveralServersHasThem) {
  PlanRequest request = request_of(1);
  request.controls = {variant_named("naive"), variant_named("locks_in_memory")};
  for (const TrialSpec& spec : make_plan(request))
    EXPECT_EQ(spec.variant.name == "locks_in_memory" ? 2 : 1, spec.instances) << spec.variant.name;
}

TEST(Plan, ARateIsACellLikeANumberOfConnections) {
  PlanRequest request = request_of(1);
  request.scenarios.front().rates_per_s = {100, 250.5};
  request.scenarios.front().rate_per_s = 250.5;
  std::map<std::string, std::set<double>> rates;
  const auto plan = make_plan(request);
  for (const TrialSpec& spec : plan) {
    if (spec.round > 1) break;
    rates[spec.variant.name + " " + std::to_string(spec.connections)].insert(
        spec.scenario.rate_per_s.value_or(0));
  }
  const std::set<double> both = {100, 250.5};
  EXPECT_EQ((std::map<std::string, std::set<double>>{{"atomic 64", both},
                                                     {"atomic 8", both},
                                                     {"naive 64", {250.5}},
                                                     {"pessimistic 64", both},
                                                     {"pessimistic 8", both}}),
            rates);
  const auto order = order_of(plan);
  EXPECT_EQ(order.size(), std::set<std::string>(order.begin(), order.end()).size());
  EXPECT_EQ(1, std::ranges::count(order, "0-atomic-hot-event-c8-r250.5 r1"));
}

TEST(Plan, FewRoundsIndicateWithOneStrategyWhetherServersScale) {
  CompareOptions options;
  EXPECT_EQ(std::vector<std::string>{"pessimistic"}, plan_request(options, 1).on_instances);
  options.rounds = 7;
  EXPECT_EQ(std::vector<std::string>{"pessimistic"}, plan_request(options, 1).on_instances)
      << "of four strategies, 7 rounds decide nothing";
  options.rounds = 8;
  EXPECT_EQ((std::vector<std::string>{"pessimistic", "optimistic", "atomic"}),
            plan_request(options, 1).on_instances);
  EXPECT_EQ(2, plan_request(options, 1).instances);
  options.self = true;
  EXPECT_EQ(1, plan_request(options, 1).instances) << "of one variant against itself";
}

TEST(Plan, IsIndicativeByTheRoundsOfAllThatMayWin) {
  const auto indicative = [](const std::vector<std::string>& strategies, std::int64_t rounds,
                             bool self, std::int64_t repeat) {
    CompareOptions options;
    options.strategies = strategies;
    options.rounds = rounds;
    options.self = self;
    options.repeat = repeat;
    return is_indicative(plan_request(options, 1));
  };
  const std::vector<std::string> three = {"pessimistic", "optimistic", "atomic"};
  EXPECT_TRUE(indicative(three, 6, false, 1));
  EXPECT_FALSE(indicative(three, 7, false, 1));
  EXPECT_FALSE(indicative(three, 7, true, 1)) << "the twin is no fourth variant";
  EXPECT_TRUE(indicative({"atomic"}, 3, true, 1));
  EXPECT_FALSE(indicative({"atomic"}, 3, true, 40)) << "120 rounds";
}

TEST(Plan, WarnsOfRoundsThatDoNotBalanceTheOrder) {
  const auto warning = [](std::int64_t rounds, std::size_t databases, bool self = false) {
    CompareOptions options;
    options.rounds = rounds;
    options.self = self;
    if (self) options.strategies = {"atomic"};
    return uneven_order(options, plan_request(options, databases));
  };
  EXPECT_EQ("", warning(8, 1));
  EXPECT_EQ("", warning(12, 3));
  EXPECT_EQ(
      "8 rounds are no multiple of 12, as 4 variants on 3 databases need: some ran earlier in a "
      "round, or behind a certain other, more often than others",
      warning(8, 3));
  EXPECT_THAT(warning(9, 1), testing::HasSubstr("9 rounds are no multiple of 4, as 4 variants"));
  EXPECT_EQ("", warning(3, 1)) << "3 rounds conclude nothing";
  EXPECT_EQ("", warning(12, 1, true));
  EXPECT_THAT(warning(7, 1, true), testing::HasSubstr("no multiple of 2, as 2 variants"));
  CompareOptions odd;
  odd.strategies = {"pessimistic", "optimistic", "atomic"};
  odd.rounds = 9;
  EXPECT_THAT(uneven_order(odd, plan_request(odd, 1)), testing::HasSubstr("no multiple of 6"))
      << "each follows each other equally often over twice as many rounds";
}

TEST(Plan, OrdersScenariosByContentionHoweverTheyAreNamed) {
  const auto ordered = [](const std::vector<std::string>& named) {
    CompareOptions options;
    options.scenarios = named;
    std::vector<std::string> names;
    for (const Scenario& scenario : plan_request(options, 1).scenarios)
      names.push_back(scenario.name);
    return names;
  };
  const CompareOptions defaults;
  EXPECT_EQ(defaults.scenarios, ordered(defaults.scenarios));
  EXPECT_EQ(defaults.scenarios, ordered({"few-hot-tickets", "hot-event", "many-events"}));
  EXPECT_EQ((std::vector<std::string>{"reads-only", "many-events", "on-sale-rush", "hot-among-many",
                                      "hot-event", "cancel-storm", "seed-100", "seed-1000"}),
            ordered({"hot-event", "seed-100", "cancel-storm", "seed-1000", "hot-among-many",
                     "on-sale-rush", "many-events", "reads-only"}));
}

TEST(Plan, RunsItsControlsWhereContentionIsGreatest) {
  CompareOptions options;
  options.scenarios = {"reads-only", "many-events", "seed-100", "seed-1000"};
  EXPECT_EQ("seed-100", plan_request(options, 1).control_scenario);
  options.scenarios.push_back("hot-event");
  EXPECT_EQ("hot-event", plan_request(options, 1).control_scenario);
}

TEST(Plan, IsFixedByItsSeed) {
  EXPECT_EQ(order_of(make_plan(request_of(2))), order_of(make_plan(request_of(2))));
  PlanRequest other = request_of(2);
  other.seed = 8;
  EXPECT_NE(order_of(make_plan(request_of(2))), order_of(make_plan(other)));
}

std::vector<std::int64_t> loads_of_the_hot_event(bool full, std::vector<std::string> given = {}) {
  CompareOptions options;
  options.scenarios = {"reads-only", "hot-event"};
  options.full = full;
  options.connections = std::move(given);
  for (const Scenario& scenario : plan_request(options, 1).scenarios) {
    if (scenario.name == "hot-event") return scenario.connections;
  }
  return {};
}

TEST(FullRun, MeasuresTheHotEventWhereReadsAreMeasuredToo) {
  EXPECT_EQ(loads_of_the_hot_event(false), (std::vector<std::int64_t>{8, 64}));
  EXPECT_EQ(loads_of_the_hot_event(true), (std::vector<std::int64_t>{2, 8, 64}));
  EXPECT_EQ(loads_of_the_hot_event(true, {"16"}), std::vector<std::int64_t>{16});
}

load::LoadPlan load_of(const TrialSpec& spec) {
  return load_plan(spec, {"unix:/socket"}, {}, {1}, "history.jsonl");
}

TEST(LoadOfATrial, OutlastsItsScenarioWhereAVerdictWantsMore) {
  TrialSpec spec;
  spec.scenario.duration = 2s;
  EXPECT_EQ(2s, load_of(spec).window_max());
  spec.operations_min = 100;
  const load::LoadPlan plan = load_of(spec);
  EXPECT_EQ(2s, plan.duration);
  EXPECT_EQ(20s, plan.window_max());
  load::Progress seen;
  seen.outcomes[load::Outcome::success] = 60;
  seen.outcomes[load::Outcome::sold_out] = 39;
  EXPECT_FALSE(plan.enough(seen));
  ++seen.outcomes[load::Outcome::sold_out];
  EXPECT_TRUE(plan.enough(seen));
}

TEST(LoadOfATrial, NobodyIsSentAwayBeforeItEnds) {
  TrialSpec spec;
  spec.scenario.duration = 20s;
  EXPECT_GT(load_of(spec).timeout, 20s) << "who comes first and is served last waits so long";
  EXPECT_GE(load_of(spec).drain_timeout, load_of(spec).timeout);
  spec.operations_min = 100;
  EXPECT_GT(load_of(spec).timeout, load_of(spec).window_max());
  spec.scenario.duration = 100ms;
  EXPECT_EQ(load_of(spec).timeout, 10s);
}

TEST(LoadOfATrial, WithAFaultHasTimeForIt) {
  TrialSpec spec;
  spec.scenario.duration = 2s;
  spec.scenario.mix.purchase = 1;
  spec.fault = draw_fault(FaultKind::kill_server, 1);
  const load::LoadPlan plan = load_of(spec);
  EXPECT_EQ(load_with(FaultKind::kill_server), plan.duration);
  EXPECT_EQ(k_load_with_fault_max, plan.duration_max);
  EXPECT_LT(plan.mix.purchase, 1) << "some tickets are left when it is healed";
}

}  // namespace
}  // namespace boxoffice::harness
