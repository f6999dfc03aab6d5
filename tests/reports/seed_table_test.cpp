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

TEST(SeedTable, three_rounds_judge_no_performance_claim) {
  SyntheticRun run(3);
  add_all(run, 1.5, 0.5);
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
  for (auto& item : run.trials) item.trial.erase("deadlocks");
  run.manifest.erase("complexity");
  const auto table = table_of(run);
  EXPECT_EQ(judgement(table, "Deadlock risk", "pessimistic"), Judgement::not_measured);
  EXPECT_EQ(judgement(table, "Code complexity", "atomic"), Judgement::not_measured);
}

TEST(SeedTable, a_deadlock_refutes_none_and_confirms_a_risk) {
  SyntheticRun run(3);
  add_all(run, 1, 1);
  for (auto& item : run.trials) item.trial["deadlocks"] = 2;
  const auto table = table_of(run);
  EXPECT_EQ(judgement(table, "Deadlock risk", "pessimistic"), Judgement::confirms);
  EXPECT_EQ(judgement(table, "Deadlock risk", "atomic"), Judgement::refutes);
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

SeedRow scaling_row(const SyntheticRun& run, const std::string& aspect) {
  const reports::Run read = read_run(run.write());
  for (SeedRow& row : seed_scaling(read, summarize(read), "postgresql")) {
    if (row.aspect.starts_with(aspect)) return row;
  }
  throw std::out_of_range(aspect);
}

/// Reads that grow `reads` times from 1 to 16 connections, writes to one event `writes` times from
/// 4 to 64, and `events` times as much on many events as on one.
void fill_scaling(SyntheticRun& run, double reads, double writes, double events) {
  run.manifest["scenarios"] = {{{"name", "reads-only"}, {"summary", ""}, {"events", 20}},
                               {{"name", "spread"}, {"summary", ""}, {"events", 64}},
                               {{"name", "hot"}, {"summary", ""}, {"events", 1}}};
  run.add("atomic", "reads-only", 1, 1000);
  run.add("atomic", "reads-only", 16, 1000 * reads);
  run.add("atomic", "hot", 4, 500);
  run.add("atomic", "hot", 64, 500 * writes);
  run.add("atomic", "spread", 64, 500 * writes * events);
}

TEST(SeedScaling, what_grows_scales_and_what_does_not_does_not) {
  SyntheticRun run(12);
  fill_scaling(run, 4, 0.9, 3);
  EXPECT_EQ(scaling_row(run, "Read").cells[2].judgement, Judgement::confirms);
  EXPECT_EQ(scaling_row(run, "Write").cells[2].judgement, Judgement::confirms);
  EXPECT_EQ(scaling_row(run, "Transaction").cells[2].judgement, Judgement::refutes);
  EXPECT_EQ(scaling_row(run, "Read").cells[0].judgement, Judgement::not_measured) << "pessimistic";
  SyntheticRun other(12);
  fill_scaling(other, 1.1, 2, 1);
  EXPECT_EQ(scaling_row(other, "Read").cells[2].judgement, Judgement::refutes);
  EXPECT_EQ(scaling_row(other, "Write").cells[2].judgement, Judgement::refutes);
  EXPECT_EQ(scaling_row(other, "Transaction").cells[2].judgement, Judgement::confirms);
}

TEST(SeedScaling, what_some_rounds_say_and_others_do_not_is_open) {
  SyntheticRun run(12);
  fill_scaling(run, 1.25, 1, 1);  // a spread of some per mille around the bound
  EXPECT_EQ(scaling_row(run, "Read").cells[2].judgement, Judgement::not_separated);
  SyntheticRun few(3);
  fill_scaling(few, 4, 1, 1);
  EXPECT_EQ(scaling_row(few, "Read").cells[2].judgement, Judgement::indicative);
}

/// The same cell on two servers, `servers` times as fast.
void add_servers(SyntheticRun& run, double servers) {
  const std::size_t before = run.trials.size();
  run.add("atomic", "spread", 64, 700 * servers);
  for (std::size_t i = before; i < run.trials.size(); ++i) {
    run.trials[i].trial["instances"] = 2;
    run.trials[i].directory += "-i2";
  }
  run.add("atomic", "spread", 64, 700);
}

TEST(SeedScaling, servers_scale_where_more_of_them_sell_more_and_else_it_is_open) {
  for (const auto& [servers, expected] :
       {std::pair{1.6, Judgement::confirms}, {1.1, Judgement::not_separated}}) {
    SyntheticRun run(12);
    add_servers(run, servers);
    const SeedRow row = scaling_row(run, "Application servers");
    EXPECT_EQ(row.cells[2].judgement, expected);
    EXPECT_EQ(row.cells[0].judgement, Judgement::not_measured) << "pessimistic ran on one";
    EXPECT_THAT(row.cells[2].measured,
                testing::AllOf(testing::HasSubstr("spread at 64 connections on 1 instance,"),
                               testing::HasSubstr("spread at 64 connections on 2 instances")));
    EXPECT_THAT(row.cells[2].measured, testing::StartsWith(servers > 1.5 ? "1.6" : "1.1"));
    EXPECT_THAT(row.rule, testing::HasSubstr("the 2 cores of this machine"));
    EXPECT_THAT(row.rule, testing::HasSubstr("None is left open"));
  }
  SyntheticRun few(3);
  add_servers(few, 1.6);
  EXPECT_EQ(scaling_row(few, "Application servers").cells[2].judgement, Judgement::indicative);
}

TEST(SeedScaling, a_cell_on_more_servers_is_no_level_of_concurrency) {
  SyntheticRun run(12);
  add_servers(run, 1.6);
  const reports::Run read = read_run(run.write());
  const Summary summary = summarize(read);
  ASSERT_EQ(summary.cells.size(), 1U);
  EXPECT_EQ(summary.cells[0].key.instances, 1);
  EXPECT_EQ(summary.cells[0].variants.at(0).by_round.size(), 12U);
  ASSERT_EQ(summary.cells_on_more_servers.size(), 1U);
  EXPECT_EQ(summary.sound_trials, 24);
  EXPECT_THAT(summary_csv(read), testing::HasSubstr(",4242,2,,false\r\n"));
}

TEST(SeedScaling, a_run_on_two_servers_throughout_has_its_cells) {
  SyntheticRun run(3);
  run.fill();
  for (auto& item : run.trials) item.trial["instances"] = 2;
  const reports::Run read = read_run(run.write());
  const Summary summary = summarize(read);
  EXPECT_TRUE(summary.cells_on_more_servers.empty());
  EXPECT_EQ(summary.cells.size(), 7U);
  for (const SeedCell& cell : scaling_row(run, "Application servers").cells)
    EXPECT_EQ(cell.judgement, Judgement::not_measured);
}

TEST(SeedScaling, what_was_not_varied_is_not_measured) {
  SyntheticRun run(12);
  fill_scaling(run, 4, 0.9, 3);
  for (const char* aspect : {"Application servers", "User authentication"}) {
    for (const SeedCell& cell : scaling_row(run, aspect).cells)
      EXPECT_EQ(cell.judgement, Judgement::not_measured);
  }
}

}  // namespace
}  // namespace boxoffice::reports
