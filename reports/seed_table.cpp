// The rules of the seed's table, a function a row.
#include "reports/seed_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "reports/figures.hpp"
#include "reports/scenarios.hpp"
#include "reports/seed_evidence.hpp"

namespace boxoffice::reports {
namespace {

using properties::Outcome;
using Claims = std::array<const char*, 3>;

/// "; 434/s in hot-event at 64 connections"; empty where the variant has no figure there.
std::string median_in(const Cell& cell, const std::string& variant) {
  const VariantFigures* figures = seed_figures(cell, variant);
  if (figures == nullptr) return "";
  const char* unit = cell.key.metric == Metric::goodput ? "/s" : " s";
  return fmt::format("; {}{} in {} at {}", median_text(*figures->figure), unit, cell.key.scenario,
                     counted(cell.key.connections, "connection"));
}

SeedCell consistency(const SeedEvidence& evidence, const std::string& strategy) {
  SeedCell cell;
  std::int64_t trials = 0, requests = 0, violations = 0, undecided = 0;
  for (const Trial& trial : evidence.run.trials) {
    const bool ours =
        !trial.control && trial.variant == strategy && trial.database == evidence.database;
    if (!ours || (trial.superseded && trial.verdict == Outcome::invalid)) continue;
    ++trials;
    requests += trial.outcomes.total();
    violations += trial.verdict == Outcome::violation ? 1 : 0;
    undecided += trial.verdict == Outcome::unknown || trial.verdict == Outcome::invalid ? 1 : 0;
  }
  if (trials == 0) return cell;
  cell.measured = fmt::format("{} of {} with a violation, in {}", thousands(violations),
                              counted(trials, "trial"), counted(requests, "request"));
  if (undecided > 0) cell.measured += fmt::format("; {} undecided", thousands(undecided));
  // An oracle that lets a broken strategy pass says nothing for the others, nor does one that was
  // never shown any.
  const auto& controls = evidence.summary.controls;
  const bool caught = std::ranges::all_of(controls, &ControlResult::caught);
  if (controls.empty()) cell.measured += "; no control ran";
  if (!caught) cell.measured += "; a control was not caught";
  const bool shown = !controls.empty() && caught;
  cell.judgement = violations > 0            ? Judgement::refutes
                   : undecided > 0 || !shown ? Judgement::not_separated
                                             : Judgement::confirms;
  return cell;
}

/// The most contended scenario at its highest concurrency; null in a run without scenarios.
const Cell* hottest_cell(const SeedEvidence& evidence) {
  if (evidence.scenarios.empty()) return nullptr;
  const auto cells =
      cells_of(evidence.summary.cells, evidence.database, evidence.scenarios.back().name);
  return cells.empty() ? nullptr : cells.back();
}

constexpr double k_disturbed_share = 0.01;

SeedCell contention(const SeedEvidence& evidence, const std::string& strategy) {
  SeedCell cell;
  const Cell* hottest = hottest_cell(evidence);
  const VariantFigures* figures = hottest ? seed_figures(*hottest, strategy) : nullptr;
  if (figures == nullptr || !figures->attempts_per_success) return cell;
  const auto total = static_cast<double>(std::max<std::int64_t>(1, figures->outcomes.total()));
  const double given_up = static_cast<double>(figures->outcomes.gave_up()) / total;
  const Spread& attempts = *figures->attempts_per_success;
  cell.measured = fmt::format("{:.2f} attempts per success, {:.1f}% given up, in {} at {}",
                              attempts.median, 100 * given_up, hottest->key.scenario,
                              counted(hottest->key.connections, "connection"));
  if (const std::string missing = missing_text(*figures); !missing.empty())
    cell.measured += "; " + missing;
  const bool disturbed = attempts.min > 1 + k_disturbed_share || given_up > k_disturbed_share;
  const bool calm = attempts.max <= 1 + k_disturbed_share && given_up <= k_disturbed_share;
  const bool claims_calm = strategy == "pessimistic";
  if (evidence.summary.indicative) {
    cell.judgement = Judgement::indicative;
  } else if (figures->missing().too_many() || (!disturbed && !calm)) {
    cell.judgement = Judgement::not_separated;
  } else {
    cell.judgement = calm == claims_calm ? Judgement::confirms : Judgement::refutes;
  }
  return cell;
}

SeedCell deadlocks(const SeedEvidence& evidence, const std::string& strategy) {
  SeedCell cell;
  std::int64_t found = 0, requests = 0;
  for (const Trial& trial : evidence.run.trials) {
    if (trial.control || trial.variant != strategy || trial.database != evidence.database) continue;
    if (!trial.deadlocks || is_reads_scenario(trial.scenario)) continue;
    found += *trial.deadlocks;
    requests += trial.outcomes.total();
  }
  if (requests == 0) return cell;
  cell.measured = fmt::format("{} in {}", counted(found, "deadlock"), counted(requests, "request"));
  const bool claims_none = strategy != "pessimistic";
  if (found > 0) {
    cell.judgement = claims_none ? Judgement::refutes : Judgement::confirms;
  } else if (!evidence.summary.no_winner_why.empty()) {
    cell.judgement = Judgement::indicative;
  } else {
    cell.judgement = claims_none ? Judgement::confirms : Judgement::not_separated;
  }
  return cell;
}

SeedCell throughput(const SeedEvidence& evidence, const std::string& strategy) {
  // "High" for one and "Medium" for the others is a claim about the pairs with that one only.
  SeedCell cell;
  SeedTally tally;
  for (const Cell& measured : evidence.summary.cells) {
    if (measured.key.database != evidence.database) continue;
    if (is_reads_scenario(measured.key.scenario) || measured.key.offered_per_s) continue;
    for (const char* other : k_seed_strategies) {
      const bool about = strategy == "optimistic" || std::string("optimistic") == other;
      if (strategy == other || !about) continue;
      const auto stands = seed_standing(measured, strategy, other);
      if (!stands) continue;
      const int claimed = strategy == "optimistic" ? 1 : -1;
      ++(*stands == claimed ? tally.agree : *stands == -claimed ? tally.contradict : tally.open);
    }
  }
  cell.judgement = judged_by(tally, evidence.summary.indicative);
  if (tally.total() == 0) return cell;
  cell.measured = fmt::format("{} as claimed, {} the other way, {} open, of {}", tally.agree,
                              tally.contradict, tally.open, counted(tally.total(), "comparison"));
  if (const Cell* hottest = hottest_cell(evidence)) {
    cell.measured += median_in(*hottest, strategy);
  }
  return cell;
}

/// The scenarios that "best for" is about; empty where the run has none to tell it by.
std::vector<std::string> scenarios_it_is_best_for(const SeedEvidence& evidence,
                                                  const std::string& strategy) {
  std::vector<std::string> names;
  if (strategy == "atomic") {
    for (const ScenarioFacts& scenario : evidence.scenarios)
      if (scenario.events == 1) names.push_back(scenario.name);
  } else if (evidence.scenarios.size() > 1) {
    const bool low = strategy == "optimistic";
    names.push_back(low ? evidence.scenarios.front().name : evidence.scenarios.back().name);
  }
  return names;
}

/// Adds a cell in which `strategy` was measured with at least one of the other two.
void count_fastest(SeedTally& tally, const Cell& cell, const std::string& strategy) {
  int beaten = 0, lost = 0, others = 0;
  for (const char* other : k_seed_strategies) {
    const auto stands = strategy == other ? std::nullopt : seed_standing(cell, strategy, other);
    if (!stands) continue;
    ++others;
    beaten += *stands > 0 ? 1 : 0;
    lost += *stands < 0 ? 1 : 0;
  }
  if (others == 0) return;
  ++(lost > 0 ? tally.contradict : beaten == others ? tally.agree : tally.open);
}

SeedCell best_for(const SeedEvidence& evidence, const std::string& strategy) {
  SeedCell cell;
  const auto names = scenarios_it_is_best_for(evidence, strategy);
  if (names.empty()) {
    cell.measured =
        strategy == "atomic" ? "needs a scenario of one event" : "needs two levels of contention";
    return cell;
  }
  SeedTally tally;
  for (const std::string& name : names) {
    for (const Cell* measured : cells_of(evidence.summary.cells, evidence.database, name))
      count_fastest(tally, *measured, strategy);
  }
  cell.judgement = judged_by(tally, evidence.summary.indicative);
  if (tally.total() == 0) return cell;
  cell.measured = fmt::format("{}: fastest in {}, beaten in {}, open in {}, of {}",
                              fmt::join(names, ", "), tally.agree, tally.contradict, tally.open,
                              counted(tally.total(), "level") + " of concurrency");
  return cell;
}

SeedRow row(const SeedEvidence& evidence, std::string aspect, std::string rule,
            const Claims& claims, SeedCell (*judge)(const SeedEvidence&, const std::string&)) {
  SeedRow result{std::move(aspect), std::move(rule), {}};
  for (std::size_t i = 0; i < k_seed_strategies.size(); ++i) {
    SeedCell cell = judge(evidence, k_seed_strategies[i]);
    cell.strategy = k_seed_strategies[i];
    cell.claim = claims[i];
    if (cell.measured.empty()) cell.measured = "no figure in this run";
    result.cells.push_back(std::move(cell));
  }
  return result;
}

}  // namespace

std::string judgement_name(Judgement judgement) {
  switch (judgement) {
    case Judgement::confirms:
      return "confirms";
    case Judgement::refutes:
      return "refutes";
    case Judgement::depends:
      return "depends";
    case Judgement::not_separated:
      return "not separated";
    case Judgement::indicative:
      return "indicative";
    case Judgement::not_measured:
      break;
  }
  return "not measured";
}

std::vector<SeedRow> seed_table(const Run& run, const Summary& summary,
                                const std::string& database) {
  const SeedEvidence evidence = seed_evidence(run, summary, database);
  return {
      row(evidence, "Consistency",
          "Confirmed by trials without a violation, where controls ran and every one was caught; "
          "refuted by a single violation.",
          {"Guaranteed", "Guaranteed", "Guaranteed"}, consistency),
      row(evidence, "Contention handling",
          "In the most contended scenario at its highest concurrency. To queue is: at most 1% more "
          "attempts than successes and at most 1% of the requests given up. The other two claims "
          "are confirmed by more than that. Left open where more than a quarter of the rounds have "
          "no figure.",
          {"Queue requests", "Retry/fail", "Limited"}, contention),
      row(evidence, "Deadlock risk",
          "\"None\" is refuted by one deadlock; a risk is confirmed by one, and not refuted by "
          "none.",
          {"Low to Medium", "None", "None"}, deadlocks),
      row(evidence, "Code complexity", seed_complexity_rule(),
          {"Simple", "Requires retry", "Simple"}, seed_complexity),
      row(evidence, "Throughput",
          "\"High\" against \"medium\": over all cells of a closed loop, the pairs that separate "
          "optimistic from "
          "the "
          "other two. Confirmed or refuted where all of these agree; else it depends.",
          {"Medium", "High", "Medium"}, throughput),
      row(evidence, "Best for",
          "\"This use case\" is the most contended scenario, \"low contention\" the least; "
          "\"simple counters\" are the scenarios of one event, whose tickets are one counter. "
          "Confirmed where it is faster than both others, refuted where one of them is faster.",
          {"This use case", "Low contention", "Simple counters"}, best_for),
  };
}

}  // namespace boxoffice::reports
