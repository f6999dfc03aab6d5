// The winner map: contention by concurrency, each cell in the colour of the variant that is ahead.
//
// A plain fill is a winner by the stated test; hatched is a lead that the test does not carry.
// Behind it stands every pair with its interval and p-values.
#include <fmt/format.h>

#include <map>
#include <set>

#include "reports/engines.hpp"
#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"
#include "reports/scenarios.hpp"

namespace boxoffice::reports {
namespace {

/// How many clients, and for an open loop how much they send.
struct Load {
  std::int64_t connections = 0;
  std::optional<double> offered_per_s;
  auto operator<=>(const Load&) const = default;
};

std::string load_text(const Load& load) {
  std::string text = counted(load.connections, "connection");
  if (load.offered_per_s) text += fmt::format(", {}/s offered", short_figure(*load.offered_per_s));
  return text;
}

/// The variant with the best median but for `best`; null where there is none.
const VariantFigures* runner_up(const Cell& cell, const VariantFigures& best) {
  const VariantFigures* second = nullptr;
  for (const VariantFigures& variant : cell.variants) {
    if (&variant == &best || !variant.figure) continue;
    if (second == nullptr || is_better(*variant.figure, *second->figure, cell.key.metric))
      second = &variant;
  }
  return second;
}

/// "pessimistic+admission", which may be broken after the plus.
std::string breakable(const std::string& variant) {
  std::string html = escaped(variant);
  if (const auto plus = html.find('+'); plus != std::string::npos) html.insert(plus + 1, "<wbr>");
  return html;
}

/// A line for each variant that did not always finish, and for each that has not always a figure.
struct Shortcomings {
  std::string unfinished, missing;
};

Shortcomings shortcomings_of(const Cell& cell) {
  Shortcomings html;
  const auto line = [](const VariantFigures& variant, const std::string& text) {
    return text.empty()
               ? ""
               : fmt::format("<span>{}: {}</span>", escaped(variant.variant), escaped(text));
  };
  for (const VariantFigures& variant : cell.variants) {
    html.unfinished += line(variant, unfinished_text(variant, cell.key.metric));
    html.missing += line(variant, missing_text(variant));
  }
  return html;
}

/// "0.80x of atomic", "12:0 rounds to atomic" where the ratio has no bound.
std::string lead_text(const Cell& cell, const VariantFigures& best, const VariantFigures& second) {
  const auto pair = versus(cell, best.variant, second.variant);
  if (!pair || pair->rounds == 0) return "no pair of " + second.variant;
  const std::string standing = standing_text(*pair);
  const bool ratio = standing.ends_with('x');
  return standing + (ratio ? " of " : " rounds to ") + second.variant;
}

/// `load` is said in it where no column says it.
HtmlCell map_cell(const Page& page, const Cell& cell, const std::string& load = "") {
  const std::string at = load.empty() ? "" : fmt::format("<small>{}</small>", escaped(load));
  const VariantFigures* best = leader(cell);
  const auto [unfinished, missing] = shortcomings_of(cell);
  if (best == nullptr && !unfinished.empty()) {
    const char* nobody =
        cell.key.metric == Metric::goodput ? "nobody had a success" : "nobody sold out";
    return HtmlCell::markup(fmt::format("{}<em>{}</em>{}{}", at, nobody, unfinished, missing),
                            "empty");
  }
  if (best == nullptr) return HtmlCell::markup(at + "<em>no valid figure</em>" + missing, "empty");
  const bool wins = winner(cell) == best;
  const std::string unit = cell.key.metric == Metric::goodput ? "/s" : " s to sell out";
  std::string html =
      fmt::format("{}<strong>{}</strong><span>{}{}</span>", at, breakable(best->variant),
                  escaped(median_text(*best->figure)), unit);
  if (const VariantFigures* second = runner_up(cell, *best)) {
    html += fmt::format("<span>{}</span>", escaped(lead_text(cell, *best, *second)));
    const char* lead = page.summary.indicative ? "indicative" : "not separated";
    html += fmt::format("<em>{}</em>", wins ? "fastest" : lead);
  } else {
    html += "<em>no other figure</em>";
  }
  html += unfinished + missing;
  return HtmlCell::markup(
      html, fmt::format("map c{}{}", page.palette.colour(best->variant), wins ? "" : " hatched"));
}

/// "not_separated, ahead 8:4; a did not sell out in 4 of 12 rounds; b: 1 of 12 rounds without ...".
std::string conclusion_and_why(const Pair& pair, Metric metric) {
  std::string text(conclusion_name(pair.conclusion));
  if (const std::string unfinished = unfinished_text(pair, metric); !unfinished.empty())
    text += fmt::format(", ahead {}:{}; {}", pair.a_ahead, pair.b_ahead, unfinished);
  if (const std::string missing = missing_text(pair); !missing.empty()) text += "; " + missing;
  return text;
}

std::string pairs_table(const Page& page, const std::string& database) {
  HtmlTable table("Every pair of variants on " + engine_name(page.run.manifest, database),
                  {"scenario", "load", "a", "b", "a over b", "interval", "rounds", "p", "p (Holm)",
                   "conclusion"},
                  {false, false, false, false, true, true, true, true, true, false});
  for (const Cell& cell : page.summary.cells) {
    if (cell.key.database != database) continue;
    for (const Pair& pair : cell.pairs) {
      const std::string interval =
          pair.coverage ? fmt::format("{} ({:.1f}%)", interval_text(pair), 100 * *pair.coverage)
                        : "unbounded";
      table.add({cell.key.scenario, load_text({cell.key.connections, cell.key.offered_per_s}),
                 pair.a, pair.b, ratio_text(pair), interval, fmt::format("{}", pair.rounds),
                 p_text(pair.p_value), p_text(pair.p_holm),
                 conclusion_and_why(pair, cell.key.metric)});
    }
  }
  return table.html();
}

std::string legend(const Page& page) {
  std::set<std::string> names;
  for (const Cell& cell : page.summary.cells) {
    for (const VariantFigures& variant : cell.variants) names.insert(variant.variant);
  }
  std::string html = "<p class=\"legend\">";
  for (const std::string& name : names) {
    html += fmt::format("<span>{}</span>", page.palette.swatch(name));
  }
  return html +
         "<span><span class=\"key\"></span>fastest</span>"
         "<span><span class=\"key hatched\"></span>ahead, but indicative or not separated</span>"
         "</p>\n";
}

/// A row of the map: the cells of a scenario, by their load.
struct Row {
  const ScenarioFacts* scenario = nullptr;
  std::map<Load, const Cell*> cells;
};

std::vector<Row> rows_of(const Page& page, const std::string& database) {
  std::vector<Row> rows;
  for (const ScenarioFacts& scenario : page.scenarios) {
    Row row{&scenario, {}};
    for (const Cell* cell : cells_of(page.summary.cells, database, scenario.name))
      row.cells.emplace(Load{cell->key.connections, cell->key.offered_per_s}, cell);
    if (!row.cells.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

HtmlCell scenario_cell(const ScenarioFacts& scenario) {
  return HtmlCell::markup(
      fmt::format("{}<small>{}</small>", escaped(scenario.name), escaped(scenario.summary)));
}

/// A column is a load.
HtmlTable map_by_load(const Page& page, const std::vector<Row>& rows, const std::set<Load>& loads,
                      const std::string& caption) {
  std::vector<std::string> header{"contention"};
  for (const Load& load : loads) header.push_back(load_text(load));
  HtmlTable table(caption, header, std::vector<bool>(header.size(), false));
  for (const Row& row : rows) {
    std::vector<HtmlCell> cells{scenario_cell(*row.scenario)};
    for (const Load& load : loads) {
      const auto found = row.cells.find(load);
      cells.push_back(found == row.cells.end() ? HtmlCell::styled("not run", "empty")
                                               : map_cell(page, *found->second));
    }
    table.add(cells);
  }
  return table;
}

/// Scenarios ran at loads of their own, and columns for all of them would be empty mostly: each
/// cell names its load.
HtmlTable map_by_scenario(const Page& page, const std::vector<Row>& rows,
                          const std::string& caption) {
  std::size_t columns = 0;
  for (const Row& row : rows) columns = std::max(columns, row.cells.size());
  std::vector<std::string> header{"contention"};
  for (std::size_t i = 1; i <= columns; ++i) header.push_back(fmt::format("load {}", i));
  HtmlTable table(caption, header, std::vector<bool>(header.size(), false));
  for (const Row& row : rows) {
    std::vector<HtmlCell> cells{scenario_cell(*row.scenario)};
    for (const auto& [load, cell] : row.cells)
      cells.push_back(map_cell(page, *cell, load_text(load)));
    cells.resize(columns + 1, HtmlCell::markup(""));
    table.add(cells);
  }
  return table;
}

std::string map_of(const Page& page, const std::string& database) {
  const std::vector<Row> rows = rows_of(page, database);
  if (rows.empty()) return "";
  std::set<Load> loads;
  std::size_t cells = 0;
  for (const Row& row : rows) {
    cells += row.cells.size();
    for (const auto& [load, cell] : row.cells) loads.insert(load);
  }
  const bool mostly_empty = 2 * cells < rows.size() * loads.size();
  const std::string ahead = "Who is ahead on " + engine_name(page.run.manifest, database);
  const HtmlTable table =
      mostly_empty
          ? map_by_scenario(page, rows, ahead + ": contention by each scenario's own concurrency")
          : map_by_load(page, rows, loads, ahead + ": contention by concurrency");
  return "<div class=\"winners\">" + table.html() + "</div>\n" +
         figures_behind("Every pair, with its interval and p-values", pairs_table(page, database));
}

}  // namespace

std::string winner_map_section(const Page& page) {
  if (page.summary.cells.empty()) return "";
  std::string html =
      "<p>Contention rises downwards, concurrency to the right. The ratio is the median over the "
      "rounds of the leader's figure over the next best's. A round in which a variant did not sell "
      "out, or sold nothing, is lost to those that did; where that leaves the median without "
      "bound, the rounds ahead and behind stand in its place. Where a variant has no figure in "
      "more than a quarter of its rounds, nobody is faster or slower than it: rounds that are "
      "left out may leave what a side is good at.</p>\n" +
      legend(page);
  for (const std::string& database : page.databases) {
    if (page.databases.size() > 1) {
      html += fmt::format("<h3>{}</h3>\n", escaped(engine_name(page.run.manifest, database)));
    }
    html += map_of(page, database);
  }
  return section("winners", "Which strategy wins where", html);
}

}  // namespace boxoffice::reports
