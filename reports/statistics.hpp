// From trials to conclusions: per cell (database, scenario, connections, offered rate, servers)
// what each variant did, and for each pair of variants whether one is faster.
//
// Rounds pair the variants: two trials of one round ran minutes apart on the same machine, so the
// ratio within a round is free of what drifts between rounds. Two variants are "a faster", "b
// faster" or "not separated", never equal; a winner needs the sign test after Holm's correction and
// a median effect of 5%; with fewer rounds than rounds_needed() all is indicative, nobody wins.
// Trials that did not pass, figures that are not valid, and controls never count. A correct trial
// that did not sell out, or sold nothing, counts: its round is lost to a variant that did, and a
// tie with one that did not either (of their ratio such a round knows nothing). Where a variant has
// no figure in more than a quarter of its rounds, its pairs are not separated: what made them
// invalid (a generator that could not keep up, say) need not have struck at random, and what is
// left may be what it is good or bad at.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/run_directory.hpp"

namespace boxoffice::reports {

inline constexpr double k_alpha = 0.05;
inline constexpr double k_confidence = 0.95;
inline constexpr double k_effect_min = 1.05;  ///< the ratio that a winner's median must reach
inline constexpr std::size_t k_rounds_min = 7;
inline constexpr double k_missing_share_max = 0.25;  ///< of a side's rounds, without a figure

/// From so many requests without an answer on a p99 of the others is not that of the users.
inline constexpr double k_unanswered_share = 0.01;

/// The fewest rounds that separate any of so many pairs of a cell: Holm's correction multiplies the
/// smallest p-value by their number, and a variant that was ahead in each of n rounds has 2 / 2^n.
/// 7 for up to three pairs, 8 for the six of four variants.
std::size_t rounds_needed(std::size_t pairs);

struct CellKey {
  std::string database, scenario;
  std::int64_t connections = 0;
  std::optional<double> offered_per_s;
  Metric metric = Metric::goodput;
  std::int64_t instances = 1;  ///< servers on the one database
  auto operator<=>(const CellKey&) const = default;
};

/// A figure over rounds. Times that were not reached rank as +infinity, and so may the median.
struct Spread {
  double median = 0, min = 0, max = 0;
  std::size_t rounds = 0;
  std::size_t unfinished = 0;  ///< of `rounds`: did not sell out, or a goodput of 0
  double limit = 0;            ///< seconds: no unfinished time was given up earlier
  double median_above = 0;     ///< where the median is infinite: it is certainly above this
};

/// Of a variant's rounds in a cell (or of one self-comparison): how many there are, and in how many
/// of them it has no figure.
struct Missing {
  std::size_t rounds = 0, without_figure = 0;
  /// More than k_missing_share_max of them.
  bool too_many() const;
};

struct VariantFigures {
  std::string variant, strategy;
  std::map<std::int64_t, double> by_round;  ///< round -> Trial::figure(), maybe infinite
  std::optional<Spread> figure;
  /// What follows is absent where a round with a figure does not have it.
  std::optional<Spread> started_per_s, answered_per_s;
  std::optional<Spread> settled_per_s;  ///< buyers who got a ticket, or were told "sold out"
  std::optional<Spread> p50_ms, p95_ms,
      p99_ms;  ///< response time: median over rounds of each trial's percentile
  std::optional<Spread> service_p99_ms, schedule_lag_p99_ms;
  std::optional<Spread> attempts_per_success;
  std::optional<Spread> statements_per_success, round_trips_per_success;
  std::optional<Spread> fairness;         ///< Jain's index over the users' successes
  std::optional<std::int64_t> deadlocks;  ///< that the database counted, summed as `outcomes` is
  Outcomes outcomes;                      ///< summed over the trials that have figures
  std::int64_t attempted_successes = 0;   ///< summed as `outcomes` is
  std::size_t trials = 0;                 ///< sound trials, superseded ones apart
  std::size_t without_figure = 0;
  properties::Outcome verdict = properties::Outcome::pass;  ///< the worst of its trials

  Missing missing() const { return {trials, without_figure}; }
};

enum class Conclusion { a_faster, b_faster, not_separated, indicative };

struct Pair {
  std::string a, b;
  std::size_t rounds = 0;                          ///< rounds in which both have a figure
  std::size_t a_ahead = 0, b_ahead = 0;            ///< rounds that each of them was better in
  std::size_t a_unfinished = 0, b_unfinished = 0;  ///< rounds in which it did not sell (out)
  Missing a_missing, b_missing;
  /// Median over rounds of a's figure over b's: 0 or +infinity where only one of them finished most
  /// rounds; absent where there is none (log_ratios.hpp), as where neither finished most.
  std::optional<double> ratio;
  std::optional<double> low, high;  ///< interval of that median, as RatioInterval has it
  std::optional<double>
      coverage;  ///< exact coverage of [low, high]; absent: too few rounds, or none known
  double p_value = 1, p_holm = 1;
  Conclusion conclusion = Conclusion::not_separated;
};

struct Cell {
  CellKey key;
  std::vector<VariantFigures> variants;  ///< by name
  std::vector<Pair> pairs;               ///< a < b by name
};

/// All cells of the run's sound trials. A variant that violated an invariant in any trial of a
/// database has no figure in any cell of that database: it sold what does not exist, and its speed
/// at that is of no use.
std::vector<Cell> compare_cells(const Run& run);

/// The cell that a trial belongs to.
CellKey key_of(const Trial& trial);

/// Two variants that nothing else is compared with: no correction for other pairs. Reads their
/// names, `by_round`, `trials` and `without_figure` only.
Pair compare_alone(const VariantFigures& a, const VariantFigures& b, Metric metric);

/// The pair seen from `a`; nothing where the cell has no such pair.
std::optional<Pair> versus(const Cell& cell, const std::string& a, const std::string& b);

/// Better by its median, of unbounded ones by how many rounds were finished.
bool is_better(const Spread& figure, const Spread& other, Metric metric);

/// The variant with the best median figure, by the cell's metric; null where none has finished a
/// round.
const VariantFigures* leader(const Cell& cell);

/// The leader, where it is faster than every other variant of the cell that may win; null
/// otherwise.
const VariantFigures* winner(const Cell& cell);

std::optional<Spread> spread(const std::vector<double>& values);

/// As spread(); `limits` has, for each value, itself or the time at which a censored one was given
/// up.
std::optional<Spread> censored_spread(const std::vector<double>& values,
                                      const std::vector<double>& limits);
std::string_view conclusion_name(Conclusion conclusion);

}  // namespace boxoffice::reports
