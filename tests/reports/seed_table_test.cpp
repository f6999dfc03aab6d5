// The seed's claims against synthetic figures whose judgement follows from the stated rules.
#include "reports/seed_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/scenarios.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;

std::vector<SeedRow> table_of(const SyntheticRun& run) {
  const reports::Run read = read_run(run.write());
  return seed_table(read, summarize(read), "postgresql");
}

Judgement judgement(const std::vector<SeedRow>& table, const std::string& aspect,
                    const std::string& strategy) {
  for (const SeedRow& row : table) {
    for (const SeedCell& cell : row.cells) {
      if (row.aspect == aspect && cell.strategy == strategy) return cell.judgement;
    }
  }
  throw std::out_of_range(aspect);
}

/// Optimistic `optimistic` times as fast as the others, in both scenarios.
void add_all(SyntheticRun& run, double optimistic_spread, double optimistic_hot) {
  run.add("pessimistic", "spread", 16, 1000);
  run.add("atomic", "spread", 16, 1000);
  run.add("optimistic", "spread", 16, 1000 * optimistic_spread);
  run.add("pessimistic", "hot", 16, 900);
  run.add("atomic", "hot", 16, 1100);
  run.add("optimistic", "hot", 16, 900 * optimistic_hot);
}

TEST(SeedTable, throughput_is_confirmed_refuted_or_depends) {
  SyntheticRun confirming(12);
  add_all(confirming, 1.5, 1.5);
  EXPECT_EQ(judgement(table_of(confirming), "Throughput", "optimistic"), Judgement::confirms);
  EXPECT_EQ(judgement(table_of(confirming), "Throughput", "atomic"), Judgement::confirms);
  SyntheticRun refuting(12);
  add_all(refuting, 0.5, 0.5);
  EXPECT_EQ(judgement(table_of(refuting), "Throughput", "optimistic"), Judgement::refutes);
  SyntheticRun mixed(12);
  add_all(mixed, 1.5, 0.5);
  EXPECT_EQ(judgement(table_of(mixed), "Throughput", "optimistic"), Judgement::depends);
}

/// Where all keep up with what is offered it is the schedule that is measured.
TEST(SeedTable, an_open_loop_says_nothing_of_throughput_or_contention) {
  SyntheticRun run(12);
  add_all(run, 1.5, 1.5);
  const auto closed = table_of(run);
  for (const char* strategy : {"pessimistic", "optimistic", "atomic"}) run.add_rates(strategy);
  const auto with_rates = table_of(run);
  for (std::size_t row = 0; row < closed.size(); ++row) {
    const std::string& aspect = closed[row].aspect;
    if (aspect == "Consistency" || aspect == "Deadlock risk") continue;  // of every trial
    for (std::size_t i = 0; i < closed[row].cells.size(); ++i)
      EXPECT_EQ(closed[row].cells[i].measured, with_rates[row].cells[i].measured) << aspect;
  }
}

TEST(SeedTable, three_rounds_judge_no_performance_claim) {
  SyntheticRun run(3);
  add_all(run, 1.5, 0.5);
  run.add_control(true);
  const auto table = table_of(run);
  EXPECT_EQ(judgement(table, "Throughput", "optimistic"), Judgement::indicative);
  EXPECT_EQ(judgement(table, "Contention handling", "pessimistic"), Judgement::indicative);
  EXPECT_EQ(judgement(table, "Best for", "pessimistic"), Judgement::indicative);
  EXPECT_EQ(judgement(table, "Consistency", "pessimistic"), Judgement::confirms);
}

TEST(SeedTable, best_for_asks_the_most_and_the_least_contended_scenario) {
  SyntheticRun run(12);
  add_all(run, 1.5, 0.5);
  const auto table = table_of(run);
  EXPECT_EQ(judgement(table, "Best for", "pessimistic"), Judgement::refutes);  // atomic is faster
  EXPECT_EQ(judgement(table, "Best for", "optimistic"), Judgement::confirms);
}

/// The one-event scenario: "hot" in the synthetic manifest.
TEST(SeedTable, atomic_is_best_for_simple_counters_where_it_is_fastest_on_one_event) {
  const auto judged = [](double atomic_hot, double atomic_spread) {
    SyntheticRun run(12);
    for (const char* other : {"pessimistic", "optimistic"}) {
      run.add(other, "hot", 16, 1000);
      run.add(other, "hot", 64, 1000);
      run.add(other, "spread", 16, 1000);
    }
    run.add("atomic", "hot", 16, 1000 * atomic_hot);
    run.add("atomic", "hot", 64, 1300);
    run.add("atomic", "spread", 16, 1000 * atomic_spread);
    return judgement(table_of(run), "Best for", "atomic");
  };
  EXPECT_EQ(judged(1.5, 0.5), Judgement::confirms);
  EXPECT_EQ(judged(0.5, 1.5), Judgement::depends);
  EXPECT_EQ(judged(1.0, 1.0), Judgement::confirms) << "open at one level, fastest at the other";
}

