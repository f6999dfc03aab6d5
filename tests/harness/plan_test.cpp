// The order of trials: who meets whom, how often, and that a seed fixes it.
#include "harness/plan.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace boxoffice::harness {
namespace {

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

TEST(Plan, GivesTheSameTrafficToAllOfACell) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::set<std::uint64_t>> seeds;
  for (const TrialSpec& spec : make_plan(request_of(2))) {
    if (!spec.variant.broken) seeds[{spec.round, spec.connections}].insert(spec.seed);
  }
  for (const auto& [cell, of_cell] : seeds) EXPECT_EQ(1U, of_cell.size());
}

TEST(Plan, IsFixedByItsSeed) {
  EXPECT_EQ(order_of(make_plan(request_of(2))), order_of(make_plan(request_of(2))));
  PlanRequest other = request_of(2);
  other.seed = 8;
  EXPECT_NE(order_of(make_plan(request_of(2))), order_of(make_plan(other)));
}

}  // namespace
}  // namespace boxoffice::harness
