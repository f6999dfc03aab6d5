// How a load ends: which exit code, and what stands beside its goodput.
#include "harness/commands/load_figures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace boxoffice::harness {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Verdict = properties::Outcome;

load::LoadResult saturated() {
  load::LoadResult result;
  result.measured_s = 2;
  result.started = 2000;
  result.goodput_per_s = 900;
  result.figure_valid = false;
  result.figure_why = "a generator thread was busy 97% of the time: use more threads";
  return result;
}

TEST(LoadEnd, ASaturatedGeneratorIs12AlsoWithoutAThreshold) {
  LoadEnd end{.verdict = Verdict::pass};
  EXPECT_EQ(exit_code(end), 0);
  end.figure_valid = false;
  EXPECT_EQ(exit_code(end), 12);
  end.threshold_failed = true;
  EXPECT_EQ(exit_code(end), 12);
  end.verdict = Verdict::unknown;
  EXPECT_EQ(exit_code(end), 12) << "12 goes before 11";
  end.verdict = Verdict::violation;
  EXPECT_EQ(exit_code(end), 10) << "its verdict stands";
  end.interrupted = true;
  EXPECT_EQ(exit_code(end), 130);
  EXPECT_EQ(exit_code({.no_verdict = "plain GETs", .figure_valid = false}), 12);
}

TEST(LoadEnd, WithValidFiguresVerdictAndThresholdsDecide) {
  EXPECT_EQ(exit_code({.verdict = Verdict::unknown}), 11);
  EXPECT_EQ(exit_code({.verdict = Verdict::invalid}), 12);
  EXPECT_EQ(exit_code({.verdict = Verdict::violation}), 10);
  EXPECT_EQ(exit_code({.verdict = Verdict::pass, .threshold_failed = true}), 13);
  EXPECT_EQ(exit_code({.verdict = Verdict::pass, .threshold_not_measured = true}), 12);
  EXPECT_EQ(exit_code({.no_verdict = "plain GETs", .threshold_failed = true}), 13);
  EXPECT_EQ(exit_code({.no_verdict = "plain GETs"}), 0);
}

TEST(LoadFigures, StandBesideTheVerdict) {
  load::LoadResult result = saturated();
  result.figure_valid = true;
  EXPECT_THAT(figures_text(result, {.verdict = Verdict::pass}, false),
              HasSubstr("goodput 900/s: verdict pass\n"));
  EXPECT_THAT(figures_text(result, {.verdict = Verdict::violation}, false),
              HasSubstr("goodput 900/s: NO RESULT: verdict violation\n"));
  EXPECT_THAT(figures_text(result, {.no_verdict = "plain GETs"}, false),
              HasSubstr("goodput 900/s: no verdict: plain GETs\n"));
  const std::string text =
      figures_text(saturated(), {.verdict = Verdict::pass, .figure_valid = false}, false);
  EXPECT_THAT(text, HasSubstr("goodput 900/s: NO RESULT: verdict pass, figure invalid\n"
                              "the figure is invalid: a generator thread was busy 97%"));
}

/// A bound among figures would be read as one.
TEST(LoadFigures, PercentilesWithoutWhatWasNeverSentAreShownAsBounds) {
  load::LoadResult result;
  result.started = 100;
  load::Latency& latency = result.latency[load::index_of(load::Outcome::success)];
  for (load::Histogram* each : {&latency.service, &latency.response, &latency.schedule_lag})
    for (int i = 0; i < 100; ++i) each->record(2'000'000);
  result.stages.resize(2);
  for (load::StageFigures& stage : result.stages) {
    stage.latency = latency;
    stage.outcomes.counts[load::index_of(load::Outcome::success)] = 99;
  }
  result.stages[1].unsent = 1;
  EXPECT_THAT(figures_text(result, {.verdict = Verdict::pass}, false), Not(HasSubstr(">=")));
  result.stages[1].unsent = 50;  // however little that is of the whole run
  EXPECT_THAT(figures_text(result, {.verdict = Verdict::pass}, false), HasSubstr(">="));
  result.unsent = 50;
  const std::string text = figures_text(result, {.verdict = Verdict::pass}, true);
  EXPECT_THAT(text, testing::ContainsRegex("service +2 +2 "));
  EXPECT_THAT(text, testing::ContainsRegex("response +>=2 +>=2 "));
  EXPECT_THAT(text, testing::ContainsRegex("schedule lag +>=2 +>=2 "));
  EXPECT_THAT(text, testing::ContainsRegex("0/s +0.00 +99 +- +2 +2  success 99\n"))
      << "all of that stage was sent";
  EXPECT_THAT(text, testing::ContainsRegex("0/s +0.00 +99 +- +>=2 +>=2  success 99\n"));
  EXPECT_THAT(text, HasSubstr("unsent: 50 of 150 requests"));
  EXPECT_THAT(text, HasSubstr("lower bounds:\n"));
}

TEST(LoadFigures, AStageThatWasNotReachedHasNone) {
  load::LoadResult result;
  result.stages.resize(2);
  result.stages[0].stage = {100, 100, std::chrono::seconds(1)};
  result.stages[0].measured_s = 1;
  result.stages[0].succeeded = 90;
  result.stages[1].stage = {50, 50, std::chrono::seconds(1)};
  const std::string text = figures_text(result, {.verdict = Verdict::pass}, false);
  EXPECT_THAT(text, HasSubstr("100/s                1.00        0         90"));
  EXPECT_THAT(text, HasSubstr("50/s                 0.00        0          -"));
  EXPECT_THAT(figures_text(load::LoadResult(), {.verdict = Verdict::pass}, false),
              Not(HasSubstr("stage")));
}

}  // namespace
}  // namespace boxoffice::harness
