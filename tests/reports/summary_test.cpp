// The run's verdict and exit code, and that summary.json shows no figure of a trial that did not
// pass.
#include "reports/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>

#include "properties/verdict_json.hpp"
#include "reports/html.hpp"
#include "reports/markdown.hpp"
#include "reports/terminal.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using properties::Outcome;
using test::SyntheticRun;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

Summary summary_of(const SyntheticRun& run) {
  return summarize(read_run(run.write()));
}

class Summarize : public testing::Test {
 protected:
  Summarize() {
    run.add("atomic", "hot", 16, 1500);
    run.add("pessimistic", "hot", 16, 1200);
  }
  SyntheticRun run{3};
};

TEST_F(Summarize, all_correct_and_the_control_caught_is_a_pass) {
  run.add_control(true);
  const Summary summary = summary_of(run);
  EXPECT_EQ(summary.verdict, Outcome::pass);
  EXPECT_EQ(summary.exit_code, 0);
  EXPECT_TRUE(summary.indicative);
  ASSERT_EQ(summary.controls.size(), 1U);
  EXPECT_TRUE(summary.controls[0].caught);
  EXPECT_EQ(summary.controls[0].operations, 214);
}

TEST_F(Summarize, a_control_that_passes_makes_the_run_invalid) {
  run.add_control(false);
  const Summary summary = summary_of(run);
  EXPECT_EQ(summary.verdict, Outcome::invalid);
  EXPECT_EQ(summary.exit_code, 12);
  EXPECT_THAT(summary.reasons, Contains(HasSubstr("naive")));
}

TEST_F(Summarize, a_control_counts_as_caught_by_the_invariants_of_its_bug_only) {
  run.add_control(true);
  run.of("naive")[0]->trial["caught_by"] = boost::json::array{"H5", "X7"};
  EXPECT_EQ(summary_of(run).exit_code, 0);
  run.of("naive")[0]->trial["caught_by"] = boost::json::array{"X7"};
  EXPECT_EQ(summary_of(run).exit_code, 12);
}

TEST_F(Summarize, a_control_is_said_to_be_caught_by_what_caught_it) {
  run.add_control(true);
  boost::json::object& control = run.of("naive")[0]->trial;
  control["caught_by"] = boost::json::array{"H5"};
  boost::json::array& violations = control["violations"].as_array();
  boost::json::object other = violations.at(0).as_object();
  other["invariant"] = "H1";
  violations.insert(violations.begin(), other);
  const Summary summary = summary_of(run);
  ASSERT_TRUE(summary.controls.at(0).caught);
  EXPECT_EQ(summary.controls.at(0).invariant, "H5");
}

TEST_F(Summarize, of_the_laps_of_a_control_the_last_one_counts_in_a_selftest) {
  run.manifest["command"] = "selftest";
  run.add_control(false);
  EXPECT_EQ(summary_of(run).exit_code, 12);
  run.add_control(true);
  run.of("naive")[1]->trial["round"] = 2;
  const Summary summary = summary_of(run);
  EXPECT_EQ(summary.exit_code, 0);
  EXPECT_EQ(summary.controls.size(), 1U);
}

TEST_F(Summarize, a_violation_outweighs_unknown_and_invalid) {
  run.of("atomic")[0]->trial["verdict"] = "unknown";
  EXPECT_EQ(summary_of(run).exit_code, 11);
  run.of("atomic")[1]->trial["verdict"] = "invalid";
  EXPECT_EQ(summary_of(run).exit_code, 12);
  run.of("atomic")[2]->trial["verdict"] = "violation";
  EXPECT_EQ(summary_of(run).exit_code, 10);
}

TEST_F(Summarize, an_invalid_trial_that_passed_when_repeated_is_forgiven_visibly) {
  run.of("atomic")[1]->trial["verdict"] = "invalid";
  run.of("atomic")[2]->trial["round"] = 1;
  run.of("atomic")[2]->trial["repeated"] = true;
  const Summary summary = summary_of(run);
  EXPECT_EQ(summary.exit_code, 0);
  EXPECT_THAT(summary.warnings, Contains(HasSubstr("ran a second time")));
}

TEST_F(Summarize, a_violation_is_never_forgiven_by_a_repetition) {
  run.of("atomic")[1]->trial["verdict"] = "violation";
  run.of("atomic")[2]->trial["round"] = 1;
  run.of("atomic")[2]->trial["repeated"] = true;
  EXPECT_EQ(summary_of(run).exit_code, 10);
}

