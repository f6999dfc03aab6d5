// Which trials of a comparison are measured a second time, and what progress says of one.
#include "harness/trial.hpp"

#include <gtest/gtest.h>

#include "harness/trial_line.hpp"

namespace boxoffice::harness {
namespace {

TEST(Trial, IsRepeatedWhereTheGeneratorFailedAndNotWhereSupplyRanOut) {
  TrialOutcome outcome;
  outcome.verdict.outcome = properties::Outcome::pass;
  EXPECT_FALSE(wants_repetition(outcome));

  outcome.ran_out = "tickets ran out";
  EXPECT_FALSE(wants_repetition(outcome)) << "they would the second time as well";

  // A sale that sold out, its requests sent too late: what was measured was the generator.
  outcome.ran_out.clear();
  outcome.load.time_to_sell_out_s = 0.5;
  outcome.load.figure_valid = false;
  EXPECT_TRUE(wants_repetition(outcome));
}

TEST(Trial, IsRepeatedWhereItsVerdictIsInvalidAndNotWhereItIsAViolation) {
  TrialOutcome outcome;
  outcome.verdict.outcome = properties::Outcome::invalid;
  EXPECT_TRUE(wants_repetition(outcome));
  outcome.verdict.outcome = properties::Outcome::violation;
  EXPECT_FALSE(wants_repetition(outcome));
}

/// Otherwise the crash of every other trial would be forgiven.
TEST(Trial, IsNotRepeatedWhereItsServerEndedByItself) {
  TrialOutcome outcome;
  outcome.verdict.outcome = properties::Outcome::invalid;
  outcome.broke = "the server ended by itself (exit 139)";
  outcome.server_ended = true;
  EXPECT_FALSE(wants_repetition(outcome));
}

TEST(TrialLine, HasARateOnlyWhereTheTrialHasARightToOne) {
  TrialOutcome outcome;
  outcome.verdict.outcome = properties::Outcome::pass;
  outcome.load.measured_s = 2;
  outcome.load.goodput_per_s = 4567;
  EXPECT_EQ("4567/s, pass", trial_line(outcome, ScenarioMetric::goodput));
  EXPECT_EQ("4567/s, pass, not sold out", trial_line(outcome, ScenarioMetric::time_to_sell_out));

  TrialOutcome sold_twice = outcome;
  sold_twice.verdict.outcome = properties::Outcome::violation;
  EXPECT_EQ("violation", trial_line(sold_twice, ScenarioMetric::goodput));

  TrialOutcome late = outcome;
  late.load.figure_valid = false;
  late.load.figure_why = "a thread was busy";
  EXPECT_EQ("pass, figure invalid: a thread was busy", trial_line(late, ScenarioMetric::goodput));

  outcome.ran_out = "tickets ran out";
  EXPECT_EQ("pass, figure invalid: tickets ran out", trial_line(outcome, ScenarioMetric::goodput));
  outcome.broke = "the server died";
  outcome.verdict.outcome = properties::Outcome::invalid;
  EXPECT_EQ("invalid: the server died", trial_line(outcome, ScenarioMetric::goodput));
}

}  // namespace
}  // namespace boxoffice::harness
