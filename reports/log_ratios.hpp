// Two sides paired round by round, as sorted logarithms of their ratios.
//
// Some figures are censored: tickets that did not run out within the time, a goodput of 0. Leaving
// those rounds out would keep only what a side is good at, so they are ranked: a time that was not
// reached is +infinity, and the logarithm of a ratio with one of them has no bound. Medians and
// their exact intervals need ranks only, and stay exact; what they say may then be unbounded.
//
// Where both are censored nothing is known of the ratio, not even to which side of 1 it lies. Such
// a round is no ratio of 1, which would claim that the two are equal: it is counted apart, as
// `unknown`, and may lie anywhere. It ranks below all others where an interval's lower bound is
// asked for, above all others for the upper one.
// Source: Conover, Practical Nonparametric Statistics, 3.2 (intervals from order statistics).
#pragma once

#include <optional>
#include <vector>

namespace boxoffice::reports {

/// A time that was not reached, or a rate at which nothing was done: known only as a bound.
bool is_censored(double figure);

/// log(a / b), without bound where one of them is censored; absent where both are.
std::optional<double> log_ratio(double a, double b);

/// The median as a ratio: 0 or +infinity where the middle is without bound. Where one of the middle
/// two is without bound, the other (what the data do carry). Absent where there is none: no values,
/// or the middle two without bound to either side. Unknown rounds stand at 1, between the others,
/// which makes the effect no larger than the data carry; where one of them would be of the middle
/// two, there is no median. `logs` are sorted.
std::optional<double> median_ratio(const std::vector<double>& logs, std::size_t unknown = 0);

/// Of the median ratio; a side that is absent is without bound. `low` may be +infinity and `high`
/// 0: the interval then holds nothing but rounds that only one side finished.
struct RatioInterval {
  std::optional<double> low, high;
  double coverage = 0;  ///< exact
};

/// Absent where there are too few values for that confidence, or none that is known. `logs` are
/// sorted.
std::optional<RatioInterval> ratio_interval(const std::vector<double>& logs, double confidence,
                                            std::size_t unknown = 0);

}  // namespace boxoffice::reports
