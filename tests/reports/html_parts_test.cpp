// Parts of the page that are there only where a run has something for them: offered rates, what
// became of attempts, fairness, a variant against itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cmath>

#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/markdown.hpp"
#include "reports/terminal.hpp"
#include "tests/reports/synthetic_parts.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

namespace json = boost::json;
using test::html_of;
using test::SyntheticRun;

bool has_section(const std::string& html, const std::string& id) {
  return html.find("<section id=\"" + id + "\"") != std::string::npos;
}

/// The chart whose title begins so; null where there is none.
json::value chart_of(const std::string& html, std::string_view title) {
  const std::string mark = "id=\"data\">";
  const std::size_t at = html.find(mark) + mark.size();
  const json::value data = json::parse(html.substr(at, html.find("</script>", at) - at));
  for (const json::value& chart : data.at("charts").as_array()) {
    if (std::string_view(chart.at("title").as_string()).starts_with(title)) return chart;
  }
  return nullptr;
}

double number(const json::value& value) {
  return value.to_number<double>();
}

TEST(HtmlParts, response_time_stands_against_each_rate_that_was_offered) {
  SyntheticRun run(3);
  run.add_rates("atomic");
  const std::string html = html_of(run);
  ASSERT_TRUE(has_section(html, "offered"));
  const json::value chart = chart_of(html, "Response time against offered rate, steady");
  const json::value& p99 = chart.at("views").at(2);
  EXPECT_EQ(p99.at("label").as_string(), "p99, 64 connections");
  const json::array& points = p99.at("series").at(0).at("points").as_array();
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(number(points[0].at("x")), 300);
  EXPECT_EQ(number(points[0].at("y")), 300.0 / 150 * 3.5);
  EXPECT_EQ(number(points[2].at("x")), 1200);
  EXPECT_EQ(number(points[2].at("y")), 900 * 3.5);
}

TEST(HtmlParts, stages_are_a_table_with_the_median_of_the_rounds) {
  SyntheticRun run(3);
  run.add("atomic", "rush", 64, 300);
  for (std::size_t round = 0; round < 3; ++round) {
    json::object& trial = run.trials[round].trial;
    trial["loop"] = "open";
    trial["offered_per_s"] = 200;
    const json::value latency = trial["latency_ms"];
    const auto stage = [&](double from, double to, double goodput) {
      return json::object{{"from_per_s", from},
                          {"to_per_s", to},
                          {"duration_s", 2},
                          {"measured_s", 2},
                          {"sent", 400},
                          {"unsent", 4},
                          {"goodput_per_s", goodput},
                          {"outcomes", trial["outcomes"]},
                          {"latency_ms", latency}};
    };
    const double of_round = 101.0 + static_cast<double>(round);
    trial["stages"] = json::array{stage(100, 100, of_round), stage(100, 300, 2 * of_round)};
  }
  const std::string html = html_of(run);
  ASSERT_TRUE(has_section(html, "offered"));
  for (const char* text : {"Stage by stage, rush", ">1: 100/s, 2 s<", ">102<",
                           ">2: 100 to 300/s, 2 s<", ">204<", ">1,200 of 1,212<"}) {
    EXPECT_NE(html.find(text), std::string::npos) << text;
  }
}

TEST(HtmlParts, a_stage_of_which_much_was_never_sent_has_no_response_time) {
  for (const int unsent : {4, 5}) {
    SyntheticRun run(3);
    run.add("atomic", "rush", 64, 300);
    for (test::SyntheticTrial& item : run.trials) {
      item.trial["stages"] = json::array{{{"from_per_s", 100},
                                          {"to_per_s", 100},
                                          {"duration_s", 2},
                                          {"measured_s", 2},
                                          {"sent", 400},
                                          {"unsent", unsent},
                                          {"goodput_per_s", 150},
                                          {"outcomes", item.trial["outcomes"]},
                                          {"latency_ms", item.trial["latency_ms"]}}};
    }
    const StageFigures stage = read_run(run.write()).trials.at(0).stages.at(0);
    EXPECT_EQ(unsent <= 4, stage.response.p99.has_value()) << "a hundredth is 4";
    EXPECT_TRUE(stage.service.p99.has_value());
  }
}

TEST(HtmlParts, what_was_due_and_never_sent_stands_beside_each_rate) {
  SyntheticRun run(3);
  run.add_rates("atomic");
  std::int64_t started = 0;
  for (test::SyntheticTrial& item : run.trials) {
    json::object& trial = item.trial;
    if (number(trial.at("offered_per_s")) < 1200) continue;
    trial["started_per_s"] = 900;
    started += std::llround(900 * number(trial.at("measured_s")));
    trial["load"] = json::object{{"unsent", 1200}};
    trial["figure_valid"] = false;
    trial["figure_why"] = "1200 of 4800 requests that were due were never sent";
  }
  ASSERT_EQ(started, 3 * 3600);
  const std::string html = html_of(run);
  EXPECT_NE(html.find(">3,600 of 14,400<"), std::string::npos);
  const json::value chart = chart_of(html, "Response time against offered rate, steady");
  const json::value& p99 = chart.at("views").at(2);
  EXPECT_EQ(p99.at("series").at(0).at("points").as_array().size(), 2U) << "a bound is no figure";
  const auto read = read_run(run.write());
  const json::value summary = json::parse(summary_json(read, summarize(read)));
  EXPECT_EQ(number(summary.at("trials").as_array().back().at("unsent")), 1200);
}

