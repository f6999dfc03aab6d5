// What the gate cannot answer and has to say: over made-up runs that lack or differ in one thing.
#include "reports/gate_limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <functional>
#include <tuple>

#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;
using ::testing::HasSubstr;

Gate gate_between(const SyntheticRun& base, const SyntheticRun& run,
                  const std::vector<std::string>& texts) {
  std::vector<GateThreshold> thresholds;
  for (const std::string& text : texts) thresholds.push_back(parse_gate_threshold(text));
  return compare_runs(read_run(base.write()), read_run(run.write()), thresholds);
}

TEST(GateLimits, a_cell_that_no_threshold_asks_about_is_said) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 16, 1000);
  run.add_rush("atomic", 12, 10);
  const Gate gate = gate_between(run, run, {"goodput>-5%"});
  EXPECT_EQ(gate.exit_code(), 0) << "what was asked is held";
  ASSERT_EQ(gate.not_asked.size(), 1U);
  EXPECT_EQ(gate.not_asked[0].key.scenario, "rush");
  EXPECT_EQ(gate.not_asked[0].variants, std::vector<std::string>{"atomic"});
  const std::string line =
      "postgresql rush c=64, atomic: no threshold is about its "
      "time_to_sell_out";
  EXPECT_THAT(gate_terminal(gate, 200), HasSubstr("not asked: " + line));
  EXPECT_THAT(gate_terminal(gate, 200), HasSubstr("but not everything was asked about"));
  EXPECT_THAT(gate_markdown(gate), HasSubstr("Not asked: "));
  EXPECT_THAT(gate_csv(gate), HasSubstr("not_asked,1,,,,\"no threshold is about its"));
  EXPECT_THAT(gate_junit(gate), HasSubstr("<skipped message=\"no threshold is about its"));
  EXPECT_THAT(gate_junit(gate), HasSubstr("tests=\"4\" failures=\"0\" errors=\"0\" skipped=\"1\""));
  const auto gap = boost::json::parse(gate_json(gate)).at("not_asked").at(0);
  EXPECT_EQ(gap.at("scenario").as_string(), "rush");
  EXPECT_EQ(gap.at("variants").at(0).as_string(), "atomic");
}

TEST(GateLimits, a_cell_of_run_alone_is_said) {
  SyntheticRun base(12), run(12);
  base.add("atomic", "hot", 16, 1000);
  run.add("atomic", "hot", 16, 1000);
  run.add("atomic", "hot", 64, 1000);
  const Gate gate = gate_between(base, run, {});
  ASSERT_EQ(gate.not_asked.size(), 1U);
  EXPECT_EQ(gate.not_asked[0].key.connections, 64);
  EXPECT_EQ(gate.not_asked[0].why, "BASE has no trial of it");
}

TEST(GateLimits, a_run_that_was_cut_off_is_no_basis) {
  for (const auto& [field, value, sentence] :
       std::vector<std::tuple<std::string, boost::json::value, std::string>>{
           {"interrupted", true, "was interrupted"},
           {"broke_off", "the disk was full", "broke off: the disk was full"},
           {"harness_error", "a bug", "failed: a bug"},
           {"finished_at", nullptr, "was not finished"}}) {
    for (const std::string name : {"BASE", "RUN"}) {
      SyntheticRun base(12), run(12);
      base.add("atomic", "hot", 16, 1000);
      run.add("atomic", "hot", 16, 1000);
      (name == "BASE" ? base : run).manifest[field] = value;
      const Gate gate = gate_between(base, run, {});
      EXPECT_EQ(gate.exit_code(), 12) << name << ' ' << field;
      ASSERT_EQ(gate.no_basis.size(), 1U) << name << ' ' << field;
      EXPECT_THAT(gate.no_basis[0], HasSubstr(name));
      EXPECT_THAT(gate.no_basis[0], HasSubstr(sentence));
      EXPECT_THAT(gate_terminal(gate, 200), HasSubstr("INVALID: " + gate.no_basis[0]));
      EXPECT_THAT(gate_junit(gate), HasSubstr("name=\"basis\"><error message=\""));
      EXPECT_EQ(boost::json::parse(gate_json(gate)).at("exit_code").as_int64(), 12);
    }
  }
  SyntheticRun base(12), run(12), nothing(12);
  nothing.manifest["broke_off"] = "the database died";
  base.add("atomic", "hot", 16, 1000);
  EXPECT_EQ(gate_between(base, nothing, {}).exit_code(), 12)
      << "and not 64: nobody mistyped anything";
  EXPECT_EQ(gate_between(nothing, base, {"goodput>-5%"}).exit_code(), 12);
  run.add("atomic", "hot", 16, 1000);
  run.manifest["interrupted"] = true;
  run.of("atomic").front()->trial["verdict"] = "violation";
  EXPECT_EQ(gate_between(base, run, {}).exit_code(), 10) << "what was oversold was oversold";
}

