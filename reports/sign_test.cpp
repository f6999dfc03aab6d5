// Binomial tail sums with p = 1/2, exactly but for rounding in double: C(n,i) / 2^n by its
// recurrence.
#include "reports/sign_test.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace boxoffice::reports {
namespace {

/// P(X <= k) of X ~ Binomial(n, 1/2).
double binomial_tail(std::size_t n, std::size_t k) {
  double term = std::ldexp(1.0, -static_cast<int>(n));
  double sum = term;
  for (std::size_t i = 1; i <= k && i <= n; ++i) {
    term *= static_cast<double>(n - i + 1) / static_cast<double>(i);
    sum += term;
  }
  return sum;
}

}  // namespace

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

double sign_test_p(std::size_t positive, std::size_t negative) {
  const std::size_t rounds = positive + negative;
  return std::min(1.0, 2 * binomial_tail(rounds, std::min(positive, negative)));
}

std::optional<RankInterval> median_interval(std::size_t sample_size, double confidence) {
  // The interval from the (k+1)-th smallest to the (k+1)-th largest misses the median when at most
  // k values lie on one side of it: coverage 1 - 2 P(X <= k). Widen the cut k while the coverage
  // allows.
  std::optional<RankInterval> best;
  for (std::size_t k = 0; 2 * k + 1 < sample_size; ++k) {
    const double coverage = 1 - 2 * binomial_tail(sample_size, k);
    if (coverage < confidence) break;
    best = RankInterval{.low = k, .high = sample_size - 1 - k, .coverage = coverage};
  }
  return best;
}

std::vector<double> holm_adjusted(const std::vector<double>& p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double highest = 0;  // a later hypothesis may not be rejected where an earlier one was not
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto remaining = static_cast<double>(order.size() - i);
    highest = std::max(highest, std::min(1.0, remaining * p_values[order[i]]));
    adjusted[order[i]] = highest;
  }
  return adjusted;
}

}  // namespace boxoffice::reports
