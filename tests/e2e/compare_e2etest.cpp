// boxoffice compare, as small as it goes: every trial judged, the control caught, and the files
// that other tools read as docs/run-directory.md says.
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <fstream>
#include <map>
#include <set>

#include "tests/e2e/harness_run.hpp"

namespace boxoffice::tests {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

class Compare : public HarnessTest {};

void expect_fields(const json::value& value, const std::vector<std::string>& fields) {
  for (const std::string& field : fields) {
    EXPECT_TRUE(value.as_object().contains(field)) << field;
  }
}

void expect_attribution(const json::value& trial) {
  const json::value& times = trial.at("reserve_times_ms");
  EXPECT_GT(times.at("count").as_int64(), 0) << trial;
  double mean_ms = 0;
  for (const char* part :
       {"admission", "pool", "locking", "statements", "commit", "pauses", "server"}) {
    mean_ms += times.at("parts").at(part).at("mean").to_number<double>();
  }
  EXPECT_GT(mean_ms, 0.05);
  EXPECT_GT(times.at("parts").at("locking").at("mean").to_number<double>(), 0);
  const json::value& activity = trial.at("database_activity");
  EXPECT_GE(activity.at("samples").as_int64(), 2);
  EXPECT_GT(activity.at("log_bytes").as_int64(), 0);
  EXPECT_TRUE(activity.at("lock_waits").is_null()) << "PostgreSQL keeps no sum";
  EXPECT_GE(trial.at("commits_per_success").to_number<double>(), 1);
  const bool atomic = trial.at("strategy").as_string() == "atomic";
  EXPECT_GE(trial.at("statements_per_success").to_number<double>(), atomic ? 5 : 6);
  EXPECT_LT(trial.at("statements_per_success").to_number<double>(), 7) << "neither retries";
  EXPECT_GE(trial.at("round_trips_per_success").to_number<double>(), 2);
  EXPECT_LT(trial.at("round_trips_per_success").to_number<double>(), 3);
}

void expect_summary(const json::value& summary) {
  EXPECT_EQ("boxoffice.summary/1", summary.at("schema").as_string());
  EXPECT_EQ("pass", summary.at("verdict").as_string());
  EXPECT_EQ(0, summary.at("exit_code").as_int64());
  EXPECT_TRUE(summary.at("indicative").as_bool()) << "one round decides nothing";
  bool caught = false;
  for (const json::value& trial : summary.at("trials").as_array()) {
    expect_fields(trial, {"database", "strategy", "variant", "scenario", "connections", "round",
                          "goodput_per_s", "time_to_sell_out_s", "latency_ms", "outcomes",
                          "attempts_per_success", "verdict", "violations", "figure_valid"});
    const bool control = trial.at("control").as_bool();
    if (trial.at("superseded").as_bool()) continue;
    EXPECT_EQ(control ? "violation" : "pass", trial.at("verdict").as_string()) << trial;
    caught = caught || control;
    if (!control && trial.at("figure_valid").as_bool()) expect_attribution(trial);
  }
  EXPECT_TRUE(caught);
  EXPECT_FALSE(summary.at("pairs").as_array().empty());
  for (const json::value& pair : summary.at("pairs").as_array()) {
    expect_fields(pair, {"database", "a", "b", "scenario", "connections", "metric", "ratio", "low",
                         "high", "rounds", "p_value", "p_holm", "conclusion"});
    EXPECT_EQ("indicative", pair.at("conclusion").as_string());
  }
}

TEST_F(Compare, ASmallOneIsComplete) {
  const Ran ran = start("compare", {"--rounds", "1", "--scenarios", "hot-event,few-hot-tickets",
                                    "--strategies", "pessimistic,atomic", "-c", "8", "-d", "2s"})
                      .wait(90s);
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("naive"));
  expect_empty_tmp();
  const fs::path run = only_run();
  expect_summary(json_of(run / "summary.json"));

  for (const fs::path& trial : entries_of(run / "trials"))
    EXPECT_GE(count_lines(text_of(trial / "database.csv")), 3U) << trial;

  std::map<std::int64_t, std::vector<std::string>> on_instances;
  for (const fs::path& trial : entries_of(run / "trials")) {
    const json::value of = json_of(trial / "trial.json");
    if (of.at("control").as_bool() || of.at("repeated").as_bool()) continue;
    on_instances[of.at("instances").as_int64()].emplace_back(of.at("variant").as_string());
  }
  EXPECT_EQ(4U, on_instances[1].size());
  EXPECT_EQ(std::vector<std::string>{"pessimistic"}, on_instances[2]);

