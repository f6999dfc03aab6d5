// The regression gate over made-up runs whose answer is known.
#include "reports/gate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <stdexcept>

#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;
using ::testing::HasSubstr;

Gate gate_of(const SyntheticRun& base, const SyntheticRun& run,
             const std::vector<std::string>& texts) {
  std::vector<GateThreshold> thresholds;
  for (const std::string& text : texts) thresholds.push_back(parse_gate_threshold(text));
  return compare_runs(read_run(base.write()), read_run(run.write()), thresholds);
}

Gate goodput_gate(int rounds, double base_per_s, double per_s, double noise = 0.002) {
  SyntheticRun base(rounds), run(rounds);
  base.add("atomic", "hot", 16, base_per_s, noise);
  run.add("atomic", "hot", 16, per_s, noise);
  return gate_of(base, run, {"goodput>-5%"});
}

TEST(Gate, a_clear_loss_is_13_and_a_small_one_holds) {
  const Gate worse = goodput_gate(12, 1000, 800);
  ASSERT_EQ(worse.rows.size(), 1U);
  EXPECT_EQ(worse.rows[0].state, GateState::worse);
  EXPECT_NEAR(worse.rows[0].ratio.value(), 0.8, 0.001);
  EXPECT_EQ(worse.exit_code(), 13);
  EXPECT_EQ(goodput_gate(12, 1000, 980).exit_code(), 0);
  EXPECT_EQ(goodput_gate(12, 1000, 2000).exit_code(), 0);
}

TEST(Gate, few_rounds_decide_nothing_however_clear) {
  const Gate gate = goodput_gate(3, 1000, 100);
  EXPECT_EQ(gate.rows.at(0).state, GateState::undecided);
  EXPECT_FALSE(gate.rows.at(0).low);
  EXPECT_EQ(gate.exit_code(), 11);
}

TEST(Gate, the_bound_decides_and_not_the_median) {
  SyntheticRun base(12), run(12);
  base.add("atomic", "hot", 16, 1000, 0);
  run.add("atomic", "hot", 16, 960, 0);  // -4%: the median holds
  int round = 0;
  for (auto* trial : run.of("atomic")) {
    auto& per_s = trial->trial["goodput_per_s"];
    if (++round % 3 == 0) per_s = per_s.to_number<double>() * 0.8;
  }
  const Gate gate = gate_of(base, run, {"goodput>-5%"});
  EXPECT_GT(gate.rows.at(0).ratio.value(), 0.95);
  EXPECT_LT(*gate.rows[0].low, 0.95);
  EXPECT_EQ(gate.rows[0].state, GateState::undecided);
}

TEST(Gate, many_questions_share_the_five_percent) {
  SyntheticRun base(12), run(12);
  for (int connections = 1; connections <= 10; ++connections) {
    base.add("atomic", "hot", connections, 1000);
    run.add("atomic", "hot", connections, 1000);
  }
  for (const GateRow& row : gate_of(base, run, {"goodput>-5%"}).rows)
    EXPECT_GE(row.coverage.value(), 1 - 0.05 / 10);
}

TEST(Gate, a_run_that_oversold_is_10_whatever_its_speed) {
  SyntheticRun base(12), run(12);
  base.add("atomic", "hot", 16, 1000);
  base.add("pessimistic", "hot", 16, 1000);
  run.add("atomic", "hot", 16, 1000);
  run.add("pessimistic", "hot", 16, 1000);
  run.of("pessimistic").front()->trial["verdict"] = "violation";
  EXPECT_EQ(gate_of(base, run, {"goodput>-5%"}).exit_code(), 10);
}

TEST(Gate, runs_without_a_pair_are_refused) {
  SyntheticRun base(12), run(12);
  base.add("atomic", "hot", 16, 1000);
  run.add("atomic", "hot", 17, 1000);
  EXPECT_THROW(gate_of(base, run, {"goodput>-5%"}), std::invalid_argument);
  EXPECT_THROW(gate_of(base, base, {"goodput>-5%", "sell_out<5%"}), std::invalid_argument);
}

/// BASE sells out in all 12 rounds, RUN in some; beside it a variant that did not change.
Gate rush_gate(int base_sold_out, int run_sold_out) {
  SyntheticRun base(12), run(12);
  for (SyntheticRun* each : {&base, &run}) each->add_rush("pessimistic", 12, 10);
  base.add_rush("optimistic", base_sold_out, 20);
  run.add_rush("optimistic", run_sold_out, 20);
  return gate_of(base, run, {"sell_out<+5%"});
}

