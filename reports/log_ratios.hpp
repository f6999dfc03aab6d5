// Two sides paired round by round, as sorted logarithms of their ratios.
//
// Some figures are censored: tickets that did not run out within the time, a goodput of 0. Leaving
// those rounds out would keep only what a side is good at, so they are ranked: a time that was not
// reached is +infinity, and the logarithm of a ratio with one of them has no bound. Medians and
// their exact intervals need ranks only, and stay exact; what they say may then be unbounded.
// Source: Conover, Practical Nonparametric Statistics, 3.2 (intervals from order statistics).
#pragma once

#include <optional>
#include <vector>

namespace boxoffice::reports {

/// A time that was not reached, or a rate at which nothing was done: known only as a bound.
bool is_censored(double figure);

/// log(a / b); 0 for equals (two times that were both not reached, two rates of 0), without bound
/// where one of them is censored.
double log_ratio(double a, double b);

/// The median as a ratio: 0 or +infinity where the middle is without bound. Where one of the middle
/// two is without bound, the other (what the data do carry). Absent where there is none: no values,
/// or the middle two without bound to either side. `logs` are sorted.
std::optional<double> median_ratio(const std::vector<double>& logs);

/// Of the median ratio; a side that is absent is without bound. `low` may be +infinity and `high`
/// 0: the interval then holds nothing but rounds that only one side finished.
struct RatioInterval {
  std::optional<double> low, high;
  double coverage = 0;  ///< exact
};

/// Absent where there are too few values for that confidence. `logs` are sorted.
std::optional<RatioInterval> ratio_interval(const std::vector<double>& logs, double confidence);

}  // namespace boxoffice::reports
