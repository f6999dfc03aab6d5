// Computes the verdict, the exit code and the warnings.
#include "reports/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "reports/figures.hpp"

namespace boxoffice::reports {
namespace {

using properties::Outcome;

std::string trial_name(const Trial& trial) {
  return fmt::format("{} on {}, {}, {}, round {}", trial.variant, trial.database, trial.scenario,
                     load_text(trial), trial.round);
}

/// A trial that came out invalid and was repeated, or a lap of a control before the one that caught
/// it: the other speaks for it.
bool is_replaced(const Trial& trial) {
  return trial.superseded && (trial.control || trial.verdict == Outcome::invalid);
}

void judge_sound(const Trial& trial, Summary& summary) {
  ++summary.sound_trials;
  summary.operations += trial.outcomes.total();
  summary.verdict = std::max(summary.verdict, trial.verdict);
  if (trial.verdict == Outcome::pass) return;
  std::string reason = fmt::format("{}: {}", trial_name(trial), properties::name_of(trial.verdict));
  if (!trial.violations.empty()) {
    const auto& first = trial.violations.front();
    reason += fmt::format(" of {}: {}", first.invariant, first.message);
  } else {
    for (const std::string& why : {trial.verdict_why, trial.figure_why}) {
      if (!why.empty()) reason += ": " + why;
    }
  }
  summary.reasons.push_back(std::move(reason));
}

void judge_control(const Trial& trial, Summary& summary) {
  ControlResult control{.variant = trial.variant,
                        .database = trial.database,
                        .scenario = trial.scenario,
                        .directory = trial.directory,
                        .connections = trial.connections,
                        .round = trial.round,
                        .operations = trial.outcomes.total(),
                        .caught = trial.caught(),
                        .invariant = "",
                        .message = ""};
  if (const properties::Violation* shown = trial.shown_violation()) {
    control.invariant = shown->invariant;
    control.message = shown->message;
  }
  if (!control.caught) {
    summary.verdict = std::max(summary.verdict, Outcome::invalid);
    summary.reasons.push_back(
        fmt::format("the control {} was not caught by an invariant named for its bug (its verdict: "
                    "{}), so a pass of the others proves nothing",
                    trial_name(trial), properties::name_of(trial.verdict)));
  }
  summary.controls.push_back(std::move(control));
}

void collect_warnings(const Run& run, Summary& summary) {
  const Manifest& manifest = run.manifest;
  summary.warnings = manifest.warnings;
  const std::string build = manifest.build_type.empty() ? "nameless" : manifest.build_type;
  const bool said = std::any_of(
      summary.warnings.begin(), summary.warnings.end(),
      [&](const std::string& text) { return text.find(build + " build") != std::string::npos; });
  if (build != "Release" && !said) {
    summary.warnings.push_back(
        fmt::format("a {} build: its figures are not those of a release build", build));
  }
  std::vector<std::string> left_out;  // why, a trial each
  std::int64_t repeated = 0, not_sold_out = 0, without_success = 0, not_kept_up = 0;
  for (const Trial& trial : run.trials) {
    if (trial.superseded && !trial.control) ++repeated;
    if (trial.control || trial.superseded || trial.verdict != Outcome::pass) continue;
    if (!trial.figure_valid) left_out.push_back(trial.figure_why);
    if (!trial.latency_why.empty()) ++not_kept_up;
    if (trial.censored_at_s()) ++not_sold_out;
    if (trial.figure() == 0) ++without_success;
  }
  if (!left_out.empty()) {
    const auto trials = static_cast<std::int64_t>(left_out.size());
    const bool one = std::count(left_out.begin(), left_out.end(), left_out.front()) == trials;
    summary.warnings.push_back(
        fmt::format("without a valid figure, though correct: {}: {}{}", counted(trials, "trial"),
                    left_out.front().empty() ? "no reason given" : left_out.front(),
                    one ? "" : "; for other reasons see the table of all trials"));
  }
  for (const auto& [trials, what] : {std::pair(not_sold_out, "did not sell out"),
                                     std::pair(without_success, "had no success")}) {
    if (trials > 0)
      summary.warnings.push_back(
          fmt::format("{} {}, though correct: a round is lost to any variant that did",
                      counted(trials, "trial"), what));
  }
  if (not_kept_up > 0) {
    summary.warnings.push_back(fmt::format(
        "{} could not send all that was due, for every connection was waiting: what was "
        "sold stands, response times do not",
        counted(not_kept_up, "trial")));
  }
  if (repeated > 0) {
    summary.warnings.push_back(
        fmt::format("{} came out invalid and ran a second time", counted(repeated, "trial")));
  }
  if (manifest.command == "compare" && summary.controls.empty()) {
    summary.warnings.push_back(
        "no control ran: nothing in this run shows that a broken strategy "
        "would have been caught");
  }
}

/// The cells that are there on fewer servers as well.
std::vector<Cell> taken_out_on_more_servers(std::vector<Cell>& cells) {
  std::map<CellKey, std::int64_t> fewest;
  const auto but_for_servers = [](CellKey key) {
    key.instances = 0;
    return key;
  };
  for (const Cell& cell : cells) {
    const auto [found, first] = fewest.try_emplace(but_for_servers(cell.key), cell.key.instances);
    found->second = std::min(found->second, cell.key.instances);
  }
  std::vector<Cell> taken;
  for (Cell& cell : cells) {
    if (cell.key.instances > fewest.at(but_for_servers(cell.key))) taken.push_back(cell);
  }
  std::erase_if(cells, [&](const Cell& cell) {
    return cell.key.instances > fewest.at(but_for_servers(cell.key));
  });
  return taken;
}

/// A sentence for each first word ("H6:", "D2:"): that of the first trial, and in how many it is
/// so.
std::vector<std::string> not_attempted_of(const Run& run) {
  struct Gap {
    std::string sentence;
    int trials = 0;
    bool differs = false;  ///< other trials have other numbers in it
  };
  std::vector<std::pair<std::string, Gap>> gaps;
  int trials = 0;
  for (const Trial& trial : run.trials) {
    if (trial.control || is_replaced(trial)) continue;
    ++trials;
    for (const std::string& sentence : trial.not_attempted) {
      const std::string word = sentence.substr(0, sentence.find_first_of(" :,"));
      auto gap = std::ranges::find(gaps, word, [](const auto& known) { return known.first; });
      if (gap == gaps.end()) gap = gaps.insert(gap, {word, {sentence, 0, false}});
      ++gap->second.trials;
      gap->second.differs |= gap->second.sentence != sentence;
    }
  }
  std::vector<std::string> sentences;
  for (const auto& [word, gap] : gaps) {
    sentences.push_back(trials == 1
                            ? gap.sentence
                            : fmt::format("{} ({} of {} trials{})", gap.sentence, gap.trials,
                                          trials, gap.differs ? ", this of the first" : ""));
  }
  return sentences;
}

/// See Summary::no_winner_why.
std::string no_winner_why(const Manifest& manifest, Outcome verdict) {
  if (!manifest.harness_error.empty())
    return "a run in which the harness itself failed names no winner";
  if (manifest.ended_early() || !manifest.finished_at) {
    return "a run that ended before its last round names no winner: when it ends must not depend "
           "on what was seen";
  }
  if (verdict == Outcome::pass) return "";
  return fmt::format("a run whose verdict is {} names no winner", properties::name_of(verdict));
}

void conclude_nothing(Summary& summary) {
  summary.indicative = true;
  for (auto* cells : {&summary.cells, &summary.cells_on_more_servers}) {
    for (Cell& cell : *cells) {
      for (Pair& pair : cell.pairs) pair.conclusion = Conclusion::indicative;
    }
  }
  for (SelfComparison& each : summary.self) each.pair.conclusion = Conclusion::indicative;
}

}  // namespace

int exit_code(const ExitReasons& reasons) {
  if (reasons.harness_error) return 70;
  if (reasons.interrupted) return 130;
  switch (reasons.verdict) {
    case Outcome::violation:
      return 10;
    case Outcome::invalid:
      return 12;
    case Outcome::unknown:
      return 11;
    case Outcome::pass:
      break;
  }
  return reasons.threshold_failed ? 13 : 0;
}

Summary summarize(const Run& run) {
  Summary summary;
  summary.verdict = Outcome::pass;
  const Manifest& manifest = run.manifest;
  if (!manifest.harness_error.empty()) {
    summary.verdict = Outcome::invalid;
    summary.reasons.push_back("the harness failed: " + manifest.harness_error);
  }
  for (const Trial& trial : run.trials) {
    if (is_replaced(trial)) continue;
    trial.control ? judge_control(trial, summary) : judge_sound(trial, summary);
  }
  if (!manifest.broke_off.empty()) {
    summary.verdict = std::max(summary.verdict, Outcome::invalid);
    summary.reasons.push_back("the run broke off: " + manifest.broke_off);
  }
  // The rest of the plan is missing, its controls maybe: what passed until then proves nothing.
  if (!manifest.finished_at && !manifest.ended_early()) {
    summary.verdict = std::max(summary.verdict, Outcome::invalid);
    summary.reasons.push_back("the run was not finished: it was killed, or still runs");
  }
  if (manifest.interrupted)
    summary.reasons.push_back("the run was interrupted: this is what was measured until then");
  if (run.trials.empty()) {
    summary.verdict = Outcome::invalid;
    summary.reasons.push_back("no trial was finished");
  }
  bool threshold_failed = false;
  for (const Threshold& threshold : manifest.thresholds) {
    if (threshold.held) continue;
    threshold_failed = true;
    summary.reasons.push_back(
        fmt::format("threshold {} failed: {}", threshold.text, threshold.measured));
  }
  summary.exit_code = exit_code({.harness_error = !manifest.harness_error.empty(),
                                 .interrupted = manifest.interrupted,
                                 .verdict = summary.verdict,
                                 .threshold_failed = threshold_failed});
  summary.not_attempted = not_attempted_of(run);
  summary.cells = compare_cells(run);
  for (const Cell& cell : summary.cells)
    summary.rounds_needed = std::max(summary.rounds_needed, rounds_needed(cell.pairs.size()));
  summary.indicative = manifest.indicative || std::cmp_less(manifest.rounds, summary.rounds_needed);
  summary.cells_on_more_servers = taken_out_on_more_servers(summary.cells);
  summary.self = self_comparisons(run);
  summary.no_winner_why = no_winner_why(manifest, summary.verdict);
  if (!summary.no_winner_why.empty()) conclude_nothing(summary);
  collect_warnings(run, summary);
  return summary;
}

}  // namespace boxoffice::reports
