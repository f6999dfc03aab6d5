// The seed's "Vertical scaling limits": what it claims for three loads, and what was answered.
#include <fmt/format.h>

#include "reports/figures.hpp"
#include "reports/scenarios.hpp"
#include "reports/seed_table.hpp"

namespace boxoffice::reports {
namespace {

/// How a variant's answers a second stand to the claim, over the rounds.
Judgement judged(const Spread& answered, double claimed_per_s, bool indicative) {
  if (indicative || answered.rounds < k_rounds_min) return Judgement::indicative;
  const double enough_per_s = claimed_per_s / k_effect_min;
  if (answered.min >= enough_per_s) return Judgement::confirms;
  return answered.max < enough_per_s ? Judgement::refutes : Judgement::not_separated;
}

SeedCell measured_cell(const SeedScenario& scenario, const VariantFigures& variant,
                       std::int64_t connections, bool indicative) {
  SeedCell cell;
  cell.strategy = variant.variant;
  cell.claim = fmt::format("{}/s", thousands(static_cast<std::int64_t>(scenario.claimed_per_s)));
  if (!variant.answered_per_s) {
    cell.measured = fmt::format("{}: no figure is shown", properties::name_of(variant.verdict));
    return cell;
  }
  const Spread& answered = *variant.answered_per_s;
  cell.measured = fmt::format("{}/s, {}/s, at {}", short_figure(answered.median),
                              range_text(answered), counted(connections, "connection"));
  cell.judgement = judged(answered, scenario.claimed_per_s, indicative);
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
  return "Measured is what was answered a second: successes, sold out, and other answers that "
         "changed nothing; what was turned away or lost does not count. Confirmed where every "
         "round reaches the claim less 5%, refuted where none does.";
}

}  // namespace boxoffice::reports