TEST_F(Summarize, an_invalid_figure_is_a_warning_and_no_verdict) {
  run.of("atomic")[0]->trial["figure_valid"] = false;
  run.of("atomic")[0]->trial["figure_why"] = "the generator was saturated";
  const Summary summary = summary_of(run);
  EXPECT_EQ(summary.exit_code, 0);
  EXPECT_THAT(summary.warnings, Contains(HasSubstr("the generator was saturated")));
}

TEST_F(Summarize, no_trial_is_no_pass) {
  run.trials.clear();
  EXPECT_EQ(summary_of(run).exit_code, 12);
}

TEST_F(Summarize, a_failed_threshold_is_13_and_yields_to_all_else) {
  run.manifest["thresholds"] = {
      {{"threshold", "p99<50ms"}, {"measured", "61 ms"}, {"held", false}}};
  EXPECT_EQ(summary_of(run).exit_code, 13);
  run.of("atomic")[0]->trial["verdict"] = "unknown";
  EXPECT_EQ(summary_of(run).exit_code, 11);
}

TEST_F(Summarize, a_debug_build_is_a_warning) {
  run.manifest["build_type"] = "Debug";
  EXPECT_THAT(summary_of(run).warnings, Contains(HasSubstr("Debug build")));
}

TEST_F(Summarize, a_run_that_broke_off_is_invalid_and_says_why) {
  run.manifest["broke_off"] = "the database is gone";
  const Summary summary = summary_of(run);
  EXPECT_EQ(summary.exit_code, 12);
  EXPECT_EQ(headline_word(summary), "INVALID");
  EXPECT_THAT(summary.reasons, Contains("the run broke off: the database is gone"));
}

TEST_F(Summarize, a_run_that_was_interrupted_says_so_beside_what_it_measured) {
  run.manifest["interrupted"] = true;
  const Summary summary = summary_of(run);
  EXPECT_EQ(summary.exit_code, 130);
  EXPECT_THAT(summary.reasons, Contains(HasSubstr("interrupted")));
}

TEST_F(Summarize, what_no_check_looked_at_is_said_wherever_the_verdict_is) {
  const auto directory = run.write();
  properties::Verdict verdict;
  verdict.outcome = Outcome::pass;
  verdict.not_attempted = {"H6: 29407 operations are more than 20000"};
  for (const std::size_t index : {0U, 3U}) {
    if (index > 0) verdict.not_attempted.emplace_back("D2: no trail");
    std::ofstream(directory / "trials" / run.trials[index].directory / "verdict.json")
        << properties::verdict_line(verdict);
  }
  const reports::Run read = read_run(directory);
  const Summary summary = summarize(read);
  EXPECT_EQ(summary.exit_code, 0);
  EXPECT_THAT(summary.not_attempted, ElementsAre("H6: 29407 operations are more than 20000 (2 of 6 "
                                                 "trials)",
                                                 "D2: no trail (1 of 6 trials)"));
  for (const std::string& text :
       {summary_terminal(read, summary, "report.html"), summary_json(read, summary),
        summary_markdown(read, summary), report_html(read, summary)}) {
    EXPECT_THAT(text, HasSubstr("29407 operations"));
  }
}

TEST(CaughtControls, are_a_sentence_a_control_however_often_it_ran) {
  const auto caught = [](const char* variant, std::int64_t operations, const char* invariant) {
    ControlResult control;
    control.variant = variant;
    control.database = "mariadb";
    control.operations = operations;
    control.caught = true;
    control.invariant = invariant;
    return control;
  };
  Summary summary;
  summary.controls = {caught("naive", 900, "H5"), caught("stale", 7, "D1"),
                      caught("naive", 1204, "H2"), caught("naive", 702, "H5"), ControlResult{}};
  EXPECT_THAT(caught_controls(summary, true),
              ElementsAre("control naive on mariadb: caught 3 times by H5, H2, in 702 to 1,204 "
                          "operations: good",
                          "control stale on mariadb: caught by D1 in 7 operations: good"));
}

TEST(ExitCode, precedence_is_70_130_10_12_11_13) {
  ExitReasons all{true, true, Outcome::violation, true};
  EXPECT_EQ(exit_code(all), 70);
  all.harness_error = false;
  EXPECT_EQ(exit_code(all), 130);
  all.interrupted = false;
  EXPECT_EQ(exit_code(all), 10);
  all.verdict = Outcome::invalid;
  EXPECT_EQ(exit_code(all), 12);
  all.verdict = Outcome::unknown;
  EXPECT_EQ(exit_code(all), 11);
  all.verdict = Outcome::pass;
  EXPECT_EQ(exit_code(all), 13);
  all.threshold_failed = false;
  EXPECT_EQ(exit_code(all), 0);
}

