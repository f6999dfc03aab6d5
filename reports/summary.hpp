// The summary of a run: one verdict, one exit code, the reasons for them, and the cells with their
// conclusions.
//
// The verdict is the worst of the sound trials' verdicts, and `invalid` where a control was not
// caught: an oracle that lets a broken strategy pass says nothing about the others. It is computed
// once, here; renderers only show it. A saturated generator or a noisy machine invalidates figures
// and appears as a warning, never as a verdict.
//
// A run that is no pass, or that ended before its last round, shows what it measured and concludes
// nothing from it: all is indicative. Where an oracle did not work, the fastest may be the one that
// cheats; and a run that may end when somebody likes what they see has no p-values.
#pragma once

#include <string>
#include <vector>

#include "reports/run_directory.hpp"
#include "reports/self_comparison.hpp"
#include "reports/statistics.hpp"

namespace boxoffice::reports {

/// Of the harness (docs: 0 pass, 10 violation, 11 unknown, 12 invalid, 13 threshold, 70 a bug, 130
/// interrupted).
struct ExitReasons {
  bool harness_error = false;
  bool interrupted = false;
  properties::Outcome verdict = properties::Outcome::pass;
  bool threshold_failed = false;
};

/// Where several apply: 70, 130, 10, 12, 11, 13, in that order. Unknown is never 0.
int exit_code(const ExitReasons& reasons);

/// A trial of a deliberately broken strategy.
struct ControlResult {
  std::string variant, database, scenario, directory;
  std::int64_t connections = 0, round = 0;
  std::int64_t operations = 0;  ///< in the measured window
  bool caught = false;
  std::string invariant;  ///< the first that caught it
  std::string message;
};

struct Summary {
  properties::Outcome verdict = properties::Outcome::invalid;
  int exit_code = 12;
  bool indicative = true;  ///< nothing is concluded: too few rounds, or no_winner_why says why not
  std::string no_winner_why;  ///< a sentence; empty in a run that may conclude something
  std::size_t rounds_needed = k_rounds_min;  ///< that name a winner in each of its cells
  std::int64_t sound_trials = 0;
  std::int64_t operations = 0;       ///< of the sound trials, in their measured windows
  std::vector<std::string> reasons;  ///< why it is not a pass; empty otherwise
  /// What no check looked at in some of the sound trials, and why: a pass does not cover it.
  std::vector<std::string> not_attempted;
  std::vector<std::string> warnings;  ///< the manifest's and what the trials add to them
  std::vector<ControlResult> controls;
  std::vector<Cell> cells;
  /// Cells that repeat one of `cells` on more servers. They answer whether servers scale
  /// (seed_scaling) and are no levels of concurrency of their own.
  std::vector<Cell> cells_on_more_servers;
  std::vector<SelfComparison> self;  ///< the run's own noise, where it was asked for
};

Summary summarize(const Run& run);

/// The word that stands in front: "PASS", "VIOLATION", "INTERRUPTED", ... by the exit code.
std::string headline_word(const Summary& summary);
/// What the word says of this run, one sentence.
std::string headline_sentence(const Summary& summary);
/// Why an indicative comparison names no winner, one sentence without its full stop: "3 of the 8
/// rounds that name a winner", "a run whose verdict is invalid names no winner". Empty where it is
/// none, and where it is not for want of rounds: nobody could win against nobody.
std::string indicative_sentence(const Run& run, const Summary& summary);
/// The controls that were caught, a sentence a variant and database however often it ran:
/// "control naive: caught by H5 in 214 operations: good", or "caught 12 times by H5, in 702 to
/// ...".
std::vector<std::string> caught_controls(const Summary& summary, bool several_databases);

/// summary.json as docs/run-directory.md states it.
std::string summary_json(const Run& run, const Summary& summary);

/// The trials as CSV, a line each; figures that a trial has no right to are empty.
std::string summary_csv(const Run& run);

}  // namespace boxoffice::reports
