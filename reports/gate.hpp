// The regression gate: does one run hold up against another, by a stated threshold?
//
// Trials are paired by cell, variant and round; the median of a pair's ratio has an exact interval,
// and its bound decides, not the median: a threshold is *held* where the whole interval lies on its
// good side, *worse* where the whole interval lies beyond it, and *undecided* in between. Several
// questions asked at once share 5% among them (Bonferroni), so that a gate over thirty cells does
// not cry wolf. The two runs are not interleaved: what drifted between them is in the ratio, and
// settings that differ are warned of.
//
// BASE says what there is to hold. What it finished and RUN did not (tickets that did not run out,
// no success at all) is lost, and what RUN has no figure of is missing: neither is ever held, and
// each is said in a line of its own. Where BASE itself has no figure in more than a quarter of its
// rounds, or where RUN answered fewer requests than BASE and the threshold is about the response
// times of the others, nothing is held either. So is what no threshold asks about
// (gate_limits.hpp): a gate that is silent on it would be read as having held it.
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

/// Whether trials with that metric have a figure for such a threshold.
bool applies(GateMetric asked, Metric of_trial);

enum class GateState { held, worse, undecided };

/// One threshold of one variant in one cell.
struct GateRow {
  CellKey key;
  std::string variant;
  std::string threshold;
  GateMetric metric = GateMetric::goodput;
  std::size_t rounds = 0;                     ///< pairs of trials of which one at least finished
  std::size_t base_rounds = 0;                ///< rounds in which BASE has a figure
  std::size_t lost = 0;                       ///< of `rounds`: BASE finished, RUN did not
  std::size_t missing = 0;                    ///< of `base_rounds`: RUN has no figure
  Missing base_missing = {};                  ///< of all of BASE's rounds: BASE has no figure
  std::optional<Spread> base = {}, run = {};  ///< of the pairs, in the metric's own unit
  /// Median over pairs of RUN over BASE, 0 or +infinity where most pairs are lost; absent: no pair.
  std::optional<double> ratio = {};
  std::optional<double> low = {}, high = {};  ///< as RatioInterval has them
  std::optional<double> coverage = {};        ///< exact, of this interval alone; absent: too few
  GateState state = GateState::undecided;
  std::string note = {};  ///< what RUN lost and what is missing of it, a sentence; else empty
};

/// What nobody asked about: variants of one cell, and why.
struct GateGap {
  CellKey key;
  std::vector<std::string> variants;
  std::string why;  ///< a sentence
};

struct Gate {
  std::string base, run;
  /// What each side's figures stand beside: databases, durability, storage, commit, build.
  std::string base_conditions = {}, run_conditions = {};
  std::vector<GateRow> rows = {};
  std::vector<GateGap> not_asked = {};
  std::vector<std::string> no_basis = {};  ///< why one of the runs is none; empty: both are one
  std::vector<std::string> warnings = {};  ///< what of the settings and the machine differs
  properties::Outcome verdict = properties::Outcome::pass;  ///< of RUN

  bool any(GateState state) const;
  /// 10 where RUN violated an invariant; 12 where one of the runs is no basis; 12 or 11 by RUN's
  /// own verdict; 13 where anything is worse; 11 where anything is undecided; else 0.
  int exit_code() const;
};

/// "goodput>-5%" and "sell_out<+5%": between them they ask about every cell.
const std::vector<std::string>& default_gate_thresholds();

/// A row is worse where its whole interval is, and also where RUN did not finish in some round what
/// BASE finished in every one. It is undecided where else something is lost or missing, more than a
/// quarter of BASE's rounds are without a figure, or RUN left more requests without an answer.
/// Without thresholds it is the default ones that are asked, each where BASE has something to hold.
/// Throws std::invalid_argument where RUN has no trial of anything that a threshold (of the default
/// ones: any of them) is about in BASE, unless one of the runs is no basis anyway.
Gate compare_runs(const Run& base, const Run& run,
                  const std::vector<GateThreshold>& thresholds = {});

std::string_view state_name(GateState state);
/// "postgresql rush c=64", with a rate and several instances where it has them.
std::string cell_name(const CellKey& key);

/// How the gate is written; each ends with a newline.
std::string gate_terminal(const Gate& gate, std::size_t columns);
std::string gate_json(const Gate& gate);
std::string gate_csv(const Gate& gate);
std::string gate_markdown(const Gate& gate);
std::string gate_junit(const Gate& gate);

}  // namespace boxoffice::reports