TEST_F(Summarize, the_json_has_the_contracts_fields_and_no_figure_without_a_pass) {
  run.add_control(true);
  const reports::Run read = read_run(run.write());
  const std::string text = summary_json(read, summarize(read));
  const auto json = boost::json::parse(text);
  EXPECT_EQ(json.at("schema").as_string(), "boxoffice.summary/1");
  EXPECT_EQ(json.at("verdict").as_string(), "pass");
  EXPECT_EQ(json.at("exit_code").as_int64(), 0);
  const auto& pair = json.at("pairs").at(0);
  EXPECT_EQ(pair.at("a").as_string(), "atomic");
  EXPECT_EQ(pair.at("b").as_string(), "pessimistic");
  EXPECT_NEAR(pair.at("ratio").to_number<double>(), 1.25, 0.01);
  EXPECT_TRUE(pair.at("low").is_null());
  EXPECT_EQ(pair.at("conclusion").as_string(), "indicative");
  for (const auto& trial : json.at("trials").as_array()) {
    const bool passed = trial.at("verdict").as_string() == "pass";
    EXPECT_EQ(trial.at("goodput_per_s").is_null(), !passed);
    EXPECT_EQ(trial.at("latency_ms").at("p99").is_null(), !passed);
  }
  EXPECT_THAT(text, testing::Not(HasSubstr("E3")));  // numbers as people write them
}

/// Whoever reads the file with a program has no report beside it.
TEST(SummaryJson, figures_stand_beside_what_they_were_measured_on) {
  SyntheticRun run;
  run.add("atomic", "hot", 16, 1000);
  const reports::Run read = read_run(run.write());
  const auto json = boost::json::parse(summary_json(read, summarize(read)));
  EXPECT_EQ(json.at("databases").at(0).at("durability"),
            run.manifest.at("database").at("durability"));
  for (const char* field : {"run_id", "command", "git_commit", "build_type", "seed", "rounds"})
    EXPECT_EQ(json.at(field).is_number(), run.manifest.at(field).is_number()) << field;
  for (const char* field : {"metric", "durability", "storage", "isolation", "pool",
                            "event_concurrency", "threads", "hold_ms", "seed"})
    EXPECT_EQ(boost::json::serialize(json.at("trials").at(0).at(field)),
              boost::json::serialize(run.trials[0].trial.at(field)))
        << field;
}

TEST(SummaryJson, a_trial_that_did_not_sell_out_is_censored_and_its_pair_has_no_bound) {
  SyntheticRun rush(12);
  rush.add_rush("never", 0, 20);
  rush.add_rush("sure", 12, 25);
  const reports::Run read = read_run(rush.write());
  const Summary summary = summarize(read);
  const auto json = boost::json::parse(summary_json(read, summary));
  EXPECT_EQ(json.at("trials").at(0).at("censored_at_s").to_number<double>(), 30);
  EXPECT_TRUE(json.at("trials").at(0).at("time_to_sell_out_s").is_null());
  EXPECT_TRUE(json.at("trials").at(12).at("censored_at_s").is_null());
  const auto& pair = json.at("pairs").at(0);
  for (const char* name : {"ratio", "low", "high"}) EXPECT_TRUE(pair.at(name).is_null()) << name;
  EXPECT_EQ(pair.at("a_unfinished").as_int64(), 12);
  EXPECT_EQ(pair.at("b_ahead").as_int64(), 12);
  EXPECT_EQ(pair.at("conclusion").as_string(), "b_faster");
  EXPECT_EQ(summary.exit_code, 0);  // correct, all of it
  EXPECT_THAT(summary.warnings, testing::Contains(HasSubstr("12 trials did not sell out")));
  EXPECT_THAT(summary_csv(read), HasSubstr(",1,30,false\r\n"));
}

TEST_F(Summarize, the_csv_quotes_and_leaves_figures_out) {
  run.of("atomic")[0]->trial["verdict"] = "violation";
  run.of("pessimistic")[0]->trial["variant"] = "a,\"b\"";
  const std::string csv = summary_csv(read_run(run.write()));
  EXPECT_THAT(csv, HasSubstr("\"a,\"\"b\"\"\""));
  EXPECT_THAT(csv, HasSubstr("hot,16,,goodput,,,,,,,"));
}

}  // namespace
}  // namespace boxoffice::reports
