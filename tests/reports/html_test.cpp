// The page: nothing of the run is markup, nothing is loaded, every chart has its table, and every
// tag is closed.
#include "reports/html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "reports/assets.hpp"
#include "reports/figures.hpp"
#include "reports/html_text.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::html_of;
using test::SyntheticRun;
using testing::HasSubstr;
using testing::Not;

std::string filled_html(int rounds, bool spoilt = false) {
  SyntheticRun run(rounds);
  run.fill();
  if (spoilt) run.spoil();
  return html_of(run);
}

std::size_t occurrences(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

/// The page without its scripts and styles: only our own markup is left.
std::string markup_of(std::string html) {
  for (const std::string name : {"script", "style"}) {
    for (std::size_t at = html.find("<" + name); at != std::string::npos;
         at = html.find("<" + name, at)) {
      html.erase(at, html.find("</" + name + ">", at) + name.size() + 3 - at);
    }
  }
  return html;
}

boost::json::value data_of(const std::string& html) {
  const std::string mark = "id=\"data\">";
  const std::size_t at = html.find(mark) + mark.size();
  return boost::json::parse(html.substr(at, html.find("</script>", at) - at));
}

/// The first tag that does not match, or nothing.
std::string first_unbalanced(const std::string& html) {
  const std::set<std::string> empty{"meta", "rect", "line", "wbr", "!DOCTYPE"};
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::string tag = html.substr(at + 1, html.find('>', at) - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    if (empty.contains(name)) continue;
    if (name.front() != '/') {
      open.push_back(name);
    } else if (open.empty() || open.back() != name.substr(1)) {
      return tag;
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

TEST(Html, loads_nothing_and_is_small) {
  const std::string html = filled_html(3);
  const std::string markup = markup_of(html);
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  for (const char* reference : {" src=", "href=\"http", "url(", "@import", "<link"}) {
    EXPECT_THAT(markup, Not(HasSubstr(reference))) << reference;
  }
  EXPECT_LT(html.size(), 3U << 20);
}

TEST(Html, every_tag_is_closed) {
  EXPECT_EQ(first_unbalanced(markup_of(filled_html(3))), "");
  EXPECT_EQ(first_unbalanced(markup_of(filled_html(12, true))), "");
}

TEST(Html, names_of_the_run_are_text_and_never_markup) {
  const std::string html = filled_html(12, true);
  const std::string ours(asset("charts.js"));
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, Not(HasSubstr("<b>bold")));
  EXPECT_THAT(html, HasSubstr("&lt;img src=x onerror=alert(1)&gt;"));
  // The data, Chart.js and ours; a name that ended one of them would start a fourth.
  EXPECT_EQ(occurrences(html, "<script"),
            3U + occurrences(std::string(asset("chart.min.js")), "<script"));
  EXPECT_EQ(occurrences(ours, "</script"), 0U);
}

TEST(Html, escapes_what_ends_an_element_an_attribute_or_a_script) {
  EXPECT_EQ(escaped("<a b=\"c\" d='e'>&\x01"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;?");
  const std::string json = json_for_script({{"x", "</script><!--&"}});
  EXPECT_THAT(json, Not(testing::ContainsRegex("[<>&]")));
  EXPECT_EQ(boost::json::parse(json).at("x").as_string(), "</script><!--&");
}

TEST(Html, each_chart_has_a_title_axes_series_and_a_table_behind_it) {
  const std::string html = filled_html(3);
  const auto charts = data_of(html).at("charts").as_array();
  EXPECT_GE(charts.size(), 6U);  // goodput, latency and attempts of two scenarios at least
  EXPECT_EQ(occurrences(html, "<canvas "), charts.size());
  for (const auto& chart : charts) {
    for (const char* text : {"title", "x_label", "y_label"}) {
      EXPECT_FALSE(chart.at(text).as_string().empty());
    }
    EXPECT_FALSE(chart.at("views").at(0).at("series").as_array().empty());
    const std::string id = std::string(chart.at("id").as_string());
    const std::size_t at = html.find("id=\"" + id + "\"");
    ASSERT_NE(at, std::string::npos);
    const std::string figure = html.substr(at, html.find("</figure>", at) - at);
    EXPECT_THAT(figure, HasSubstr("<details class=\"figures\">"));
    EXPECT_THAT(figure, HasSubstr("<table>"));
  }
}

TEST(Html, hatches_every_lead_of_an_indicative_run) {
  const std::string html = filled_html(3);
  EXPECT_THAT(html, HasSubstr("Indicative: 3 of the 8 rounds that name a winner"));
  EXPECT_THAT(html, HasSubstr("<em>indicative</em>"));
  EXPECT_THAT(html, Not(HasSubstr("<em>fastest</em>")));
}

TEST(Html, fills_the_cell_of_a_winner) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 16, 1600);
  run.add("pessimistic", "hot", 16, 1200);
  const std::string html = html_of(run);
  EXPECT_THAT(html, HasSubstr("<td class=\"map c0\"><strong>atomic</strong>"));
  EXPECT_THAT(html, HasSubstr("<em>fastest</em>"));
}

// Columns for all loads would be empty mostly.
TEST(Html, scenarios_with_loads_of_their_own_name_them_in_the_cells) {
  SyntheticRun run(12);
  for (const int connections : {8, 64}) {
    run.add("atomic", "hot", connections, 1600);
    run.add("pessimistic", "hot", connections, 1200);
  }
  const std::string by_load = markup_of(html_of(run));
  EXPECT_THAT(by_load, HasSubstr("<th scope=\"col\">64 connections</th>"));
  run.add("atomic", "spread", 500, 1600);
  run.add("pessimistic+admission", "spread", 500, 2400);
  EXPECT_THAT(markup_of(html_of(run)), HasSubstr("<td class=\"empty\">not run</td>"));
  for (const int connections : {1000, 2000})
    run.add("atomic", "crowd-" + std::to_string(connections), connections, 1600);
  const std::string by_scenario = markup_of(html_of(run));
  EXPECT_THAT(by_scenario, Not(HasSubstr("<th scope=\"col\">64 connections</th>")));
  EXPECT_THAT(by_scenario, HasSubstr("<small>8 connections</small><strong>atomic</strong>"));
  EXPECT_THAT(by_scenario,
              HasSubstr("<small>500 connections</small><strong>pessimistic+<wbr>admission"));
}

TEST(Html, says_who_did_not_sell_out_and_how_often) {
  SyntheticRun run(12);
  run.add_rush("optimistic", 8, 20);
  run.add_rush("pessimistic", 12, 25);
  run.add_rush("serializable", 0, 25);
  const std::string html = html_of(run);
  const std::string markup = markup_of(html);
  EXPECT_THAT(markup, HasSubstr("<span>optimistic: 4 of 12 did not sell out within 30 s</span>"));
  EXPECT_THAT(markup, HasSubstr("<em>not separated</em>"));
  EXPECT_THAT(markup, Not(HasSubstr("<em>fastest</em>")));
  EXPECT_THAT(markup,
              HasSubstr("<li>serializable, 64 connections: 12 of 12 did not sell out within 30 s"));
  EXPECT_THAT(markup, HasSubstr("<td class=\"number\">20.0</td><td class=\"number\">&gt; 30</td>"));
  EXPECT_THAT(markup, HasSubstr("ahead 8:4; optimistic did not sell out in 4 of 12 rounds"));
  // Numbers that JSON does not have would end the page's script.
  const std::string data = boost::json::serialize(data_of(html));
  EXPECT_THAT(data, Not(HasSubstr("1e99999")));
}

TEST(Html, where_nobody_sells_out_the_map_says_so) {
  SyntheticRun run(12);
  run.add_rush("optimistic", 0, 20);
  run.add_rush("pessimistic", 0, 20);
  const std::string markup = markup_of(html_of(run));
  EXPECT_THAT(markup, HasSubstr("<em>nobody sold out</em>"));
  EXPECT_THAT(markup, HasSubstr("pessimistic: 12 of 12 did not sell out within 30 s"));
}

TEST(Html, a_run_that_compares_nothing_begins_with_what_was_caught) {
  SyntheticRun run(1);
  run.fill();
  run.spoil();
  const auto first_section = [&] {
    const std::string html = html_of(run), mark = "<section id=\"";
    const std::size_t at = html.find(mark) + mark.size();
    return html.substr(at, html.find('"', at) - at);
  };
  EXPECT_EQ("winners", first_section());
  for (const char* command : {"verify", "selftest"}) {
    run.manifest["command"] = command;
    EXPECT_EQ("violations", first_section());
    const std::string html = html_of(run);
    EXPECT_THAT(html, Not(HasSubstr("<section id=\"winners\"")));
    EXPECT_THAT(html, Not(HasSubstr("<section id=\"seed")));
    EXPECT_LT(html.find("<section id=\"trials\""), html.find("<section id=\"latency\""));
    EXPECT_THAT(html, HasSubstr("<section id=\"latency\""));
  }
}

TEST(Html, a_violation_leaves_no_figure_of_its_variant) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 7777, 0);
  run.add("pessimistic", "hot", 16, 1200);
  run.of("atomic")[1]->trial["verdict"] = "violation";
  const std::string html = html_of(run);
  EXPECT_THAT(html, HasSubstr("<h1>VIOLATION</h1>"));
  // The trials that passed keep theirs in the table of all trials; no comparison, chart or map has
  // them.
  const std::string before_trials = html.substr(0, html.find("<section id=\"trials\""));
  EXPECT_THAT(before_trials, Not(HasSubstr("7,777")));
  EXPECT_THAT(data_of(html).as_object().size(), 1U);
  EXPECT_THAT(boost::json::serialize(data_of(html)), Not(HasSubstr("atomic")));
}

TEST(Html, draws_the_control_that_was_caught) {
  const std::string html = filled_html(3);
  EXPECT_THAT(html, HasSubstr("<svg class=\"timeline\""));
  EXPECT_THAT(html, HasSubstr("#211 reserve"));
}

TEST(Html, a_control_that_something_else_caught_is_not_caught) {
  SyntheticRun run(3);
  run.add_control(true);
  EXPECT_THAT(html_of(run), HasSubstr("confirms\">violation (caught)</span> H5"));
  run.of("naive")[0]->trial["caught_by"] = boost::json::array{"X7"};
  EXPECT_THAT(html_of(run), HasSubstr("refutes\">violation (not caught)</span> H5"));
}

TEST(Html, draws_the_fault_as_a_band_with_its_evidence_as_text) {
  const std::string html = filled_html(3, true);
  for (const char* once : {
           "data-order=\"3 6\" data-ms=\"1.000000 2.800000\" y=\"0\"",
           "class=\"kind\">kill-server</text>",
           "<td>the server ended with 137, &lt;b&gt;signal 9&lt;/b&gt;</td>",
           "class=\"bar open\"",
           "class=\"bar failed\"",
           "</span>refused, without effect</span>",
           "</span>nobody was told how it ended</span>",
           "</span>a fault, until it was healed</span>",
       }) {
    EXPECT_EQ(occurrences(html, once), 1U) << once;
  }
}

TEST(Html, a_missing_history_leaves_the_message) {
  SyntheticRun run(3);
  run.add_control(true);
  run.trials.back().history.clear();
  EXPECT_THAT(html_of(run), HasSubstr("No drawing: the history was not kept."));
  run.trials.back().history = "not a history\n";
  EXPECT_THAT(html_of(run), HasSubstr("No drawing: the history cannot be read: line 1"));
}

TEST(Html, says_of_each_metric_how_it_was_obtained) {
  SyntheticRun run(3);
  run.fill();
  std::string html = html_of(run);
  std::ranges::transform(html, html.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const Metric metric : {Metric::goodput, Metric::time_to_sell_out})
    EXPECT_THAT(html, HasSubstr("<dt>" + metric_words(metric).name + "</dt>"));
  EXPECT_THAT(html, testing::AllOf(HasSubstr("<dt>settled a second</dt>"),
                                   HasSubstr("<dt>percentile curves</dt>")));
}

TEST(Html, says_how_to_repeat_the_run_with_the_seed_it_drew) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 1600);
  run.manifest["argv"] = {"boxoffice", "compare", "--output", "my runs"};
  run.manifest["seed"] = 77;
  EXPECT_THAT(html_of(run),
              HasSubstr("boxoffice compare --output &#39;my runs&#39; --seed 77</code>"));
  for (const std::string& drawn : {std::string("--seed=random"), std::string("--seed")}) {
    boost::json::array argv{"boxoffice", "compare", drawn};
    if (drawn == "--seed") argv.emplace_back("random");
    argv.emplace_back("-q");
    run.manifest["argv"] = argv;
    EXPECT_THAT(html_of(run), HasSubstr("boxoffice compare -q --seed 77</code>"));
  }
}

TEST(Html, repeats_what_came_from_the_environment) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 1600);
  run.manifest["argv"] = {"boxoffice", "compare"};
  run.manifest["seed"] = 77;
  run.manifest["environment"] = {{"rounds", "12"}, {"output", "my runs"}};
  EXPECT_THAT(html_of(run), HasSubstr("boxoffice compare --rounds=12 &#39;--output=my runs&#39; "
                                      "--seed 77</code>"));
}

TEST(Html, repeats_a_url_with_a_password_by_the_name_of_its_variable) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 1600);
  run.manifest["argv"] = {"boxoffice", "verify"};
  run.manifest["seed"] = 77;
  run.manifest["environment"] = {{"audit-database", "postgresql://a:***@h/x"}};
  EXPECT_THAT(html_of(run), HasSubstr("&quot;--audit-database=$BOXOFFICE_AUDIT_DATABASE&quot; "));
}

}  // namespace
}  // namespace boxoffice::reports