TEST(HtmlParts, the_table_behind_the_percentiles_holds_the_figures_of_the_chart) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 1600);
  run.trials.at(1).latency = test::hdr_text(50);  // one slow round, which a median leaves out
  const std::string html = html_of(run);
  const json::value chart = chart_of(html, "Response time, hot");
  const json::value& points = chart.at("views").at(0).at("series").at(0).at("points");
  const auto has_cell = [&html](const std::string& text) {
    return html.find("<td class=\"number\">" + text + "</td>") != std::string::npos;
  };
  for (const std::size_t nines : {1, 2, 3}) {
    const json::value& point = points.at(10 * nines);
    EXPECT_NEAR(number(point.at("x")), std::pow(10.0, nines), 1e-6);
    EXPECT_TRUE(has_cell(short_figure(number(point.at("y"))))) << point;
  }
  EXPECT_GT(number(points.at(20).at("y")), 100) << "99% of all three";
  EXPECT_TRUE(has_cell("60,000")) << "samples";
}

TEST(HtmlParts, percentiles_say_how_many_requests_they_are_not_about) {
  SyntheticRun run(3);
  run.add("optimistic", "hot", 16, 1600);
  run.add("atomic", "hot", 16, 1600);
  for (auto* item : run.of("optimistic")) {
    json::object& outcomes = item->trial["outcomes"].as_object();
    outcomes["success"] = 730;
    outcomes["sold_out"] = 0;
    outcomes["conflict"] = 270;
  }
  for (auto* item : run.of("atomic")) {
    item->trial["outcomes"].as_object()["success"] = 1000;
    item->latency = test::hdr_text(50);
  }
  for (auto* item : run.of("optimistic")) item->latency = test::hdr_text(50);
  EXPECT_NE(html_of(run).find("<td class=\"number\">27.0%</td>"), std::string::npos);
  const auto read = read_run(run.write());
  const std::string said = "27% of its requests ended without an answer";
  EXPECT_NE(summary_markdown(read, summarize(read)).find(said), std::string::npos);
  const std::string terminal = summary_terminal(read, summarize(read), "", {.columns = 200});
  EXPECT_NE(terminal.find("optimistic: " + said), std::string::npos);
  EXPECT_EQ(terminal.find("atomic: 0%"), std::string::npos);
}

TEST(HtmlParts, one_offered_rate_is_no_curve) {
  SyntheticRun run(3);
  run.add_rates("atomic");
  std::erase_if(run.trials, [](const test::SyntheticTrial& item) {
    return number(item.trial.at("offered_per_s")) > 300;
  });
  EXPECT_FALSE(has_section(html_of(run), "offered"));
}

TEST(HtmlParts, attempts_add_up_to_attempts_per_success) {
  SyntheticRun run(1);
  run.add("optimistic", "hot", 64, 1000, 0);
  json::object& trial = run.trials[0].trial;
  trial["attempts_per_success"] = 2.0;
  trial["deadlocks"] = 400;
  json::object& outcomes = trial["outcomes"].as_object();
  outcomes["success"] = 9000;  // of which 5,000 are reads: nobody tries those twice
  trial["attempted_successes"] = 4000;
  outcomes["conflict"] = 1000;
  outcomes["lock_timeout"] = 200;
  const json::value chart = chart_of(html_of(run), "What became of the attempts, hot");
  std::map<std::string, double> share;
  for (const json::value& series : chart.at("views").at(0).at("series").as_array()) {
    share[std::string(series.at("name").as_string())] = number(series.at("points").at(0).at("x"));
  }
  EXPECT_DOUBLE_EQ(share.at("sold"), 1);
  EXPECT_DOUBLE_EQ(share.at("given up after conflicts"), 0.25);
  EXPECT_DOUBLE_EQ(share.at("given up: lock not had in time"), 0.05);
  EXPECT_DOUBLE_EQ(share.at("ended by a deadlock"), 0.1);
  EXPECT_DOUBLE_EQ(share.at("retried after a conflict"), 0.6);
}