TEST(SeedTable, simple_counters_are_not_measured_without_a_scenario_of_one_event) {
  SyntheticRun run(12);
  add_all(run, 1, 1);
  EXPECT_EQ(judgement(table_of(run), "Best for", "atomic"), Judgement::confirms);
  run.manifest["scenarios"] = {{{"name", "spread"}, {"summary", ""}, {"events", 64}},
                               {{"name", "hot"}, {"summary", ""}, {"events", 2}}};
  EXPECT_EQ(judgement(table_of(run), "Best for", "atomic"), Judgement::not_measured);
}

TEST(SeedTable, contention_is_judged_by_retries) {
  SyntheticRun run(12);
  add_all(run, 1.5, 0.5);
  const auto table = table_of(run);  // only optimistic retries in the hot scenario
  EXPECT_EQ(judgement(table, "Contention handling", "pessimistic"), Judgement::confirms);
  EXPECT_EQ(judgement(table, "Contention handling", "optimistic"), Judgement::confirms);
  EXPECT_EQ(judgement(table, "Contention handling", "atomic"), Judgement::refutes);
}

TEST(SeedTable, one_violation_refutes_consistency_and_an_unknown_leaves_it_open) {
  SyntheticRun run(3);
  add_all(run, 1, 1);
  run.of("atomic")[0]->trial["verdict"] = "violation";
  run.of("optimistic")[0]->trial["verdict"] = "unknown";
  const auto table = table_of(run);
  EXPECT_EQ(judgement(table, "Consistency", "atomic"), Judgement::refutes);
  EXPECT_EQ(judgement(table, "Consistency", "optimistic"), Judgement::not_separated);
  const auto consistency = std::ranges::find(table, "Consistency", &SeedRow::aspect);
  const auto atomic = std::ranges::find(consistency->cells, "atomic", &SeedCell::strategy);
  EXPECT_THAT(atomic->measured, testing::StartsWith("1 of 6 trials with a violation, in "));
}

TEST(SeedTable, deadlocks_and_complexity_are_not_measured_where_nobody_counted) {
  SyntheticRun run(3);
  add_all(run, 1, 1);
  for (auto& item : run.trials) {
    item.trial.erase("deadlocks");
    item.trial.erase("reserve_traffic");
  }
  run.manifest.erase("complexity");
  const auto table = table_of(run);
  EXPECT_EQ(judgement(table, "Deadlock risk", "pessimistic"), Judgement::not_measured);
  EXPECT_EQ(judgement(table, "Code complexity", "atomic"), Judgement::not_measured);
}

TEST(SeedTable, no_deadlock_in_a_run_that_was_cut_off_confirms_nothing) {
  SyntheticRun run(3);
  add_all(run, 1, 1);
  for (auto& item : run.trials) item.trial["deadlocks"] = 0;
  EXPECT_EQ(judgement(table_of(run), "Deadlock risk", "optimistic"), Judgement::confirms);
  run.manifest["interrupted"] = true;
  EXPECT_EQ(judgement(table_of(run), "Deadlock risk", "optimistic"), Judgement::indicative);
}

TEST(SeedTable, a_deadlock_refutes_none_and_confirms_a_risk) {
  SyntheticRun run(3);
  add_all(run, 1, 1);
  for (auto& item : run.trials) item.trial["deadlocks"] = 2;
  const auto table = table_of(run);
  EXPECT_EQ(judgement(table, "Deadlock risk", "pessimistic"), Judgement::confirms);
  EXPECT_EQ(judgement(table, "Deadlock risk", "atomic"), Judgement::refutes);
}

/// What a success of `variant` sends, in `scenario`.
void set_traffic(SyntheticRun& run, const std::string& variant, const std::string& scenario,
                 double statements, double round_trips) {
  for (auto* item : run.of(variant)) {
    if (item->trial.at("scenario").as_string() != std::string_view(scenario)) continue;
    item->trial["reserve_traffic"] = {
        {"count", 400},
        {"statements", static_cast<std::int64_t>(400 * statements)},
        {"round_trips", static_cast<std::int64_t>(400 * round_trips)}};
  }
}

SeedCell complexity_of(const SyntheticRun& run, const std::string& strategy) {
  const auto table = table_of(run);
  const auto row = std::ranges::find(table, "Code complexity", &SeedRow::aspect);
  return *std::ranges::find(row->cells, strategy, &SeedCell::strategy);
}

