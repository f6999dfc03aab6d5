// From trials to conclusions: per cell (database, scenario, connections, offered rate, servers)
// what each variant did, and for each pair of variants whether one is faster.
//
// Rounds pair the variants: two trials of one round ran minutes apart on the same machine, so the
// ratio within a round is free of what drifts between rounds. Two variants are "a faster", "b
// faster" or "not separated", never equal; a winner needs the sign test after Holm's correction and
// a median effect of 5%; with fewer than seven rounds all is indicative and nobody wins. Trials
// that did not pass, figures that are not valid, and controls never count.
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

struct CellKey {
  std::string database, scenario;
  std::int64_t connections = 0;
  std::optional<double> offered_per_s;
  Metric metric = Metric::goodput;
  std::int64_t instances = 1;  ///< servers on the one database
  auto operator<=>(const CellKey&) const = default;
};

/// A figure over rounds.
struct Spread {
  double median = 0, min = 0, max = 0;
  std::size_t rounds = 0;
};

struct VariantFigures {
  std::string variant, strategy;
  std::map<std::int64_t, double> by_round;  ///< round -> the figure of the cell's metric
  std::optional<Spread> figure;
  std::optional<Spread> started_per_s, answered_per_s;
  std::optional<Spread> p50_ms, p95_ms,
      p99_ms;  ///< response time: median over rounds of each trial's percentile
  std::optional<Spread> service_p99_ms, schedule_lag_p99_ms;
  std::optional<Spread> attempts_per_success;
  std::optional<Spread> fairness;         ///< Jain's index over the users' successes
  std::optional<std::int64_t> deadlocks;  ///< that the database counted, summed as `outcomes` is
  Outcomes outcomes;                      ///< summed over the trials that have figures
  std::size_t trials = 0;                 ///< sound trials, superseded ones apart
  std::size_t without_figure = 0;
  properties::Outcome verdict = properties::Outcome::pass;  ///< the worst of its trials
};

enum class Conclusion { a_faster, b_faster, not_separated, indicative };

struct Pair {
  std::string a, b;
  std::size_t rounds = 0;           ///< rounds in which both have a figure
  std::optional<double> ratio;      ///< median over rounds of a's figure over b's
  std::optional<double> low, high;  ///< interval of that median; absent: unbounded, too few rounds
  std::optional<double> coverage;   ///< exact coverage of [low, high]
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
/// names and `by_round` only.
Pair compare_alone(const VariantFigures& a, const VariantFigures& b, Metric metric);

/// The pair seen from `a`; nothing where the cell has no such pair.
std::optional<Pair> versus(const Cell& cell, const std::string& a, const std::string& b);

/// The variant with the best median figure, by the cell's metric; null where none has a figure.
const VariantFigures* leader(const Cell& cell);

/// The leader, where it is faster than every other variant of the cell that may win; null
/// otherwise.
const VariantFigures* winner(const Cell& cell);

std::optional<Spread> spread(const std::vector<double>& values);
std::string_view conclusion_name(Conclusion conclusion);

}  // namespace boxoffice::reports
