// The exact sign test, the interval of a median that belongs to it, and Holm's correction.
//
// Benchmark figures of a shared machine are not normal, and three to twelve rounds are too few to
// pretend. The sign test asks only which of two variants was ahead in each round; under "no
// difference" that is a fair coin, whatever the noise looks like, and the probabilities are exact.
// Sources: Conover, Practical Nonparametric Statistics, 3.2 (quantile interval) and 3.4 (sign
// test); Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace boxoffice::reports {

/// Of an even number of values, the mean of the middle two. `values` must not be empty.
double median(std::vector<double> values);

/// Exact two-sided p-value of `positive` against `negative` rounds; rounds without a difference are
/// left out before.
double sign_test_p(std::size_t positive, std::size_t negative);

/// A confidence interval of the median as positions in the sorted sample, 0-based, both included.
struct RankInterval {
  std::size_t low = 0;
  std::size_t high = 0;
  double coverage = 0;  ///< exact, at least what was asked for
};

/// The narrowest symmetric interval that covers the median with at least `confidence`; nothing
/// where even the whole sample does not (fewer than 6 values at 95%): the interval is unbounded
/// then.
std::optional<RankInterval> median_interval(std::size_t sample_size, double confidence);

/// Holm's adjusted p-values, in the order given: reject where adjusted <= alpha.
std::vector<double> holm_adjusted(const std::vector<double>& p_values);

}  // namespace boxoffice::reports