TEST(SeedTable, complexity_is_lines_statements_and_round_trips_where_contention_is_least) {
  SyntheticRun run(3);
  add_all(run, 1, 1);
  set_traffic(run, "pessimistic", "spread", 6, 2);
  set_traffic(run, "atomic", "spread", 5, 2);
  set_traffic(run, "optimistic", "spread", 5.25, 3);
  set_traffic(run, "pessimistic", "hot", 60, 20);  // contention, which another row is about
  EXPECT_EQ(complexity_of(run, "pessimistic").measured,
            "96 lines, 6.00 statements per success, 2.00 round trips per success, in spread at 16 "
            "connections");
  EXPECT_EQ(complexity_of(run, "pessimistic").judgement, Judgement::confirms) << "6 of 5 is simple";
  EXPECT_EQ(complexity_of(run, "optimistic").judgement, Judgement::confirms);
  EXPECT_THAT(complexity_of(run, "optimistic").measured,
              testing::HasSubstr("141 lines, 5.25 statements per success, 3.00 round trips"));
  set_traffic(run, "pessimistic", "spread", 7, 2);
  EXPECT_EQ(complexity_of(run, "pessimistic").judgement, Judgement::refutes);
  // As short as the others, and with as little to send, nothing of it requires a retry.
  set_traffic(run, "optimistic", "spread", 5.25, 2);
  run.manifest["complexity"].as_object()["optimistic"].as_object()["lines"] = 90;
  EXPECT_EQ(complexity_of(run, "optimistic").judgement, Judgement::refutes);
  set_traffic(run, "optimistic", "spread", 5.25, 3);
  EXPECT_EQ(complexity_of(run, "optimistic").judgement, Judgement::confirms);
  EXPECT_THAT(test::html_of(run),
              testing::HasSubstr("90 lines, 5.25 statements per success, 3.00 round trips per "
                                 "success, in spread at 16 connections"));
}

TEST(SeedTable, complexity_of_a_server_that_counts_nothing_is_its_lines) {
  SyntheticRun run(3);
  add_all(run, 1, 1);
  for (auto* item : run.of("atomic")) item->trial.erase("reserve_traffic");
  EXPECT_EQ(complexity_of(run, "atomic").measured, "88 lines");
  EXPECT_EQ(complexity_of(run, "atomic").judgement, Judgement::confirms);
  set_traffic(run, "pessimistic", "spread", 60, 2);
  EXPECT_EQ(complexity_of(run, "pessimistic").judgement, Judgement::confirms)
      << "without atomic's there is no least of the three";
}

TEST(SeedTable, what_a_success_sends_is_in_the_summary) {
  SyntheticRun run(3);
  add_all(run, 1, 1);
  set_traffic(run, "pessimistic", "spread", 6, 2);
  const reports::Run read = read_run(run.write());
  EXPECT_THAT(summary_json(read, summarize(read)),
              testing::AllOf(testing::HasSubstr("\"statements_per_success\": 6,"),
                             testing::HasSubstr("\"round_trips_per_success\": 2,")));
}

TEST(SeedTable, code_longer_by_a_quarter_is_not_simple) {
  SyntheticRun run(3);
  add_all(run, 1, 1);
  run.manifest["complexity"].as_object()["atomic"].as_object()["lines"] = 200;
  const auto table = table_of(run);  // pessimistic 96, optimistic 141, atomic 200
  EXPECT_EQ(judgement(table, "Code complexity", "pessimistic"), Judgement::confirms);
  EXPECT_EQ(judgement(table, "Code complexity", "optimistic"), Judgement::confirms);
  EXPECT_EQ(judgement(table, "Code complexity", "atomic"), Judgement::refutes);
}

// The idempotent 200 of who has his ticket costs a look-up: the longer a sale lasts the more of
// them.
TEST(SeedScenarios, whoever_asks_again_is_not_counted) {
  SyntheticRun run(12);
  run.add("atomic", "seed-10000", 10000, 700);
  run.add("pessimistic", "seed-10000", 10000, 1100);
  for (auto& item : run.of("atomic")) item->trial["outcomes"].as_object()["existing"] = 4000;
  const auto scenarios = seed_scenarios(summarize(read_run(run.write())), "postgresql");
  ASSERT_EQ(scenarios.at(2).cells.size(), 2U);
  EXPECT_EQ(scenarios[2].cells[0].judgement, Judgement::refutes) << "700 a second, not 1,700";
  EXPECT_EQ(scenarios[2].cells[1].judgement, Judgement::confirms);
}

TEST(SeedScenarios, are_judged_by_what_was_answered) {
  SyntheticRun run(12);
  run.add("atomic", "seed-100", 500, 40);
  run.add("pessimistic", "seed-100", 500, 40);
  for (auto& item : run.trials) {
    const bool fast = item.trial.at("variant").as_string() == "atomic";
    item.trial["outcomes"].as_object()["sold_out"] = fast ? 9000 : 3000;  // in 4 s; claimed 2000/s
  }
  const reports::Run read = read_run(run.write());
  const auto scenarios = seed_scenarios(summarize(read), "postgresql");
  ASSERT_EQ(scenarios.at(0).cells.size(), 2U);
  EXPECT_EQ(scenarios[0].cells[0].judgement, Judgement::confirms);
  EXPECT_EQ(scenarios[0].cells[1].judgement, Judgement::refutes);
  EXPECT_TRUE(scenarios[1].cells.empty());
}

TEST(Scenarios, without_a_list_the_measured_contention_orders_them) {
  SyntheticRun run(3);
  run.manifest.erase("scenarios");
  run.add("optimistic", "hot", 64, 500);  // two attempts a success
  run.add("optimistic", "spread", 64, 500);
  const reports::Run read = read_run(run.write());
  const auto ordered = scenarios_by_contention(read, compare_cells(read));
  EXPECT_EQ(ordered.at(0).name, "spread");
  EXPECT_EQ(ordered.at(1).name, "hot");
}

}  // namespace
}  // namespace boxoffice::reports
