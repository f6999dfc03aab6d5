// The engines of a run side by side: who is ahead on each, and what share that is of what the
// database does alone. Only where there are several.
#include <fmt/format.h>

#include <cmath>

#include "reports/engines.hpp"
#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"
#include "reports/scenarios.hpp"

namespace boxoffice::reports {
namespace {

std::string alone_text(const std::optional<ReferenceLine>& alone) {
  if (!alone) return "not measured";
  return fmt::format("{}, {}: {}/s", alone->name, counted(alone->clients, "client"),
                     figure_text(alone->per_s));
}

void add_cell(const Page& page, const Cell& cell, HtmlTable& table) {
  const VariantFigures* best = leader(cell);
  const auto alone = best_reference(page.run.manifest, cell.key.database);
  const std::string engine = engine_name(page.run.manifest, cell.key.database);
  const std::string load = load_text(cell.key);
  if (!best) {
    table.add({cell.key.scenario, load, engine, "no figure", "-", "-", "-"});
    return;
  }
  const auto share = share_of_alone(page.run.manifest, cell, *best);
  const MetricWords metric = metric_words(cell.key.metric);
  const std::string missing = missing_text(*best);
  table.add({cell.key.scenario, load, engine, HtmlCell::markup(page.palette.swatch(best->variant)),
             (std::isinf(best->figure->median) ? median_text(*best->figure)
                                               : figure_text(best->figure->median)) +
                 " " + metric.unit + (missing.empty() ? "" : "; " + missing),
             share ? ratio_text(*share) : "-", alone_text(alone)});
}

}  // namespace

std::string engines_section(const Page& page) {
  if (page.databases.size() < 2) return "";
  HtmlTable table("The variant with the best median on each engine",
                  {"scenario", "load", "engine", "best median", "its figure", "of the engine alone",
                   "the engine alone, at its best"},
                  {false, false, false, false, true, true, false});
  for (const ScenarioFacts& scenario : page.scenarios) {
    for (const Cell& cell : page.summary.cells) {
      if (cell.key.scenario == scenario.name) add_cell(page, cell, table);
    }
  }
  return section(
      "engines", "The engines, each beside its own reference line",
      fmt::format("<p class=\"note\">{} It reserves from one hot event: a share is of "
                  "scenarios of that shape only, and of the line with the most rounds.</p>\n",
                  k_engines_note) +
          table.html());
}

}  // namespace boxoffice::reports
