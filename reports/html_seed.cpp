// The seed's two tables beside what was measured: claim, figure, judgement, rule.
#include <fmt/format.h>

#include <algorithm>

#include "reports/engines.hpp"
#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"
#include "reports/scenarios.hpp"
#include "reports/seed_table.hpp"

namespace boxoffice::reports {
namespace {

std::string judgement_class(Judgement judgement) {
  switch (judgement) {
    case Judgement::confirms:
      return "confirms";
    case Judgement::refutes:
      return "refutes";
    case Judgement::depends:
      return "depends";
    case Judgement::not_separated:
    case Judgement::indicative:
    case Judgement::not_measured:
      break;
  }
  return "open";
}

std::string badge(Judgement judgement) {
  return fmt::format("<span class=\"badge {}\">{}</span>", judgement_class(judgement),
                     judgement_name(judgement));
}

HtmlCell claim_cell(const SeedCell& cell) {
  return HtmlCell::markup(fmt::format("<q>{}</q> {}<small>{}</small>", escaped(cell.claim),
                                      badge(cell.judgement), escaped(cell.measured)));
}

std::string table_of(const std::string& caption, const std::vector<SeedRow>& rows) {
  HtmlTable table(caption, {"aspect and rule", "pessimistic", "optimistic", "atomic"},
                  {false, false, false, false});
  for (const SeedRow& row : rows) {
    std::vector<HtmlCell> cells{HtmlCell::markup(
        fmt::format("{}<small>{}</small>", escaped(row.aspect), escaped(row.rule)))};
    for (const SeedCell& cell : row.cells) cells.push_back(claim_cell(cell));
    table.add(cells);
  }
  return "<div class=\"seed\">" + table.html() + "</div>\n";
}

std::string scenarios_of(const Page& page, const std::string& database) {
  HtmlTable table(
      "The seed's vertical scaling limits, measured on " + engine_name(page.run.manifest, database),
      {"tickets", "users", "claimed", "database load", "variant", "measured: median, range",
       "judgement"},
      {true, true, true, false, false, false, false});
  for (const SeedScenario& scenario : seed_scenarios(page.summary, database)) {
    for (const SeedCell& cell : scenario.cells) {
      table.add({thousands(scenario.tickets), thousands(scenario.users), cell.claim,
                 scenario.claimed_load + " (claimed)",
                 HtmlCell::markup(page.palette.swatch(cell.strategy)), cell.measured,
                 HtmlCell::markup(badge(cell.judgement))});
    }
  }
  return table.html();
}

}  // namespace

std::string seed_table_section(const Page& page) {
  std::string html = fmt::format(
      "<p>The design that this project grew from asserts what each strategy is good for. Each cell "
      "below is its claim, the judgement, and the figure behind it. The rules are applied to this "
      "run's data; a run of fewer than {} rounds judges no performance claim.</p>\n",
      page.summary.rounds_needed);
  for (const std::string& database : page.databases) {
    if (page.databases.size() > 1) {
      html += fmt::format("<h3>{}</h3>\n", escaped(engine_name(page.run.manifest, database)));
    }
    html += table_of("The seed's table \"Why this strategy?\", measured on " +
                         engine_name(page.run.manifest, database),
                     seed_table(page.run, page.summary, database));
  }
  return page.databases.empty() ? "" : section("seed", "The seed's table, measured", html);
}

std::string seed_scaling_section(const Page& page) {
  std::string html = fmt::format("<p>{}</p>\n", escaped(seed_scaling_rule()));
  bool any = false;
  for (const std::string& database : page.databases) {
    const auto rows = seed_scaling(page.run, page.summary, database);
    any = any || std::ranges::any_of(rows, [](const SeedRow& row) {
            return std::ranges::any_of(row.cells, [](const SeedCell& cell) {
              return cell.judgement != Judgement::not_measured;
            });
          });
    if (page.databases.size() > 1)
      html += fmt::format("<h3>{}</h3>\n", escaped(engine_name(page.run.manifest, database)));
    html += table_of("What scales and what does not, as the seed says and as measured on " +
                         engine_name(page.run.manifest, database),
                     rows);
  }
  return any ? section("scales", "What scales, what does not", html) : "";
}

std::string seed_scenarios_section(const Page& page) {
  const bool any = std::any_of(page.scenarios.begin(), page.scenarios.end(),
                               [](const auto& facts) { return is_seed_scenario(facts.name); });
  if (!any) return "";
  std::string html = fmt::format("<p>{}</p>\n", escaped(seed_scenarios_rule()));
  for (const std::string& database : page.databases) html += scenarios_of(page, database);
  return section("scaling", "The seed's three loads, claimed and measured", html);
}

}  // namespace boxoffice::reports
