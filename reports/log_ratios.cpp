// See log_ratios.hpp.
#include "reports/log_ratios.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/sign_test.hpp"

namespace boxoffice::reports {
namespace {

constexpr double k_infinity = std::numeric_limits<double>::infinity();

std::optional<double> bound_of(double log, double no_bound) {
  return log == no_bound ? std::nullopt : std::optional(std::exp(log));
}

}  // namespace

bool is_censored(double figure) {
  return std::isinf(figure) || figure <= 0;
}

std::optional<double> log_ratio(double a, double b) {
  if (is_censored(a) && is_censored(b)) return std::nullopt;
  return std::log(a / b);  // the log of 0 is -infinity
}

std::optional<double> median_ratio(const std::vector<double>& logs, std::size_t unknown) {
  if (logs.empty()) return std::nullopt;
  const auto below = static_cast<std::size_t>(std::ranges::lower_bound(logs, 0.0) - logs.begin());
  const std::size_t all = logs.size() + unknown;
  const auto at = [&](std::size_t rank) -> std::optional<double> {
    if (rank < below) return logs[rank];
    return rank < below + unknown ? std::nullopt : std::optional(logs[rank - unknown]);
  };
  const auto middle_low = at((all - 1) / 2), middle_high = at(all / 2);
  if (!middle_low || !middle_high) return std::nullopt;
  const double lower = *middle_low, upper = *middle_high;
  if (std::isinf(lower) && std::isinf(upper))
    return lower == upper ? std::optional(std::exp(lower)) : std::nullopt;
  if (std::isinf(lower)) return std::exp(upper);
  if (std::isinf(upper)) return std::exp(lower);
  return std::exp((lower + upper) / 2);
}

std::optional<RatioInterval> ratio_interval(const std::vector<double>& logs, double confidence,
                                            std::size_t unknown) {
  const auto interval = median_interval(logs.size() + unknown, confidence);
  if (!interval || logs.empty()) return std::nullopt;
  const double low = interval->low < unknown ? -k_infinity : logs[interval->low - unknown];
  const double high = interval->high < logs.size() ? logs[interval->high] : k_infinity;
  return RatioInterval{.low = bound_of(low, -k_infinity),
                       .high = bound_of(high, k_infinity),
                       .coverage = interval->coverage};
}

}  // namespace boxoffice::reports
