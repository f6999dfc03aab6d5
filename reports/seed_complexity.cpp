// The seed's "code complexity": how much code a strategy is, and what a success of it sends to the
// database where nobody is in its way.
//
// Lines are counted from the source file as the program was built with it, statements and round
// trips by the sessions that send them. They are of the least contended cell: more contention adds
// tries, which is what "contention handling" is about.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/figures.hpp"
#include "reports/scenarios.hpp"
#include "reports/seed_evidence.hpp"

namespace boxoffice::reports {
namespace {

constexpr double k_simple_ratio = 1.25;

/// A measure of each strategy; 0 where it was not taken.
using Measure = std::array<double, k_seed_strategies.size()>;

/// The fewest connections of the least contended scenario; null in a run without scenarios.
const Cell* calmest_cell(const SeedEvidence& evidence) {
  if (evidence.scenarios.empty()) return nullptr;
  const auto cells =
      cells_of(evidence.summary.cells, evidence.database, evidence.scenarios.front().name);
  return cells.empty() ? nullptr : cells.front();
}

Measure lines_of(const SeedEvidence& evidence) {
  Measure lines{};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto found = evidence.run.manifest.complexity.find(k_seed_strategies[i]);
    if (found != evidence.run.manifest.complexity.end())
      lines[i] = static_cast<double>(found->second.lines);
  }
  return lines;
}

Measure in_cell(const Cell* cell, std::optional<Spread> VariantFigures::*figure) {
  Measure measure{};
  for (std::size_t i = 0; cell != nullptr && i < measure.size(); ++i) {
    const VariantFigures* figures = seed_figures(*cell, k_seed_strategies[i]);
    if (figures != nullptr && figures->*figure) measure[i] = (figures->*figure)->median;
  }
  return measure;
}

/// How `strategy` stands to the least of the three; nothing where one of them was not measured.
std::optional<bool> is_simple(const Measure& measure, std::size_t strategy) {
  const double least = *std::ranges::min_element(measure);
  if (least <= 0) return std::nullopt;
  return measure[strategy] <= k_simple_ratio * least;
}

}  // namespace

std::string seed_complexity_rule() {
  return fmt::format(
      "Three measures: lines of the strategy's file; statements and round trips of a success, "
      "median over the rounds, in the least contended scenario at its fewest connections. "
      "\"Simple\" is at most {:.0f}% more than the least of the three strategies in each measure "
      "that the run has; \"requires retry\" is more than that in at least one.",
      100 * (k_simple_ratio - 1));
}

SeedCell seed_complexity(const SeedEvidence& evidence, const std::string& strategy) {
  SeedCell cell;
  const auto at = static_cast<std::size_t>(std::ranges::find(k_seed_strategies, strategy) -
                                           k_seed_strategies.begin());
  const Cell* calmest = calmest_cell(evidence);
  const Measure lines = lines_of(evidence);
  const Measure statements = in_cell(calmest, &VariantFigures::statements_per_success);
  const Measure round_trips = in_cell(calmest, &VariantFigures::round_trips_per_success);
  if (lines[at] > 0) cell.measured = counted(std::llround(lines[at]), "line");
  if (statements[at] > 0) {
    cell.measured +=
        fmt::format("{}{:.2f} statements per success, {:.2f} round trips per success, in {} at {}",
                    cell.measured.empty() ? "" : ", ", statements[at], round_trips[at],
                    calmest->key.scenario, counted(calmest->key.connections, "connection"));
  }
  bool any = false, simple = true;
  for (const Measure* measure : {&lines, &statements, &round_trips}) {
    const auto by_it = is_simple(*measure, at);
    any = any || by_it;
    simple = simple && by_it.value_or(true);
  }
  if (!any) return cell;
  const bool claims_simple = strategy != "optimistic";
  cell.judgement = simple == claims_simple ? Judgement::confirms : Judgement::refutes;
  return cell;
}

}  // namespace boxoffice::reports
