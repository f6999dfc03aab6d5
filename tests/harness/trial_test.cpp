// Which trials of a comparison are measured a second time.
#include "harness/trial.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace boxoffice::harness