  const std::string page = text_of(run / "report.html");
  EXPECT_THAT(page, HasSubstr("hot-event at 8 connections on 2 instances"));
  EXPECT_THAT(page, HasSubstr("<section id=\"time\""));
  EXPECT_THAT(page, HasSubstr("</html>"));
  for (const char* outside :
       {"src=\"http", "src=\"//", "src='http", "href=\"http", "@import", "url(http"}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
  boost::property_tree::ptree junit;
  EXPECT_NO_THROW(boost::property_tree::read_xml((run / "junit.xml").string(), junit));
  EXPECT_EQ(1U, junit.count("testsuites"));
  EXPECT_EQ(0, run_program(workspace_, "boxoffice", {"analyze", run.string()}).code);
}

/// The x values of the first chart of response time against offered rate.
std::set<double> offered_rates(const std::string& page) {
  const std::string mark = "<script type=\"application/json\" id=\"data\">";
  const std::size_t begin = page.find(mark) + mark.size();
  const json::value data = json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  std::set<double> rates;
  for (const json::value& chart : data.at("charts").as_array()) {
    if (!chart.at("title").as_string().starts_with("Response time against offered rate")) continue;
    for (const json::value& series : chart.at("views").at(0).at("series").as_array()) {
      for (const json::value& point : series.at("points").as_array())
        rates.insert(point.at("x").to_number<double>());
    }
  }
  return rates;
}

bool every_figure_is_valid(const json::value& summary) {
  const json::array& trials = summary.at("trials").as_array();
  return std::ranges::all_of(trials, [](const json::value& trial) {
    return trial.at("superseded").as_bool() || trial.at("figure_valid").as_bool();
  });
}

TEST_F(Compare, OfferedRatesAreACurveAndToldApart) {
  const fs::path scenario = workspace_.path() / "offered.toml";
  std::ofstream(scenario) << "name = 'offered'\nusers = 20000\nevents = { tickets = 100000 }\n"
                             "load = { connections = [16], rate_per_s = [20, 40], "
                             "duration = '500ms' }\n";
  const Ran ran =
      start("compare", {"--self", "--rounds", "1", "--scenarios", scenario.string()}).wait(90s);
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("offered, 16 connections, offered 20.0/s"));
  EXPECT_THAT(ran.out, HasSubstr("offered, 16 connections, offered 40.0/s"));
  const fs::path run = only_run();
  const std::string page = text_of(run / "report.html");
  // A generator that was late on a busy machine has no figure to draw.
  if (every_figure_is_valid(json_of(run / "summary.json"))) {
    EXPECT_THAT(page, HasSubstr("<section id=\"offered\""));
    EXPECT_EQ((std::set<double>{20, 40}), offered_rates(page));
  }
  const std::string map = page.substr(page.find("<div class=\"winners\">"));
  EXPECT_THAT(map, HasSubstr("16 connections, 20.0/s offered"));
  EXPECT_THAT(map, HasSubstr("16 connections, 40.0/s offered"));
  EXPECT_THAT(text_of(run / "summary.md"), HasSubstr("16 connections, 40.0/s, open"));
  EXPECT_THAT(text_of(run / "summary.csv"), HasSubstr("pessimistic,offered,16,40,goodput,"));
  EXPECT_THAT(text_of(run / "junit.xml"),
              HasSubstr("pessimistic offered, 16 connections, 40.0/s, open, round 1"));
}

/// Who sold all in the warm-up has a goodput of 0, and is not the slowest for that.
TEST_F(Compare, ATrialWhoseTicketsRanOutHasNoFigure) {
  const fs::path scenario = workspace_.path() / "few.toml";
  std::ofstream(scenario) << "name = 'few'\nmetric = 'goodput'\nusers = 20000\n"
                             "events = { count = 1, tickets = 100 }\n"
                             "load = { connections = [8], warmup = '300ms', duration = '300ms' }\n";
  const Ran ran =
      start("compare", {"--self", "--rounds", "1", "--scenarios", scenario.string()}).wait(60s);
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("tickets ran out"));
  const json::value summary = json_of(only_run() / "summary.json");
  EXPECT_EQ(2U, summary.at("trials").as_array().size()) << "measured again, it would be the same";
  for (const json::value& trial : summary.at("trials").as_array())
    EXPECT_FALSE(trial.at("figure_valid").as_bool());
}

}  // namespace
}  // namespace boxoffice::tests
