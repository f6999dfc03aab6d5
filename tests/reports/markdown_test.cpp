// summary.md: the verdict first, the violation as a timeline in a fence that nothing can end, rows
// that hold together whatever a name is.
#include "reports/markdown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string markdown_of(const SyntheticRun& run) {
  const Run read = read_run(run.write());
  return summary_markdown(read, summarize(read));
}

/// Bars of a row that part cells: those that are not escaped.
std::ptrdiff_t bars(const std::string& line) {
  std::ptrdiff_t count = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\\') {
      ++at;
    } else if (line[at] == '|') {
      ++count;
    }
  }
  return count;
}

TEST(Markdown, begins_with_the_verdict) {
  SyntheticRun run(3);
  run.fill();
  EXPECT_THAT(markdown_of(run), StartsWith("## Box Office compare: PASS\n\n"));
}

TEST(Markdown, a_violation_comes_before_every_figure_with_its_timeline_and_its_commands) {
  SyntheticRun run(3);
  run.fill();
  run.spoil();
  run.manifest["replay"] = "boxoffice verify --seed 77";
  const std::string text = markdown_of(run);
  EXPECT_THAT(text, StartsWith("## Box Office compare: VIOLATION\n"));
  const std::size_t drawn = text.find("[=");
  ASSERT_NE(drawn, std::string::npos);
  EXPECT_LT(drawn, text.find("| database |"));
  EXPECT_THAT(text, HasSubstr("-> ok 201, reservation 102, reserved, version 40, available 10"));
  EXPECT_THAT(text, HasSubstr("boxoffice analyze " + run.directory().string() + "/trials/003-"));
  EXPECT_THAT(text, HasSubstr("Replay:\n\n```text\nboxoffice verify --seed 77\n```\n"));
}

TEST(Markdown, every_row_of_a_table_has_as_many_cells_as_its_head) {
  SyntheticRun run(3);
  run.fill();
  run.spoil();
  run.add("a|b `c` \\", "spread", 16, 900);
  std::istringstream lines(markdown_of(run));
  std::string head;
  int rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|")) {
      head.clear();
      continue;
    }
    if (head.empty()) head = line;
    EXPECT_EQ(bars(line), bars(head)) << line;
    ++rows;
  }
  EXPECT_GT(rows, 80);  // a trial each, and the pairs
}

TEST(Markdown, names_of_the_run_are_text_and_never_markup) {
  EXPECT_EQ(markdown_text("<b>*x*</b> [l](u) a|b `c` \\\n"),
            "\\<b\\>\\*x\\*\\</b\\> \\[l\\](u) a\\|b \\`c\\` \\\\?");
  SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1500);
  run.manifest["replay"] = "x\n```\n<script>\n";
  const std::string text = markdown_of(run);
  EXPECT_THAT(text, HasSubstr("x?'''?<script>?\n```\n"));
}

TEST(Markdown, a_missing_history_leaves_the_message) {
  SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1500);
  run.trials[0].trial["verdict"] = "violation";
  run.trials[0].trial["violations"] = {{{"invariant", "D1"}, {"message", "51 of 50 are sold"}}};
  EXPECT_THAT(markdown_of(run),
              HasSubstr("**D1** event 0: 51 of 50 are sold\n\nNo timeline: the history was not "
                        "kept.\n"));
}

TEST(Markdown, shows_no_figure_of_a_trial_that_did_not_pass) {
  SyntheticRun run(1);
  run.add("atomic", "hot", 16, 7777, 0);
  run.trials[0].trial["verdict"] = "unknown";
  EXPECT_THAT(markdown_of(run), Not(HasSubstr("7,777")));
}

TEST(Markdown, says_that_a_control_was_not_caught) {
  SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1500);
  run.add_control(false);
  EXPECT_THAT(markdown_of(run), HasSubstr("| naive | postgresql | hot | **NOT CAUGHT** | 214 |"));
}

TEST(Markdown, says_who_did_not_sell_out_and_how_often) {
  SyntheticRun run(12);
  run.add_rush("optimistic", 8, 20);
  run.add_rush("pessimistic", 12, 25);
  const std::string text = markdown_of(run);
  EXPECT_THAT(text, HasSubstr("- optimistic in rush on postgresql, 64 connections: 4 of 12 did not "
                              "sell out within 30 s"));
  EXPECT_THAT(text, HasSubstr("| 0.80x..unbounded | 12 | 0.388 | not separated, ahead 8:4; "
                              "optimistic did not sell out in 4 of 12 rounds |"));
  EXPECT_THAT(text, Not(HasSubstr("fastest")));
}

TEST(Markdown, names_a_winner_only_where_there_is_one) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 16, 1600);
  run.add("pessimistic", "hot", 16, 1200);
  EXPECT_THAT(markdown_of(run), HasSubstr("| **atomic** is faster |"));
  SyntheticRun few(3);
  few.add("atomic", "hot", 16, 1600);
  few.add("pessimistic", "hot", 16, 1200);
  EXPECT_THAT(markdown_of(few), Not(HasSubstr("faster")));
}

}  // namespace
}  // namespace boxoffice::reports
