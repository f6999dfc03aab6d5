// Response time by percentile, on the axis log 1/(1-p) that shows the tail, from the trials'
// histograms.
//
// A curve merges the rounds of a variant: counts are added, percentiles never averaged. It ends
// where fewer than ten samples lie beyond. Only trials that count have their histograms in it.
#include <fmt/format.h>

#include <array>
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

/// A variant's rounds in a cell, merged: the curve and its line of the table are both read off it.
struct Merged {
  const VariantFigures* variant = nullptr;
  LatencyHistogram histogram;
};

struct MergedCell {
  const Cell* cell = nullptr;
  std::vector<Merged> variants;
};

std::vector<MergedCell> merged_cells(const Run& run, const std::vector<const Cell*>& cells) {
  std::vector<MergedCell> all;
  for (const Cell* cell : cells) {
    all.push_back({cell, {}});
    for (const VariantFigures& variant : cell->variants) {
      all.back().variants.push_back({&variant, variant.figure
                                                   ? histogram_of(run, cell->key, variant.variant)
                                                   : LatencyHistogram()});
    }
  }
  return all;
}

json::object view_json(const Page& page, const MergedCell& of) {
  json::array series;
  for (const auto& [variant, histogram] : of.variants) {
    json::array points;
    for (const PercentilePoint& point : percentile_curve(histogram)) {
      if (point.value_ms <= 0)
        continue;  // below the histogram's resolution: no place on a log axis
      points.push_back(json::object{{"x", 1 / (1 - point.percentile)}, {"y", point.value_ms}});
    }
    if (points.empty()) continue;
    series.push_back(json::object{{"name", variant->variant},
                                  {"colour", page.palette.colour(variant->variant)},
                                  {"points", std::move(points)}});
  }
  return {{"label", load_text(of.cell->key)}, {"series", std::move(series)}};
}

constexpr std::array k_tails{0.5, 0.1, 0.01, 0.001, 0.0001};

std::string unanswered_percent(const VariantFigures& variant) {
  return variant.figure ? fmt::format("{:.1f}%", 100 * variant.outcomes.unanswered_share()) : "-";
}

std::string latency_table(const Page& page, const std::vector<MergedCell>& cells) {
  HtmlTable table(
      "Latency of successes in ms: response time of the rounds merged, service time and schedule "
      "lag the median over the rounds of each trial's p99",
      {"load", "variant", "samples", "without an answer", "p50", "p90", "p99", "p99.9", "p99.99",
       "service p99", "schedule lag p99"},
      {false, false, true, true, true, true, true, true, true, true, true});
  for (const auto& [cell, variants] : cells) {
    for (const auto& [variant, histogram] : variants) {
      std::vector<HtmlCell> row{load_text(cell->key),
                                HtmlCell::markup(page.palette.swatch(variant->variant)),
                                thousands(sample_count(histogram)), unanswered_percent(*variant)};
      for (const double tail : k_tails) {
        const auto value_ms = value_at(histogram, tail);
        row.emplace_back(value_ms ? short_figure(*value_ms) : "-");
      }
      row.emplace_back(figure_or_dash(variant->service_p99_ms));
      row.emplace_back(figure_or_dash(variant->schedule_lag_p99_ms));
      table.add(row);
    }
  }
  return table.html();
}

}  // namespace

std::string percentile_section(Page& page) {
  std::string html;
  for (const std::string& database : page.databases) {
    for (const ScenarioFacts& scenario : page.scenarios) {
      const auto cells =
          merged_cells(page.run, cells_of(page.summary.cells, database, scenario.name));
      json::array views;
      for (const MergedCell& cell : cells) {
        json::object view = view_json(page, cell);
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
      "merged, in the curves as in the table behind them. Each ends where fewer than ten samples "
      "lie beyond. Requests without an answer (conflicts, locks not had in time, refusals, errors) "
      "are not of them: the more there are, the better the others look. In a closed loop a slow "
      "server slows its own load: see the schedule lag and "
      "service time in the "
      "table.</p>\n" +
          chart_grid(html));
}

}  // namespace boxoffice::reports
