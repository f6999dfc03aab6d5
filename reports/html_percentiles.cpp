// Response time by percentile, on the axis log 1/(1-p) that shows the tail, from the trials'
// histograms.
//
// A curve merges the rounds of a variant: counts are added, percentiles never averaged. It ends
// where fewer than ten samples lie beyond. Only trials that count have their histograms in it.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <filesystem>

#include "reports/engines.hpp"
#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"
#include "reports/percentiles.hpp"
#include "reports/scenarios.hpp"

namespace boxoffice::reports {
namespace {

namespace json = boost::json;

bool belongs(const Trial& trial, const CellKey& key, const std::string& variant) {
  return trial.variant == variant && key_of(trial) == key && trial.figure();
}

LatencyHistogram histogram_of(const Run& run, const CellKey& key, const std::string& variant) {
  std::vector<LatencyHistogram> histograms;
  for (const Trial& trial : run.trials) {
    if (!belongs(trial, key, variant)) continue;
    if (!trial.latency_why.empty()) return {};  // the rounds without it are the best ones
    const auto path = run.directory / "trials" / trial.directory / "latency.hdr";
    if (!std::filesystem::exists(path)) continue;
    const std::string where = fmt::format("trials/{}/latency.hdr", trial.directory);
    histograms.push_back(parse_hdr(read_text(path, where), where));
  }
  return merged(histograms);
}

json::object view_json(const Page& page, const Cell& cell) {
  json::array series;
  for (const VariantFigures& variant : cell.variants) {
    if (!variant.figure) continue;
    json::array points;
    const auto histogram = histogram_of(page.run, cell.key, variant.variant);
    for (const PercentilePoint& point : percentile_curve(histogram)) {
      if (point.value_ms <= 0)
        continue;  // below the histogram's resolution: no place on a log axis
      points.push_back(json::object{{"x", 1 / (1 - point.percentile)}, {"y", point.value_ms}});
    }
    if (points.empty()) continue;
    series.push_back(json::object{{"name", variant.variant},
                                  {"colour", page.palette.colour(variant.variant)},
                                  {"points", std::move(points)}});
  }
  return {{"label", load_text(cell.key)}, {"series", std::move(series)}};
}

std::string latency_table(const Page& page, const std::vector<const Cell*>& cells) {
  HtmlTable table(
      "Latency of successes in ms, median over the rounds of each trial's percentile",
      {"load", "variant", "response p50", "p95", "p99", "service p99", "schedule lag p99"},
      {false, false, true, true, true, true, true});
  for (const Cell* cell : cells) {
    for (const VariantFigures& variant : cell->variants) {
      table.add({load_text(cell->key), HtmlCell::markup(page.palette.swatch(variant.variant)),
                 figure_or_dash(variant.p50_ms), figure_or_dash(variant.p95_ms),
                 figure_or_dash(variant.p99_ms), figure_or_dash(variant.service_p99_ms),
                 figure_or_dash(variant.schedule_lag_p99_ms)});
    }
  }
  return table.html();
}

}  // namespace

std::string percentile_section(Page& page) {
  std::string html;
  for (const std::string& database : page.databases) {
    for (const ScenarioFacts& scenario : page.scenarios) {
      const auto cells = cells_of(page.summary.cells, database, scenario.name);
      json::array views;
      for (const Cell* cell : cells) {
        json::object view = view_json(page, *cell);
        if (!view.at("series").as_array().empty()) views.push_back(std::move(view));
      }
      if (views.empty()) continue;
      std::string title = "Response time, " + scenario_title(page, scenario.name);
      if (page.databases.size() > 1) title += ", " + engine_name(page.run.manifest, database);
      html += chart_figure(page, title,
                           {{"kind", "percentiles"},
                            {"x_label", "percentile (log 1/(1-p))"},
                            {"y_label", "response time (ms, log scale)"},
                            {"views", std::move(views)}},
                           latency_table(page, cells));
    }
  }
  if (html.empty()) return "";
  return section(
      "latency", "Response time by percentile",
      "<p>From the intended start to the parsed reply, successes only, the rounds "
      "merged. Each curve ends where fewer than ten samples lie beyond. In a closed loop "
      "a slow server slows its own load: see the schedule lag and service time in the "
      "table.</p>\n" +
          chart_grid(html));
}

}  // namespace boxoffice::reports