/// Of a change of every trial of RUN.
std::vector<std::string> warnings_of(const std::function<void(boost::json::object&)>& change) {
  SyntheticRun base(7), run(7);
  for (SyntheticRun* each : {&base, &run}) {
    each->add("atomic", "hot", 16, 1000);
    each->add("atomic", "hot", 64, 1000);
    for (auto& item : each->trials)
      item.trial["scenario_settings"] = {{"tickets", "100"}, {"mix", "reserve 1"}};
  }
  for (auto& item : run.trials) change(item.trial);
  return gate_between(base, run, {}).warnings;
}

TEST(GateLimits, what_differs_in_the_trials_is_a_line_a_setting) {
  using Warnings = std::vector<std::string>;
  EXPECT_EQ(warnings_of([](auto&) {}), Warnings());
  const auto set = [](const std::string& field, const boost::json::value& value) {
    return warnings_of([&](boost::json::object& trial) { trial[field] = value; });
  };
  EXPECT_EQ(set("pool", 64), Warnings{"the runs differ in pool: 16, 64"});
  EXPECT_EQ(set("threads", 4), Warnings{"the runs differ in threads: 2, 4"});
  EXPECT_EQ(set("isolation", "serializable"),
            Warnings{"the runs differ in isolation: read committed, serializable"});
  EXPECT_EQ(set("hold_ms", 500), Warnings{"the runs differ in hold: 300 s, 0.5 s"});
  EXPECT_EQ(set("warmup_s", 0.5), Warnings{"the runs differ in warm-up: 1 s, 0.5 s"});
  EXPECT_EQ(set("duration_s", 8), Warnings{"the runs differ in duration: 5 s, 8 s"});
  EXPECT_EQ(set("event_concurrency", 8), Warnings{"the runs differ in admission: 0, 8"});
  EXPECT_EQ(warnings_of([](boost::json::object& trial) {
              if (trial.at("connections") == 64) trial["pool"] = 64;
            }),
            Warnings{"the runs differ in pool: 16, 64 (postgresql hot c=64)"});
}

TEST(GateLimits, a_scenario_that_was_edited_under_its_name_is_one_line) {
  const auto warnings = warnings_of([](boost::json::object& trial) {
    trial["scenario_settings"] = {{"tickets", "200"}, {"mix", "reserve 1, read 1"}};
  });
  EXPECT_EQ(warnings, std::vector<std::string>{
                          "the runs differ in what the scenario hot is: tickets 100, 200; mix "
                          "reserve 1, reserve 1, read 1"});
  EXPECT_TRUE(warnings_of([](auto& trial) { trial.erase("scenario_settings"); }).empty())
      << "an older run does not say";
}

TEST(GateLimits, a_base_that_did_not_pass_is_warned_of) {
  SyntheticRun base(12), run(12);
  for (SyntheticRun* each : {&base, &run}) {
    each->add("atomic", "hot", 16, 1000);
    each->add("optimistic", "hot", 16, 1000);
  }
  base.of("optimistic").front()->trial["verdict"] = "violation";
  const Gate gate = gate_between(base, run, {});
  ASSERT_EQ(gate.warnings.size(), 1U);
  EXPECT_THAT(gate.warnings[0], HasSubstr("BASE itself did not pass: violation"));
}

TEST(GateLimits, different_settings_are_warned_of) {
  SyntheticRun base(7), run(7);
  base.add("atomic", "hot", 16, 1000);
  run.add("atomic", "hot", 16, 1000);
  run.manifest["build_type"] = "Debug";
  const Gate gate = gate_between(base, run, {"goodput>-5%"});
  ASSERT_EQ(gate.warnings.size(), 1U);
  EXPECT_THAT(gate.warnings[0], HasSubstr("Debug"));
}

boost::json::array reference_of(double per_s, int rounds = 12) {
  return {{{"name", "pgbench"},
           {"strategy", "pessimistic"},
           {"clients", 4},
           {"per_s", per_s},
           {"rounds", rounds},
           {"low_per_s", per_s},
           {"high_per_s", per_s}}};
}

/// A slower hour is no slower program.
TEST(GateLimits, a_machine_that_was_slower_is_said) {
  SyntheticRun base(12), run(12);
  for (SyntheticRun* each : {&base, &run}) {
    each->add("atomic", "hot", 16, 1000);
    each->manifest["reference"] = reference_of(1650);
  }
  run.manifest["reference"] = reference_of(1600);
  EXPECT_TRUE(gate_between(base, run, {}).warnings.empty()) << "3% are noise";
  run.manifest["reference"] = reference_of(1134);
  const Gate gate = gate_between(base, run, {});
  ASSERT_EQ(gate.warnings.size(), 1U);
  EXPECT_THAT(gate.warnings[0], HasSubstr("pgbench alone 1,650/s, 1,134/s on postgresql"));
  run.manifest["reference"] = reference_of(1134, 1);
  EXPECT_TRUE(gate_between(base, run, {}).warnings.empty()) << "one sample says little";
}

TEST(GateLimits, what_a_run_warns_of_itself_is_passed_on) {
  SyntheticRun base(12), run(12);
  for (SyntheticRun* each : {&base, &run}) each->add("atomic", "hot", 16, 1000);
  run.manifest["warnings"] = {"the machine was busy"};
  EXPECT_EQ(gate_between(base, run, {}).warnings,
            std::vector<std::string>{"RUN: the machine was busy"});
}

}  // namespace
}  // namespace boxoffice::reports