TEST(Gate, what_never_sells_out_any_more_is_worse_and_said) {
  const Gate gate = rush_gate(12, 0);
  ASSERT_EQ(gate.rows.size(), 2U);
  const GateRow& row = gate.rows[0];
  EXPECT_EQ(row.variant, "optimistic");
  EXPECT_EQ(row.state, GateState::worse);
  EXPECT_EQ(row.lost, 12U);
  EXPECT_EQ(gate.rows[1].state, GateState::held);
  EXPECT_EQ(gate.exit_code(), 13);
  const std::string note = "RUN did not sell out in 12 of 12 rounds in which BASE did";
  EXPECT_EQ(row.note, note);
  EXPECT_THAT(gate_terminal(gate, 200), HasSubstr("> 30"));
  EXPECT_THAT(gate_terminal(gate, 200), HasSubstr(note));
  EXPECT_THAT(gate_markdown(gate), HasSubstr(note));
  EXPECT_THAT(gate_csv(gate), HasSubstr(note));
  EXPECT_THAT(gate_junit(gate), HasSubstr(note));
  const auto json = boost::json::parse(gate_json(gate)).at("rows").at(0);
  EXPECT_TRUE(json.at("ratio").is_null() && json.at("run").is_null());
  EXPECT_EQ(json.at("lost").as_int64(), 12);
}

TEST(Gate, rounds_that_no_longer_sell_out_do_not_leave_the_others_to_hold) {
  const Gate five = rush_gate(12, 7);
  EXPECT_EQ(five.rows.at(0).state, GateState::worse);
  EXPECT_EQ(five.rows[0].rounds, 12U);
  EXPECT_EQ(five.exit_code(), 13);
  EXPECT_EQ(rush_gate(12, 12).exit_code(), 0);
  // BASE itself did not always sell out: one round more or less is no proof, and is not held.
  const Gate unsteady = rush_gate(11, 10);
  EXPECT_EQ(unsteady.rows.at(0).state, GateState::undecided);
  EXPECT_EQ(unsteady.rows[0].rounds, 11U);  // in the twelfth neither did
  EXPECT_EQ(unsteady.exit_code(), 11);
  EXPECT_EQ(rush_gate(10, 12).exit_code(), 0);
  SyntheticRun never(12);
  never.add_rush("optimistic", 0, 20);
  EXPECT_THROW(gate_of(never, never, {"sell_out<+5%"}), std::invalid_argument);
}

TEST(Gate, what_had_no_success_is_worse_in_every_metric) {
  SyntheticRun base(12), run(12);
  base.add("atomic", "hot", 16, 1000);
  run.add_idle("atomic", "hot", 16);
  const Gate gate = gate_of(base, run, {"goodput>-5%", "p99<+10%", "attempts<+10%"});
  ASSERT_EQ(gate.rows.size(), 3U);
  for (const GateRow& row : gate.rows) {
    EXPECT_EQ(row.state, GateState::worse) << row.threshold;
    EXPECT_EQ(row.note, "RUN had no success in 12 of 12 rounds in which BASE did");
  }
}

TEST(Gate, what_run_has_no_figure_of_is_undecided_and_said) {
  SyntheticRun base(12), run(12);
  for (SyntheticRun* each : {&base, &run}) {
    each->add("atomic", "hot", 16, 1000);
    each->add("pessimistic", "hot", 16, 1000);
  }
  run.of("atomic")[3]->trial["figure_valid"] = false;
  std::erase_if(run.trials, [](const auto& item) {
    return item.trial.at("variant").as_string() == "pessimistic";
  });
  base.add("optimistic", "hot", 16, 1000);
  base.of("optimistic")[0]->trial["figure_valid"] = false;  // its round in RUN has no counterpart
  run.add("optimistic", "hot", 16, 1000);
  const Gate gate = gate_of(base, run, {"goodput>-5%"});
  ASSERT_EQ(gate.rows.size(), 3U);
  EXPECT_EQ(gate.rows[0].variant, "atomic");
  EXPECT_EQ(gate.rows[0].state, GateState::undecided);
  EXPECT_EQ(gate.rows[0].note, "RUN has no figure of 1 of BASE's 12 rounds");
  EXPECT_EQ(gate.rows[1].state, GateState::held);
  EXPECT_EQ(gate.rows[2].state, GateState::undecided);
  EXPECT_EQ(gate.rows[2].note, "RUN has no trial of it, BASE has 12 rounds");
  EXPECT_EQ(gate.exit_code(), 11);
  EXPECT_THAT(gate_terminal(gate, 80), HasSubstr("RUN lacks what BASE has"));
}

