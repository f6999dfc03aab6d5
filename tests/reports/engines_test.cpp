// Several engines in one run: each is called what it says of itself, each has its own reference
// line, and the note that forbids the bare comparison is there.
#include "reports/engines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/html.hpp"
#include "reports/terminal.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

Run read_with(bool second_engine) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 1600);
  run.add("pessimistic", "hot", 16, 1200);
  run.add_control(true);
  if (second_engine) run.add_engine();
  return read_run(run.write());
}

TEST(Engines, have_the_names_that_they_give_themselves) {
  const auto run = read_with(true);
  EXPECT_EQ("MariaDB 10.11.19", engine_name(run.manifest, "mariadb"));
  EXPECT_EQ("postgresql 15.6", engine_name(run.manifest, "postgresql"));
  EXPECT_EQ("oracle", engine_name(run.manifest, "oracle"));
}

TEST(Engines, have_each_its_reference_line) {
  const Manifest manifest = read_with(true).manifest;
  const auto references = references_of(manifest);
  ASSERT_THAT(references, SizeIs(2));
  EXPECT_EQ("sysbench", references[1].tool);
  EXPECT_EQ("900/s with 8 clients", rates_text({"", "", "", {references[1].lines[1]}}));
  ReferenceLine again = references[1].lines[1];
  again.rounds = 3;
  again.low_per_s = 850;
  again.high_per_s = 1020;
  EXPECT_EQ("900/s with 8 clients (850..1,020 in 3 rounds)", rates_text({"", "", "", {again}}));
  EXPECT_EQ(4, references[1].lines[0].clients);
  EXPECT_EQ(4, best_reference(manifest, "mariadb")->clients);
  EXPECT_EQ(2000.0, best_reference(manifest, "postgresql")->per_s);
  EXPECT_FALSE(best_reference(manifest, "mysql").has_value());
}

TEST(Engines, a_line_without_a_database_is_of_the_only_one) {
  const Manifest manifest = read_with(false).manifest;
  EXPECT_EQ(1840.5, best_reference(manifest, "postgresql")->per_s);
}

TEST(Engines, have_a_share_of_what_is_of_the_same_kind_only) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 1600);
  run.add("atomic", "spread", 16, 9000);
  run.add_engine();
  const auto read = read_run(run.write());
  const Summary summary = summarize(read);
  for (const Cell& cell : summary.cells) {
    const auto share = share_of_alone(read.manifest, cell, cell.variants.front());
    EXPECT_EQ(cell.key.scenario == "hot", share.has_value()) << cell.key.scenario;
    EXPECT_NEAR(0.8, share.value_or(0.8), 0.02);
  }
}

TEST(Engines, have_no_share_where_others_than_reserves_count) {
  for (const char* mix : {"reserve 10, cancel 9", "reserve 8, read 2", "read 1", ""}) {
    SyntheticRun run(3);
    run.add("atomic", "hot", 16, 1600);
    for (auto& item : run.trials) item.trial["scenario_settings"] = {{"mix", mix}};
    const auto read = read_run(run.write());
    const Cell cell = compare_cells(read).at(0);
    EXPECT_FALSE(share_of_alone(read.manifest, cell, cell.variants.at(0))) << mix;
  }
}

TEST(Engines, have_no_share_of_what_was_offered_on_a_schedule) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 1600);
  for (auto& item : run.trials) {
    item.trial["loop"] = "open";
    item.trial["offered_per_s"] = 1700;
  }
  const auto read = read_run(run.write());
  const Cell cell = compare_cells(read).at(0);
  EXPECT_FALSE(share_of_alone(read.manifest, cell, cell.variants.at(0)));
}

TEST(Engines, are_at_their_best_where_they_were_measured_in_every_round) {
  const auto line = [](std::int64_t clients, std::int64_t rounds, double per_s) {
    ReferenceLine made;
    made.clients = clients;
    made.rounds = rounds;
    made.per_s = per_s;
    return made;
  };
  EXPECT_EQ(4, (ReferenceLines{"", "", "", {line(4, 12, 1200), line(8, 1, 1640)}}).best().clients);
  EXPECT_EQ(8, (ReferenceLines{"", "", "", {line(4, 1, 1200), line(8, 1, 1640)}}).best().clients);
}

TEST(Engines, stand_in_the_terminal_beside_their_own_lines) {
  const auto run = read_with(true);
  const std::string text = summary_terminal(run, summarize(run), "", {.columns = 1000});
  EXPECT_THAT(text, AllOf(HasSubstr("hot, 16 connections on mariadb"),
                          HasSubstr("hot, 16 connections on postgresql"),
                          HasSubstr("of mariadb alone (1,000/s, sysbench, 4 clients)"),
                          HasSubstr("of postgresql alone (2,000/s, pgbench, 1 client)")));
  EXPECT_THAT(text, AllOf(HasSubstr("mariadb alone on one event, sysbench, pessimistic: 1,000/s"),
                          HasSubstr(k_engines_note), HasSubstr("control naive on mariadb")));
}

TEST(Engines, stand_in_the_page_beside_their_own_lines) {
  const auto run = read_with(true);
  const std::string html = report_html(run, summarize(run));
  EXPECT_THAT(html, AllOf(HasSubstr("id=\"engines\""), HasSubstr(k_engines_note),
                          HasSubstr("Who is ahead on MariaDB 10.11.19"),
                          HasSubstr("sysbench, 4 clients: 1,000/s"),
                          HasSubstr("Measured here: postgresql 15.6, MariaDB 10.11.19.")));
  // The leader sells 1,612/s on one and half of that on the other: the same share of each engine.
  EXPECT_NE(std::string::npos, html.find("<td class=\"number\">0.81x</td>"));
}

TEST(Engines, are_no_matter_where_there_is_one) {
  const auto run = read_with(false);
  const Summary summary = summarize(run);
  EXPECT_THAT(report_html(run, summary),
              AllOf(Not(HasSubstr("id=\"engines\"")), Not(HasSubstr(k_engines_note)),
                    HasSubstr("Measured here: postgresql 15.6.")));
  const std::string text = summary_terminal(run, summary, "", {.columns = 1000});
  EXPECT_THAT(text, AllOf(Not(HasSubstr("on postgresql")), HasSubstr("the database alone"),
                          Not(HasSubstr(k_engines_note))));
}

}  // namespace
}  // namespace boxoffice::reports
