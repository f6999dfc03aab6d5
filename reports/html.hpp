// report.html: one file that works from a disk without a network, in light and dark, on paper and
// on a phone.
//
// The page is put together from sections, one a file (html_*.cpp). Text and tables are finished
// here; charts are drawn in the browser by Chart.js from figures that stand in the page as JSON,
// and each chart has a table behind it. The page's content security policy forbids it to load
// anything.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "reports/summary.hpp"
#include "reports/timeline.hpp"

namespace boxoffice::reports {

std::string report_html(const Run& run, const Summary& summary);

/// Which colour a variant has, the same in every section. 0 .. k_colours - 1, by name.
class Palette {
 public:
  static constexpr std::size_t k_colours = 8;
  explicit Palette(const Summary& summary);
  std::size_t colour(const std::string& variant) const;
  /// A dot of the variant's colour and its name, escaped.
  std::string swatch(const std::string& variant) const;

 private:
  std::vector<std::string> variants_;
};

/// What the sections work from. Charts are collected here and drawn by assets/charts.js.
struct Page {
  const Run& run;
  const Summary& summary;
  Palette palette;
  std::vector<ScenarioFacts> scenarios;
  std::vector<std::string> databases;
  boost::json::array charts;
};

std::string verdict_banner(const Page& page);
std::string winner_map_section(const Page& page);
std::string engines_section(const Page& page);
std::string goodput_section(Page& page);
std::string percentile_section(Page& page);
std::string offered_section(Page& page);
std::string attempts_section(Page& page);
std::string time_section(Page& page);
std::string fairness_section(Page& page);
std::string self_section(Page& page);
std::string seed_table_section(const Page& page);
std::string seed_scaling_section(const Page& page);
std::string seed_scenarios_section(const Page& page);
std::string trials_section(const Page& page);
std::string violations_section(const Page& page);
std::string method_section(const Page& page);

/// The operations of a contradiction as a drawing that can be zoomed, and as a table.
std::string timeline_html(const Timeline& timeline);

using FigureMember = std::optional<Spread> VariantFigures::*;

/// A curve a variant: one figure of each cell, with its range, at the cell's place on the x axis.
boost::json::array curve_series(const Page& page, const std::vector<const Cell*>& cells,
                                FigureMember member, double (*x_of)(const CellKey&));

/// Attempts per success over connections; empty where no trial counted attempts.
std::string attempts_curves(Page& page);

/// A chart's frame: title, canvas, and the table behind it. Registers `chart` with the page under a
/// fresh id.
std::string chart_figure(Page& page, std::string_view title, boost::json::object chart,
                         const std::string& table);

/// Charts side by side where there is room.
std::string chart_grid(const std::string& charts);

/// "hot-event" and, behind it, its summary where the manifest has one.
std::string scenario_title(const Page& page, const std::string& scenario);

}  // namespace boxoffice::reports
