// The terminal's summary: what must be said, and that no line is wider than 80 columns whatever the
// names are.
#include "reports/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string terminal_of(const SyntheticRun& run, const TerminalOptions& options = {}) {
  const Run read = read_run(run.write());
  return summary_terminal(read, summarize(read), "runs/x/report.html", options);
}

void expect_columns(const std::string& text, std::size_t columns) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(display_width(line), columns) << line;
  }
}

TEST(Terminal, says_the_verdict_first_then_figures_control_setup_and_report) {
  SyntheticRun run(3);
  run.fill();
  const std::string text = terminal_of(run);
  EXPECT_THAT(text, StartsWith("PASS  "));
  EXPECT_THAT(text, HasSubstr("indicative: 3 of the 8 rounds that name a winner"));
  EXPECT_THAT(text, HasSubstr("control naive: caught by H5 in 214 operations: good"));
  SyntheticRun four(7);
  for (const char* variant : {"a", "b", "c", "d"}) four.add(variant, "hot", 16, 900);
  EXPECT_THAT(terminal_of(four), HasSubstr("indicative: 7 of the 8 rounds that name a winner"));
  four.manifest["command"] = "verify";
  EXPECT_THAT(terminal_of(four), Not(HasSubstr("name a winner")));
  EXPECT_THAT(text, HasSubstr("postgresql 15.6, durability full, storage disk, read committed"));
  EXPECT_THAT(text, HasSubstr("report: runs/x/report.html"));
  EXPECT_THAT(text, Not(HasSubstr("fastest")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  expect_columns(text, 80);
}

TEST(Terminal, names_winners_when_the_rounds_carry_it) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 16, 1600);
  run.add("pessimistic", "hot", 16, 1200);
  const std::string text = terminal_of(run);
  EXPECT_THAT(text, HasSubstr("fastest"));
  EXPECT_THAT(text, HasSubstr("0.75x slower"));
}

TEST(Terminal, says_who_did_not_sell_out_and_how_often) {
  SyntheticRun run(12);
  run.add_rush("optimistic", 8, 20);
  run.add_rush("pessimistic", 12, 25);
  run.add_rush("serializable", 0, 25);
  run.add_idle("atomic", "hot", 16);
  run.add("pessimistic", "hot", 16, 900);
  const std::string text = terminal_of(run);
  EXPECT_THAT(text, HasSubstr("optimistic: 4 of 12 did not sell out within 30 s"));
  EXPECT_THAT(text, HasSubstr("serializable: 12 of 12 did not sell out within 30 s"));
  EXPECT_THAT(text, HasSubstr("atomic: 12 of 12 had no success"));
  EXPECT_THAT(text, HasSubstr("20.0..> 30"));
  EXPECT_THAT(text, HasSubstr("0:12 slower"));
  EXPECT_THAT(text, HasSubstr("1.25x not sep."));
  EXPECT_THAT(text, HasSubstr("warning: 16 trials did not sell out"));
  EXPECT_THAT(text, Not(HasSubstr("inf")));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
  expect_columns(text, 80);
}

TEST(Terminal, where_nobody_sells_out_nobody_is_best) {
  SyntheticRun run(12);
  run.add_rush("optimistic", 0, 20);
  run.add_rush("pessimistic", 0, 20);
  const std::string text = terminal_of(run);
  EXPECT_THAT(text, HasSubstr("nobody finished"));
  EXPECT_THAT(text, Not(HasSubstr("best median")));
}

TEST(Terminal, a_variant_without_a_pass_shows_its_verdict_and_no_figure) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 7777, 0);
  run.add("pessimistic", "hot", 16, 1200);
  run.of("atomic")[0]->trial["verdict"] = "violation";
  run.of("atomic")[0]->trial["violations"] = {
      {{"invariant", "H2"}, {"message", "101 of 100 held"}}};
  const std::string text = terminal_of(run);
  EXPECT_THAT(text, StartsWith("VIOLATION  "));
  EXPECT_THAT(text, HasSubstr("violation of\n      H2: 101 of 100 held"));
  EXPECT_THAT(text, HasSubstr("violation: no figure is shown"));
  EXPECT_THAT(text, Not(HasSubstr("7,777")));
}

TEST(Terminal, hostile_and_huge_names_stay_inside_the_columns) {
  SyntheticRun run(12);
  run.add("a\x1b[31m" + std::string(90, 'x'), std::string(120, 's'), 16, 98765432.1, 0.4);
  run.add("\xff\xfe na\xc3\xafve", "hot\nline", 10000, 12345.6);
  run.manifest["warnings"] = {std::string(200, 'w') + "\r\x07"};
  run.manifest["database"].as_object()["version"] = std::string(200, 'v');
  // Broken UTF-8 is refused by the JSON parser, so it reaches only the functions below it.
  run.trials.resize(12);
  const std::string text = terminal_of(run);
  expect_columns(text, 80);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_EQ(cleaned("a\xff\x1b[1m\xc3\xaf\xc2\x9b"), "a??[1m\xc3\xaf?");
}

TEST(Terminal, colours_only_when_asked) {
  SyntheticRun run(3);
  run.fill();
  EXPECT_THAT(terminal_of(run, {.colour = true}), StartsWith("\x1b[32mPASS\x1b[0m"));
}

TEST(Layout, wraps_at_words_and_breaks_what_is_too_long) {
  EXPECT_EQ(wrapped("aa bb cc", 5, 2), "aa bb\n  cc");
  EXPECT_EQ(wrapped("aaaaaaa", 4, 1), "aaaa\n aaa");
  EXPECT_EQ(fitted("na\xc3\xafve", 4), "na\xc3\xaf~");
}

}  // namespace
}  // namespace boxoffice::reports
