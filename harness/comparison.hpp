// A comparison: which strategy wins at which contention, and was each trial correct?
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/plan.hpp"

namespace boxoffice::harness {

/// A run of fewer rounds of so many variants is indicative: it names no winner.
std::int64_t deciding_rounds(std::size_t variants);

struct CompareOptions {
  RunOptions run;
  DatabaseChoice database;
  std::vector<std::string> strategies = {"pessimistic", "optimistic", "atomic",
                                         "pessimistic+admission"};
  std::vector<std::string> scenarios = {"many-events", "hot-event", "few-hot-tickets"};
  std::vector<std::string> controls = {"naive"};
  std::vector<std::string> connections;  ///< empty: the scenario's own
  std::int64_t rounds = 3;
  std::int64_t threads = 1;
  std::int64_t pool = 64;
  std::int64_t instances = 2;  ///< of the trials that ask whether servers scale; 1: none
  /// Zero: the scenario's own. Where selling out is what is timed it stays the scenario's own,
  /// because cut short it would have no figure.
  Duration duration{0};
  bool full = false;
  bool self = false;        ///< the first strategy runs once more, against itself
  std::int64_t repeat = 1;  ///< self-comparisons, of `rounds` rounds each
  double planted = 0;       ///< development: so much more each success costs the twin
};

/// What is to be run, in full. Throws UsageError: an unknown name, one that is there twice.
PlanRequest plan_request(const CompareOptions& options, std::size_t databases);

/// Too few rounds for any of its variants to win. A twin is none of them: a self-comparison has
/// rounds of its own, and says by itself whether they are enough.
bool is_indicative(const PlanRequest& request);

/// A warning, where such a number of rounds (of a self-comparison its own) may conclude something
/// and does not put each contender in each place equally often (plan.hpp); else empty.
std::string uneven_order(const CompareOptions& options, const PlanRequest& request);

/// Runs it, writes the run directory, prints the summary; returns the exit code. An interruption
/// keeps what was measured so far: the manifest says so and the report is rendered from the trials
/// that ended. Throws UsageError where nothing was measured.
int run_comparison(const CompareOptions& options, const Context& context,
                   const std::vector<std::pair<std::string, std::string>>& configuration);

}  // namespace boxoffice::harness
