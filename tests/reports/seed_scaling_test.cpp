// The seed's lists of what scales and what does not, against synthetic figures whose judgement
// follows from the stated rule.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/seed_table.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;

SeedRow scaling_row(const SyntheticRun& run, const std::string& aspect) {
  const reports::Run read = read_run(run.write());
  for (SeedRow& row : seed_scaling(read, summarize(read), "postgresql")) {
    if (row.aspect.starts_with(aspect)) return row;
  }
  throw std::out_of_range(aspect);
}

/// Reads that grow `reads` times from 4 to 64 connections, writes to one event `writes` times, and
/// `events` times as much on many events as on one.
void fill_scaling(SyntheticRun& run, double reads, double writes, double events) {
  run.manifest["scenarios"] = {{{"name", "reads-only"}, {"summary", ""}, {"events", 20}},
                               {{"name", "spread"}, {"summary", ""}, {"events", 64}},
                               {{"name", "hot"}, {"summary", ""}, {"events", 1}}};
  run.add("atomic", "reads-only", 4, 1000);
  run.add("atomic", "reads-only", 64, 1000 * reads);
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

TEST(SeedScaling, reads_and_writes_are_held_against_the_same_loads_only) {
  SyntheticRun run(12);
  fill_scaling(run, 4, 0.9, 3);
  run.add("atomic", "reads-only", 1, 300);  // writes were not measured there,
  run.add("atomic", "hot", 128, 5000);      // and reads not here
  EXPECT_THAT(scaling_row(run, "Read").cells[2].measured, testing::HasSubstr("at 4 connections"));
  EXPECT_THAT(scaling_row(run, "Write").cells[2].measured, testing::HasSubstr("at 64 connections"));
  EXPECT_EQ(scaling_row(run, "Write").cells[2].judgement, Judgement::confirms);
  SyntheticRun apart(12);
  apart.manifest["scenarios"] = {{{"name", "reads-only"}, {"summary", ""}, {"events", 20}},
                                 {{"name", "hot"}, {"summary", ""}, {"events", 1}}};
  for (const int connections : {1, 16}) apart.add("atomic", "reads-only", connections, 1000);
  for (const int connections : {8, 64}) apart.add("atomic", "hot", connections, 500);
  EXPECT_EQ(scaling_row(apart, "Read").cells[2].judgement, Judgement::not_measured);
  EXPECT_EQ(scaling_row(apart, "Write").cells[2].judgement, Judgement::not_measured);
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
