// See seed_evidence.hpp.
#include "reports/seed_evidence.hpp"

#include <algorithm>

#include "reports/scenarios.hpp"

namespace boxoffice::reports {
namespace {

/// Of an open loop goodput is what was offered, as long as everybody keeps up with it.
bool is_offered(const Summary& summary, const std::string& scenario) {
  return std::ranges::any_of(summary.cells, [&](const Cell& cell) {
    return cell.key.scenario == scenario && cell.key.offered_per_s;
  });
}

}  // namespace

SeedEvidence seed_evidence(const Run& run, const Summary& summary, const std::string& database) {
  SeedEvidence evidence{run, summary, database, {}};
  for (const ScenarioFacts& scenario : scenarios_by_contention(run, summary.cells)) {
    if (!is_seed_scenario(scenario.name) && !is_reads_scenario(scenario.name) &&
        !is_offered(summary, scenario.name))
      evidence.scenarios.push_back(scenario);
  }
  return evidence;
}

const VariantFigures* seed_figures(const Cell& cell, const std::string& variant) {
  for (const VariantFigures& figures : cell.variants) {
    if (figures.variant == variant && figures.figure) return &figures;
  }
  return nullptr;
}

Judgement judged_by(const SeedTally& tally, bool indicative) {
  if (tally.total() == 0) return Judgement::not_measured;
  if (indicative) return Judgement::indicative;
  if (tally.agree > 0 && tally.contradict > 0) return Judgement::depends;
  if (tally.agree > 0) return Judgement::confirms;
  return tally.contradict > 0 ? Judgement::refutes : Judgement::not_separated;
}

std::optional<int> seed_standing(const Cell& cell, const std::string& a, const std::string& b) {
  const auto pair = versus(cell, a, b);
  if (!pair || pair->rounds == 0) return std::nullopt;
  switch (pair->conclusion) {
    case Conclusion::a_faster:
      return 1;
    case Conclusion::b_faster:
      return -1;
    case Conclusion::not_separated:
      return 0;
    case Conclusion::indicative:
      break;
  }
  if (!pair->ratio) return 0;
  const double gain = cell.key.metric == Metric::goodput ? *pair->ratio : 1 / *pair->ratio;
  return gain >= k_effect_min ? 1 : gain <= 1 / k_effect_min ? -1 : 0;
}

}  // namespace boxoffice::reports