TEST(HtmlParts, deadlocks_are_never_more_than_what_is_left_to_explain) {
  SyntheticRun run(1);
  run.add("optimistic", "hot", 64, 1000, 0);
  run.trials[0].trial["attempts_per_success"] = 1.5;
  run.trials[0].trial["deadlocks"] = 1'000'000;
  run.trials[0].trial["outcomes"].as_object()["conflict"] = 0;
  const json::value chart = chart_of(html_of(run), "What became of the attempts, hot");
  const json::array& series = chart.at("views").at(0).at("series").as_array();
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[1].at("name").as_string(), "ended by a deadlock");
  EXPECT_DOUBLE_EQ(number(series[1].at("points").at(0).at("x")), 0.5);
}

TEST(HtmlParts, attempts_that_all_sold_need_no_bars) {
  SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1000);
  const std::string html = html_of(run);
  EXPECT_TRUE(has_section(html, "attempts"));
  EXPECT_TRUE(chart_of(html, "What became").is_null());
}

TEST(HtmlParts, fairness_is_the_median_of_the_rounds_and_absent_where_it_was_not_taken) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 1000);
  for (std::size_t round = 0; round < 3; ++round)
    run.trials[round].trial["fairness"] = {{"jain", 0.25 * static_cast<double>(round + 1)},
                                           {"users", 500}};
  const json::value chart = chart_of(html_of(run), "Fairness across users, hot");
  const json::value& point = chart.at("views").at(0).at("series").at(0).at("points").at(0);
  EXPECT_EQ(number(point.at("y")), 0.5);
  EXPECT_EQ(number(point.at("low")), 0.25);
  EXPECT_EQ(number(point.at("high")), 0.75);
  for (auto& item : run.trials) item.trial.erase("fairness");
  EXPECT_FALSE(has_section(html_of(run), "fairness"));
}

TEST(HtmlParts, a_variant_against_itself_has_a_point_and_an_interval_for_each_repetition) {
  SyntheticRun run(3);
  EXPECT_FALSE(has_section(html_of(run), "self"));
  run.add_self(20);
  const std::string html = html_of(run);
  ASSERT_TRUE(has_section(html, "self"));
  const json::value chart = chart_of(html, "atomic against itself, hot");
  const json::array& points = chart.at("views").at(0).at("series").at(0).at("points").as_array();
  ASSERT_EQ(points.size(), 20U);
  for (const json::value& point : points) {
    EXPECT_LE(number(point.at("low")), number(point.at("y")));
    EXPECT_GE(number(point.at("high")), number(point.at("y")));
  }
}

TEST(HtmlParts, one_self_comparison_is_a_table_and_no_chart) {
  SyntheticRun run(3);
  run.add_self(1);
  const std::string html = html_of(run);
  EXPECT_TRUE(has_section(html, "self"));
  EXPECT_TRUE(chart_of(html, "atomic against itself").is_null());
  EXPECT_NE(html.find("<h3>atomic against itself, hot"), std::string::npos);
}

TEST(HtmlParts, the_time_of_a_success_is_the_median_of_the_rounds_part_by_part) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 1000, 0);
  const auto part = [&](std::size_t round, const char* name) -> json::object& {
    return run.trials[round]
        .trial["reserve_times_ms"]
        .as_object()["parts"]
        .as_object()[name]
        .as_object();
  };
  for (std::size_t round = 0; round < 3; ++round)
    part(round, "locking")["mean"] = 10.0 * static_cast<double>(round + 1);
  const std::string html = html_of(run);
  ASSERT_TRUE(has_section(html, "time"));
  const json::value chart = chart_of(html, "Where the time goes, hot");
  std::map<std::string, double> time;
  for (const json::value& series : chart.at("views").at(0).at("series").as_array())
    time[std::string(series.at("name").as_string())] = number(series.at("points").at(0).at("x"));
  EXPECT_EQ(time.at("step that takes the lock"), 20);
  EXPECT_EQ(time.at("other statements"), 0.25);
  EXPECT_FALSE(time.contains("waits for admission")) << "nobody waited";
}

TEST(HtmlParts, what_an_engine_does_not_tell_is_called_so) {
  SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1000, 0);
  json::object& activity = run.trials[0].trial["database_activity"].as_object();
  activity["successes"] = 1000;
  activity["waiting_mean"] = 2.0;  // of 4 s: 8 session seconds, 8 ms a success
  std::string html = html_of(run);
  EXPECT_NE(html.find("about 8.00"), std::string::npos);
  EXPECT_NE(html.find(">not told<"), std::string::npos) << "lock waits";
  activity["lock_wait_ms"] = 3500;
  activity["lock_waits"] = 250;
  html = html_of(run);
  EXPECT_NE(html.find(">3.50<"), std::string::npos);
  EXPECT_NE(html.find(">0.25<"), std::string::npos);
  EXPECT_EQ(html.find(">not told<"), std::string::npos);
}

TEST(HtmlParts, a_run_of_a_server_that_says_nothing_has_no_such_part) {
  SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1000);
  run.trials[0].trial.erase("reserve_times_ms");
  run.trials[0].trial.erase("database_activity");
  EXPECT_FALSE(has_section(html_of(run), "time"));
}

}  // namespace
}  // namespace boxoffice::reports
