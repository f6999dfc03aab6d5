// What makes a gate's held no answer: a BASE that lacks too many of its own rounds, and response
// times of those who were not given up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/gate.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;

GateRow only_row(const SyntheticRun& base, const SyntheticRun& run, const std::string& threshold) {
  const Gate gate = compare_runs(read_run(base.write()), read_run(run.write()),
                                 {parse_gate_threshold(threshold)});
  EXPECT_EQ(gate.rows.size(), 1U);
  return gate.rows.at(0);
}

GateRow row_without(int base_rounds_without_a_figure, double per_s = 1000) {
  SyntheticRun base(16), run(16);
  base.add("atomic", "hot", 16, 1000);
  run.add("atomic", "hot", 16, per_s);
  for (int i = 0; i < base_rounds_without_a_figure; ++i)
    base.of("atomic")[static_cast<std::size_t>(i)]->trial["figure_valid"] = false;
  return only_row(base, run, "goodput>-5%");
}

TEST(GateBasis, a_base_that_lacks_more_than_a_quarter_of_its_rounds_holds_nothing) {
  const GateRow few = row_without(4);
  EXPECT_EQ(few.state, GateState::held);
  EXPECT_EQ(few.note, "BASE has no figure in 4 of its 16 rounds");
  const GateRow many = row_without(5);
  EXPECT_EQ(many.state, GateState::undecided) << "those may have been its fastest";
  EXPECT_EQ(many.rounds, 11U);
  EXPECT_EQ(many.note, "BASE has no figure in 5 of its 16 rounds");
  EXPECT_EQ(row_without(5, 500).state, GateState::worse) << "what is left of it was faster still";
  EXPECT_EQ(row_without(0).note, "");
}

/// Both equally fast; RUN leaves `unanswered` of each 10,000 requests without an answer.
GateRow p99_row(int unanswered, const std::string& threshold = "p99<+10%") {
  SyntheticRun base(12), run(12);
  base.add("atomic", "hot", 16, 1000);
  run.add("atomic", "hot", 16, 1000);
  for (auto* trial : run.of("atomic")) {
    auto& outcomes = trial->trial["outcomes"].as_object();
    outcomes["success"] = 10'000 - unanswered;
    outcomes["overload"] = unanswered;
  }
  return only_row(base, run, threshold);
}

TEST(GateBasis, a_run_that_gives_up_on_the_slow_does_not_hold_their_response_time) {
  EXPECT_EQ(p99_row(0).state, GateState::held);
  EXPECT_EQ(p99_row(90).state, GateState::held) << "less than one in a hundred";
  const GateRow row = p99_row(500);
  EXPECT_EQ(row.state, GateState::undecided);
  EXPECT_EQ(row.note,
            "RUN left 5.0% of its requests without an answer, BASE 0.0%: these are the others' "
            "times");
  EXPECT_EQ(p99_row(500, "goodput>-5%").state, GateState::held) << "what it sold, it sold";
}

}  // namespace
}  // namespace boxoffice::reports
