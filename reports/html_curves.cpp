// Curves over concurrency: the scenario's figure, attempts per success, fairness. A chart a
// scenario and database, a curve a variant, its whiskers the smallest and the largest of the
// rounds.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <cmath>
#include <map>

#include "reports/engines.hpp"
#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"
#include "reports/scenarios.hpp"

namespace boxoffice::reports {
namespace {

namespace json = boost::json;
/// A chart of one member of VariantFigures over the connections of some cells.
struct Curves {
  FigureMember member;
  std::string title, y_label;
  std::optional<double> y_max = {};  ///< where the figure has a largest value
};

json::object curves_json(const Page& page, const std::vector<const Cell*>& cells,
                         const Curves& curves) {
  json::array series = curve_series(page, cells, curves.member, [](const CellKey& key) {
    return static_cast<double>(key.connections);
  });
  return {{"kind", "curves"},
          {"y_max", curves.y_max ? json::value(*curves.y_max) : json::value(nullptr)},
          {"x_label", "connections (log scale)"},
          {"x_unit", "connections"},
          {"y_label", curves.y_label},
          {"views", json::array{json::object{{"label", ""}, {"series", std::move(series)}}}}};
}

std::string curves_table(const Page& page, const std::vector<const Cell*>& cells,
                         const Curves& curves) {
  HtmlTable table(curves.title,
                  {"connections", "variant", "median", "smallest", "largest", "rounds"},
                  {true, false, true, true, true, true});
  for (const Cell* cell : cells) {
    for (const VariantFigures& variant : cell->variants) {
      const auto& spread = variant.*curves.member;
      const HtmlCell name = HtmlCell::markup(page.palette.swatch(variant.variant));
      const std::string connections = thousands(cell->key.connections);
      if (!spread) {
        const bool passed = variant.verdict == properties::Outcome::pass;
        table.add({connections, name,
                   passed ? "no figure" : std::string(properties::name_of(variant.verdict)), "-",
                   "-", "0"});
        continue;
      }
      const auto text = [](double value, const std::string& unreached) {
        return std::isinf(value) ? unreached : figure_text(value);
      };
      table.add({connections, name, text(spread->median, median_text(*spread)),
                 text(spread->min, min_text(*spread)), text(spread->max, max_text(*spread)),
                 fmt::format("{}", spread->rounds)});
    }
  }
  return table.html();
}

bool has_values(const std::vector<const Cell*>& cells, FigureMember member) {
  for (const Cell* cell : cells) {
    for (const VariantFigures& variant : cell->variants) {
      const auto& spread = variant.*member;
      if (spread && std::isfinite(spread->median)) return true;
    }
  }
  return false;
}

/// What the curves of a time to sell out or a goodput leave out.
std::string unfinished_note(const std::vector<const Cell*>& cells) {
  std::string html;
  for (const Cell* cell : cells) {
    for (const VariantFigures& variant : cell->variants) {
      const std::string text = unfinished_text(variant, cell->key.metric);
      if (!text.empty())
        html += fmt::format("<li>{}, {}: {}</li>\n", escaped(variant.variant),
                            counted(cell->key.connections, "connection"), escaped(text));
    }
  }
  return html.empty() ? "" : "<ul class=\"note\">\n" + html + "</ul>\n";
}

/// Closed-loop cells: with an offered rate, concurrency is not what is varied.
std::vector<const Cell*> closed_cells(const Page& page, const std::string& database,
                                      const std::string& scenario) {
  auto cells = cells_of(page.summary.cells, database, scenario);
  std::erase_if(cells, [](const Cell* cell) { return cell->key.offered_per_s.has_value(); });
  return cells;
}

template <class MakeCurves>
std::string charts(Page& page, MakeCurves make_curves) {
  std::string html;
  for (const std::string& database : page.databases) {
    for (const ScenarioFacts& scenario : page.scenarios) {
      const auto cells = closed_cells(page, database, scenario.name);
      if (cells.empty()) continue;
      Curves curves = make_curves(cells.front()->key.metric);
      const bool drawn = has_values(cells, curves.member);
      const std::string note =
          curves.member == &VariantFigures::figure ? unfinished_note(cells) : "";
      if (!drawn && note.empty()) continue;
      curves.title += ", " + scenario_title(page, scenario.name);
      if (page.databases.size() > 1)
        curves.title += ", " + engine_name(page.run.manifest, database);
      const std::string table = curves_table(page, cells, curves);
      html += drawn ? chart_figure(page, curves.title, curves_json(page, cells, curves), table)
                    : fmt::format("<h3>{}</h3>\n{}", escaped(curves.title), table);
      html += note;
    }
  }
  return html;
}

}  // namespace

json::array curve_series(const Page& page, const std::vector<const Cell*>& cells,
                         FigureMember member, double (*x_of)(const CellKey&)) {
  std::map<std::string, json::array> points;
  for (const Cell* cell : cells) {
    for (const VariantFigures& variant : cell->variants) {
      const auto& spread = variant.*member;
      // A median that was not reached has no place on the axis: the text below the chart says it.
      if (!spread || std::isinf(spread->median)) continue;
      points[variant.variant].push_back(
          json::object{{"x", x_of(cell->key)},
                       {"y", spread->median},
                       {"low", spread->min},
                       {"high", std::isinf(spread->max) ? spread->limit : spread->max}});
    }
  }
  json::array series;
  for (auto& [name, values] : points) {
    series.push_back(json::object{
        {"name", name}, {"colour", page.palette.colour(name)}, {"points", std::move(values)}});
  }
  return series;
}

std::string goodput_section(Page& page) {
  if (page.summary.cells.empty()) return "";
  const std::string html = charts(page, [](Metric metric) {
    const MetricWords words = metric_words(metric);
    const std::string name = metric == Metric::goodput ? "Goodput" : "Time to sell out";
    return Curves{&VariantFigures::figure, name, fmt::format("{} ({})", words.name, words.unit)};
  });
  if (html.empty()) return "";
  return section(
      "goodput", "Goodput against concurrency",
      "<p>The median of the rounds; whiskers run from the smallest to the largest. Where "
      "tickets run out everybody sells all of them, so the time to do so is compared.</p>"
      "\n" +
          html);
}

std::string attempts_curves(Page& page) {
  return charts(page, [](Metric) {
    return Curves{&VariantFigures::attempts_per_success, "Attempts per success",
                  "attempts per success"};
  });
}

std::string fairness_section(Page& page) {
  const std::string html = charts(page, [](Metric) {
    return Curves{&VariantFigures::fairness, "Fairness across users", "Jain's index (1: all alike)",
                  1.0};
  });
  if (html.empty()) return "";
  return section(
      "fairness", "Fairness across users",
      "<p>Jain's index over the reservations that each user got, of those who asked and whom "
      "the end of the trial did not cut off: "
      "(sum of x)&#178; / (n &#183; sum of x&#178;). 1 where all got the same number, "
      "k/n where k users of n got it all. Where there are fewer tickets than users it is "
      "small for everybody: compare variants, not scenarios.</p>\n" +
          html);
}

}  // namespace boxoffice::reports
