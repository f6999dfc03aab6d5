// Whose figures are shown, trial by trial: the same answer in summary.csv, summary.json, summary.md
// and the page. A trial that did not pass or whose figure is not valid has none, nor has a control,
// nor any trial of a variant that violated an invariant on the same database.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <sstream>

#include "reports/html.hpp"
#include "reports/markdown.hpp"
#include "reports/terminal.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

namespace json = boost::json;
using test::SyntheticRun;
using testing::HasSubstr;
using testing::Not;

/// The last trial's goodput is one that nothing else has: 7,654.
class ShownFigures : public testing::Test {
 protected:
  ShownFigures() {
    run.add("pessimistic", "hot", 16, 1200);
    run.add("atomic", "hot", 16, 1500);
    last()["goodput_per_s"] = 7654.0;
    last()["attempts_per_success"] = 9.75;
  }

  json::object& last() { return run.trials.back().trial; }

  /// In none of the outputs, and what is wrong with it beside it.
  void expect_hidden() {
    const auto read = read_run(run.write());
    const Summary summary = summarize(read);
    for (const std::string& text : {summary_csv(read), summary_json(read, summary)}) {
      EXPECT_THAT(text, Not(HasSubstr("7654")));
      EXPECT_THAT(text, Not(HasSubstr("9.75")));
    }
    for (const std::string& text : {summary_terminal(read, summary, ""),
                                    summary_markdown(read, summary), report_html(read, summary)}) {
      EXPECT_THAT(text, Not(HasSubstr("7,654")));
      EXPECT_THAT(text, Not(HasSubstr("9.75")));
    }
    const json::value parsed = json::parse(summary_json(read, summary));
    const json::value& trial = parsed.at("trials").as_array().back();
    EXPECT_TRUE(trial.at("goodput_per_s").is_null());
    EXPECT_TRUE(trial.at("latency_ms").at("p99").is_null());
    EXPECT_TRUE(trial.at("reserve_times_ms").is_null());
    EXPECT_TRUE(trial.at("database_activity").is_null());
    EXPECT_TRUE(trial.at("commits_per_success").is_null());
    EXPECT_THAT(summary_csv(read), HasSubstr(",,goodput,,,,,,,"));
  }

  SyntheticRun run{3};
};

TEST_F(ShownFigures, of_a_sound_trial_are_in_all_of_them) {
  const auto read = read_run(run.write());
  const Summary summary = summarize(read);
  EXPECT_THAT(summary_csv(read), HasSubstr("7654"));
  EXPECT_THAT(summary_json(read, summary), HasSubstr("7654"));
  EXPECT_THAT(summary_markdown(read, summary), HasSubstr("7,654"));
  EXPECT_THAT(report_html(read, summary), HasSubstr("7,654"));
}

TEST_F(ShownFigures, are_none_of_a_trial_without_a_valid_figure) {
  last()["figure_valid"] = false;
  last()["figure_why"] = "the generator was saturated";
  expect_hidden();
}

TEST_F(ShownFigures, are_none_of_a_trial_without_a_pass) {
  last()["verdict"] = "unknown";
  expect_hidden();
}

TEST_F(ShownFigures, are_none_of_a_control_that_was_not_caught) {
  last()["control"] = true;
  expect_hidden();
}

TEST_F(ShownFigures, are_none_of_a_variant_that_oversold_in_another_trial) {
  run.of("atomic").front()->trial["verdict"] = "violation";
  expect_hidden();
  const auto read = read_run(run.write());
  const json::value parsed = json::parse(summary_json(read, summarize(read)));
  EXPECT_FALSE(parsed.at("trials").at(0).at("disqualified").as_bool()) << "pessimistic";
  EXPECT_TRUE(parsed.at("trials").as_array().back().at("disqualified").as_bool());
  EXPECT_THAT(summary_csv(read), HasSubstr(",1,,true\r\n"));
  EXPECT_THAT(report_html(read, summarize(read)), HasSubstr("no figure: the variant violated"));
}

TEST_F(ShownFigures, of_what_oversold_on_one_database_stand_on_another) {
  run.add_engine();
  for (auto* item : run.of("atomic")) {
    if (item->trial.at("database").as_string() == "mariadb") item->trial["verdict"] = "violation";
  }
  EXPECT_THAT(summary_csv(read_run(run.write())), HasSubstr("7654"));
}

TEST_F(ShownFigures, are_none_in_the_noise_and_in_the_stages_of_a_variant_that_oversold) {
  SyntheticRun self(3);
  self.add_self(1);
  self.of("atomic").front()->trial["verdict"] = "violation";
  const auto read = read_run(self.write());
  EXPECT_EQ(summarize(read).self.at(0).pair.rounds, 0U);

  last()["stages"] = json::array{json::object{{"from_per_s", 100},
                                              {"to_per_s", 100},
                                              {"duration_s", 2},
                                              {"measured_s", 2},
                                              {"sent", 400},
                                              {"goodput_per_s", 7654.0},
                                              {"outcomes", last()["outcomes"]},
                                              {"latency_ms", last()["latency_ms"]}}};
  run.of("atomic").front()->trial["verdict"] = "violation";
  expect_hidden();
}

}  // namespace
}  // namespace boxoffice::reports
