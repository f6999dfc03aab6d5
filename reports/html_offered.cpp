// Response time against offered rate, where a run offered several (`search`, scenarios that differ
// in their rate only).
//
// This is the curve that a closed loop cannot draw: what is offered does not wait for replies, so
// where the server no longer keeps up, the wait grows with the length of the run and not with the
// number of connections. A chart a scenario and database, a view a percentile and number of
// connections, a curve a variant.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <map>
#include <set>

#include "reports/engines.hpp"
#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"
#include "reports/scenarios.hpp"

namespace boxoffice::reports {
namespace {

namespace json = boost::json;
using Cells = std::vector<const Cell*>;

/// Open-loop cells by connections, those only at which several rates were offered.
std::map<std::int64_t, Cells> offered_cells(const Page& page, const std::string& database,
                                            const std::string& scenario) {
  std::map<std::int64_t, Cells> by_connections;
  for (const Cell* cell : cells_of(page.summary.cells, database, scenario)) {
    if (cell->key.offered_per_s) by_connections[cell->key.connections].push_back(cell);
  }
  std::erase_if(by_connections, [](const auto& item) {
    std::set<double> rates;
    for (const Cell* cell : item.second) rates.insert(*cell->key.offered_per_s);
    return rates.size() < 2;
  });
  return by_connections;
}

json::array views_of(const Page& page, const std::map<std::int64_t, Cells>& by_connections) {
  const std::vector<std::pair<const char*, FigureMember>> percentiles = {
      {"p50", &VariantFigures::p50_ms},
      {"p95", &VariantFigures::p95_ms},
      {"p99", &VariantFigures::p99_ms}};
  json::array views;
  for (const auto& [connections, cells] : by_connections) {
    for (const auto& [name, member] : percentiles) {
      json::array series = curve_series(
          page, cells, member, [](const CellKey& key) { return key.offered_per_s.value_or(0); });
      if (series.empty()) continue;
      views.push_back(
          json::object{{"label", fmt::format("{}, {}", name, counted(connections, "connection"))},
                       {"series", std::move(series)}});
    }
  }
  return views;
}

/// "12 of 4,800": of what was due in all rounds, sound figures or not.
std::string unsent_text(const Page& page, const Cell& cell, const std::string& variant) {
  std::int64_t unsent = 0;
  std::int64_t due = 0;
  for (const Trial& trial : page.run.trials) {
    const bool ours = trial.variant == variant && trial.twin_of.empty() && !trial.control &&
                      !trial.superseded && key_of(trial) == cell.key;
    if (!ours) continue;
    unsent += trial.unsent;
    due += trial.due();
  }
  return fmt::format("{} of {}", thousands(unsent), thousands(due));
}

std::string offered_table(const Page& page, const std::map<std::int64_t, Cells>& by_connections) {
  HtmlTable table("Response time of successes in ms, median over the rounds",
                  {"offered /s", "connections", "variant", "p50", "p95", "p99", "schedule lag p99",
                   "answered /s", "without an answer", "never sent", "rounds"},
                  {true, true, false, true, true, true, true, true, true, true, true});
  for (const auto& [connections, cells] : by_connections) {
    for (const Cell* cell : cells) {
      for (const VariantFigures& variant : cell->variants) {
        table.add({figure_text(*cell->key.offered_per_s), thousands(connections),
                   HtmlCell::markup(page.palette.swatch(variant.variant)),
                   figure_or_dash(variant.p50_ms), figure_or_dash(variant.p95_ms),
                   figure_or_dash(variant.p99_ms), figure_or_dash(variant.schedule_lag_p99_ms),
                   figure_or_dash(variant.answered_per_s),
                   fmt::format("{:.1f}%", 100 * variant.outcomes.unanswered_share()),
                   unsent_text(page, *cell, variant.variant),
                   fmt::format("{}", variant.figure ? variant.figure->rounds : 0)});
      }
    }
  }
  return table.html();
}

std::string stage_text(const StageFigures& stage) {
  const std::string to = fmt::format("{:g}/s", stage.to_per_s);
  const bool constant = stage.from_per_s == stage.to_per_s;
  return fmt::format("{}, {:g} s", constant ? to : fmt::format("{:g} to {}", stage.from_per_s, to),
                     stage.duration_s);
}

/// The median over the trials of a stage's figure.
template <class Of>
std::string over(const std::vector<const Trial*>& trials, std::size_t stage, Of of) {
  std::vector<double> values;
  for (const Trial* trial : trials) {
    if (const std::optional<double> value = of(trial->stages.at(stage))) values.push_back(*value);
  }
  return figure_or_dash(spread(values));
}

/// "380 of 400": sent of due, over the trials.
std::string sent_text(const std::vector<const Trial*>& trials, std::size_t stage) {
  std::int64_t sent = 0;
  std::int64_t due = 0;
  for (const Trial* trial : trials) {
    const StageFigures& figures = trial->stages.at(stage);
    sent += figures.sent;
    due += figures.sent + figures.unsent;
  }
  return fmt::format("{} of {}", thousands(sent), thousands(due));
}

void add_stages(HtmlTable& table, const Page& page, const Cell& cell,
                const VariantFigures& variant) {
  std::vector<const Trial*> trials;
  for (const Trial& trial : page.run.trials) {
    const bool ours = trial.variant == variant.variant && trial.twin_of.empty() &&
                      key_of(trial) == cell.key && trial.figure() && !trial.stages.empty();
    if (ours) trials.push_back(&trial);
  }
  if (trials.empty()) return;
  std::size_t stages = trials.front()->stages.size();
  for (const Trial* trial : trials) stages = std::min(stages, trial->stages.size());
  for (std::size_t i = 0; i < stages; ++i) {
    table.add({fmt::format("{}: {}", i + 1, stage_text(trials.front()->stages[i])),
               HtmlCell::markup(page.palette.swatch(variant.variant)),
               thousands(cell.key.connections), sent_text(trials, i),
               over(trials, i, [](const StageFigures& s) { return s.goodput_per_s; }),
               over(trials, i, [](const StageFigures& s) { return s.response.p50; }),
               over(trials, i, [](const StageFigures& s) { return s.response.p99; }),
               over(trials, i, [](const StageFigures& s) { return s.service.p99; }),
               over(trials, i, [](const StageFigures& s) { return s.schedule_lag.p99; }),
               thousands(static_cast<std::int64_t>(trials.size()))});
  }
}

/// A table a scenario and database whose rate changes in stages.
std::string stage_tables(const Page& page) {
  std::string html;
  for (const std::string& database : page.databases) {
    for (const ScenarioFacts& scenario : page.scenarios) {
      const auto cells = cells_of(page.summary.cells, database, scenario.name);
      const bool any = std::ranges::any_of(page.run.trials, [&](const Trial& trial) {
        return trial.scenario == scenario.name && trial.database == database &&
               !trial.stages.empty();
      });
      if (!any || cells.empty()) continue;
      const std::string title =
          fmt::format("Stage by stage, {}, {}", scenario_title(page, scenario.name),
                      engine_name(page.run.manifest, database));
      HtmlTable table(
          "Of the requests that were due in each stage, goodput of what succeeded while it lasted; "
          "median of the rounds",
          {"stage", "variant", "connections", "sent of due", "goodput/s", "response p50, ms", "p99",
           "service p99", "schedule lag p99", "rounds"},
          {false, false, true, true, true, true, true, true, true, true});
      for (const Cell* cell : cells) {
        for (const VariantFigures& variant : cell->variants)
          add_stages(table, page, *cell, variant);
      }
      html += fmt::format("<h3>{}</h3>\n", escaped(title)) + table.html();
    }
  }
  return html;
}

}  // namespace

std::string offered_section(Page& page) {
  std::string html;
  for (const std::string& database : page.databases) {
    for (const ScenarioFacts& scenario : page.scenarios) {
      const auto cells = offered_cells(page, database, scenario.name);
      json::array views = views_of(page, cells);
      if (views.empty()) continue;
      std::string title =
          "Response time against offered rate, " + scenario_title(page, scenario.name);
      if (page.databases.size() > 1) title += ", " + engine_name(page.run.manifest, database);
      html += chart_figure(page, title,
                           {{"kind", "curves"},
                            {"x_label", "offered requests/s (log scale)"},
                            {"x_unit", "requests/s offered"},
                            {"y_label", "response time (ms, log scale)"},
                            {"y_scale", "logarithmic"},
                            {"views", std::move(views)}},
                           offered_table(page, cells));
    }
  }
  const std::string stages = stage_tables(page);
  if (html.empty() && stages.empty()) return "";
  return section("offered", "Response time against offered rate",
                 "<p>Requests leave on a schedule that does not wait for replies, and the time "
                 "counts from when each should have left. The median of the rounds; whiskers run "
                 "from the smallest to the largest. A request that was due and found no free "
                 "connection until the end counts as what it had waited by then: less than it "
                 "would have taken. Where more than one in a hundred was never sent, or the "
                 "generator itself fell behind, there is no figure.</p>\n" +
                     chart_grid(html) + stages);
}

}  // namespace boxoffice::reports
