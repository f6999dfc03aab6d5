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
  EXPECT_NEAR(worse.rows[0].ratio, 0.8, 0.001);
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
  EXPECT_GT(gate.rows.at(0).ratio, 0.95);
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

TEST(Gate, different_settings_are_warned_of) {
  SyntheticRun base(7), run(7);
  base.add("atomic", "hot", 16, 1000);
  run.add("atomic", "hot", 16, 1000);
  run.manifest["build_type"] = "Debug";
  const Gate gate = gate_of(base, run, {"goodput>-5%"});
  ASSERT_EQ(gate.warnings.size(), 1U);
  EXPECT_THAT(gate.warnings[0], HasSubstr("Debug"));
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
