// The regression gate: does one run hold up against another, by a stated threshold?
//
// Trials are paired by cell, variant and round; the median of a pair's ratio has an exact interval,
// and its bound decides, not the median: a threshold is *held* where the whole interval lies on its
// good side, *worse* where the whole interval lies beyond it, and *undecided* in between. Several
// questions asked at once share 5% among them (Bonferroni), so that a gate over thirty cells does
// not cry wolf. The two runs are not interleaved: what drifted between them is in the ratio, and
// settings that differ are warned of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/run_directory.hpp"
#include "reports/statistics.hpp"

namespace boxoffice::reports {

enum class GateMetric { goodput, sell_out, p50, p95, p99, attempts };

/// "goodput>-5%": the change of the metric from BASE to RUN that is still accepted.
struct GateThreshold {
  std::string text;
  GateMetric metric = GateMetric::goodput;
  bool above = true;    ///< '>': the change must stay above the bound, else below
  double change = 0.0;  ///< -0.05
};

/// Throws std::invalid_argument with one clear sentence: no metric, no comparison, no percentage.
GateThreshold parse_gate_threshold(const std::string& text);

enum class GateState { held, worse, undecided };

/// One threshold of one variant in one cell.
struct GateRow {
  CellKey key;
  std::string variant;
  std::string threshold;
  std::size_t rounds = 0;    ///< pairs of trials
  double base = 0, run = 0;  ///< medians of the paired trials, in the metric's own unit
  double ratio = 1;          ///< median over pairs of RUN over BASE
  std::optional<double> low = {}, high = {};  ///< absent: unbounded, too few pairs
  std::optional<double> coverage = {};        ///< exact, of this interval alone
  GateState state = GateState::undecided;
};

struct Gate {
  std::string base, run;
  std::vector<GateRow> rows = {};
  std::vector<std::string> warnings = {};  ///< what of the settings and the machine differs
  properties::Outcome verdict = properties::Outcome::pass;  ///< of RUN

  bool any(GateState state) const;
  /// 10, 12 or 11 by RUN's own verdict; 13 where anything is worse; 11 where anything is
  /// undecided; else 0.
  int exit_code() const;
};

/// Throws std::invalid_argument where the runs have no pair of trials, or a threshold meets none.
Gate compare_runs(const Run& base, const Run& run, const std::vector<GateThreshold>& thresholds);

std::string_view state_name(GateState state);

/// How the gate is written; each ends with a newline.
std::string gate_terminal(const Gate& gate, std::size_t columns);
std::string gate_json(const Gate& gate);
std::string gate_csv(const Gate& gate);
std::string gate_markdown(const Gate& gate);
std::string gate_junit(const Gate& gate);

}  // namespace boxoffice::reports