TEST(Gate, a_threshold_must_make_sense) {
  for (const char* text : {"goodput", "speed>-5%", "goodput>-5", "goodput>", "p99<fast%",
                           "goodput>-100%", "goodput>-5%%", "", "goodput>nan%"}) {
    EXPECT_THROW(parse_gate_threshold(text), std::invalid_argument) << text;
  }
  const GateThreshold p99 = parse_gate_threshold("p99<+10%");
  EXPECT_EQ(p99.metric, GateMetric::p99);
  EXPECT_FALSE(p99.above);
  EXPECT_DOUBLE_EQ(p99.change, 0.1);
}

/// One scenario whose goodput counts, and one whose tickets run out; RUN sells out in `sell_out_s`.
Gate default_gate(double sell_out_s, const std::vector<std::string>& thresholds = {}) {
  SyntheticRun base(12), run(12);
  for (SyntheticRun* each : {&base, &run}) each->add("atomic", "hot", 16, 1000);
  base.add_rush("atomic", 12, 10);
  run.add_rush("atomic", 12, sell_out_s);
  return gate_of(base, run, thresholds);
}

TEST(Gate, without_thresholds_both_metrics_are_asked_about) {
  const Gate slow = default_gate(30);
  ASSERT_EQ(slow.rows.size(), 2U);
  EXPECT_EQ(slow.rows[0].threshold, "goodput>-5%");
  EXPECT_EQ(slow.rows[0].state, GateState::held);
  EXPECT_EQ(slow.rows[1].threshold, "sell_out<+5%");
  EXPECT_EQ(slow.rows[1].state, GateState::worse);
  EXPECT_EQ(slow.exit_code(), 13);
  EXPECT_TRUE(slow.not_asked.empty());
  EXPECT_EQ(default_gate(10).exit_code(), 0);
  EXPECT_GE(slow.rows[1].coverage.value(), 1 - 0.05 / 2) << "two questions share the five per cent";
}

TEST(Gate, without_thresholds_only_what_base_has_is_asked) {
  SyntheticRun goodput(12), rush(12), never(12);
  goodput.add("atomic", "hot", 16, 1000);
  rush.add_rush("atomic", 12, 10);
  never.add("atomic", "hot", 16, 1000);
  never.add_rush("atomic", 0, 10);
  EXPECT_EQ(gate_of(goodput, goodput, {}).rows.size(), 1U);
  EXPECT_EQ(gate_of(rush, rush, {}).rows.size(), 1U);
  EXPECT_THROW(gate_of(goodput, rush, {}), std::invalid_argument);
  const Gate gate = gate_of(never, never, {});
  EXPECT_EQ(gate.rows.size(), 1U);
  ASSERT_EQ(gate.not_asked.size(), 1U);
  EXPECT_EQ(gate.not_asked[0].why, "BASE has no figure of it that RUN could lose");
}

TEST(Gate, figures_have_a_heading_a_unit_and_what_they_stand_beside) {
  const Gate gate = goodput_gate(12, 1000, 800);
  const std::string terminal = gate_terminal(gate, 100);
  EXPECT_THAT(terminal, testing::ContainsRegex("variant +threshold +base +run +change +interval"));
  EXPECT_THAT(terminal, testing::ContainsRegex("goodput>-5% +[0-9,.]+/s +[0-9,.]+/s +-"));
  for (const std::string& text : {terminal, gate_markdown(gate)}) {
    EXPECT_THAT(text, HasSubstr("durability full, storage"));
    EXPECT_THAT(text, HasSubstr("The runs were not interleaved"));
  }
  const auto json = boost::json::parse(gate_json(gate));
  EXPECT_THAT(std::string(json.at("run_conditions").as_string()), HasSubstr("durability full"));
}

TEST(Gate, every_form_says_the_same) {
  const Gate gate = goodput_gate(12, 1000, 800);
  EXPECT_THAT(gate_terminal(gate, 80), HasSubstr("worse"));
  EXPECT_THAT(gate_csv(gate), HasSubstr(",12,worse"));
  EXPECT_THAT(gate_markdown(gate), HasSubstr("| worse |"));
  EXPECT_THAT(gate_junit(gate), HasSubstr("failures=\"1\""));
  EXPECT_THAT(gate_junit(gate), HasSubstr("goodput&gt;-5%"));
  const auto json = boost::json::parse(gate_json(gate));
  EXPECT_EQ(json.at("exit_code").as_int64(), 13);
  EXPECT_EQ(json.at("rows").at(0).at("state").as_string(), "worse");
}

}  // namespace
}  // namespace boxoffice::reports
