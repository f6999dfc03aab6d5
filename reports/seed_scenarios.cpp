// The seed's "Vertical scaling limits": what it claims for three loads, and what was answered.
#include <fmt/format.h>

#include "reports/figures.hpp"
#include "reports/scenarios.hpp"
#include "reports/seed_table.hpp"

namespace boxoffice::reports {
namespace {

/// How the buyers that a variant settled a second stand to the claim, over the rounds. Where too
/// many of them have no figure, "every round" and "none" would be said of those that were kept.
Judgement judged(const Spread& settled, const Missing& missing, double claimed_per_s,
                 bool indicative) {
  if (missing.too_many() && !indicative) return Judgement::not_separated;
  if (indicative || settled.rounds < k_rounds_min) return Judgement::indicative;
  const double enough_per_s = claimed_per_s / k_effect_min;
  if (settled.min >= enough_per_s) return Judgement::confirms;
  return settled.max < enough_per_s ? Judgement::refutes : Judgement::not_separated;
}

SeedCell measured_cell(const SeedScenario& scenario, const VariantFigures& variant,
                       std::int64_t connections, bool indicative) {
  SeedCell cell;
  cell.strategy = variant.variant;
  cell.claim = fmt::format("{}/s", thousands(static_cast<std::int64_t>(scenario.claimed_per_s)));
  if (!variant.settled_per_s) {
    cell.measured = fmt::format("{}: no figure is shown", properties::name_of(variant.verdict));
    return cell;
  }
  const Spread& settled = *variant.settled_per_s;
  cell.measured = fmt::format("{}/s, {}/s, at {}", short_figure(settled.median),
                              range_text(settled), counted(connections, "connection"));
  if (const std::string missing = missing_text(variant); !missing.empty())
    cell.measured += "; " + missing;
  cell.judgement = judged(settled, variant.missing(), scenario.claimed_per_s, indicative);
  return cell;
}

}  // namespace

std::vector<SeedScenario> seed_scenarios(const Summary& summary, const std::string& database) {
  std::vector<SeedScenario> scenarios{{"seed-100", 100, 500, 2000, "Low", {}},
                                      {"seed-1000", 1000, 5000, 1500, "Medium", {}},
                                      {"seed-10000", 10000, 10000, 1000, "High", {}}};
  for (SeedScenario& scenario : scenarios) {
    for (const Cell* cell : cells_of(summary.cells, database, scenario.scenario)) {
      for (const VariantFigures& variant : cell->variants) {
        scenario.cells.push_back(
            measured_cell(scenario, variant, cell->key.connections, summary.indicative));
      }
    }
  }
  return scenarios;
}

std::string seed_scenarios_rule() {
  return "Measured is how many buyers a second had their answer, a ticket or \"sold out\", until "
         "all had theirs: each asks until then and is gone. What was turned away, lost, or asked "
         "again by who had a ticket does not count. Confirmed where every round reaches the claim "
         "less 5%, refuted where none does; left open where more than a quarter of the rounds have "
         "no figure.";
}

}  // namespace boxoffice::reports
