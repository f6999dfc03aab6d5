// See log_ratios.hpp.
#include "reports/log_ratios.hpp"

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

double log_ratio(double a, double b) {
  return a == b ? 0 : std::log(a / b);  // the log of 0 is -infinity
}

std::optional<double> median_ratio(const std::vector<double>& logs) {
  if (logs.empty()) return std::nullopt;
  const double upper = logs[logs.size() / 2];
  const double lower = logs[(logs.size() - 1) / 2];
  if (std::isinf(lower) && std::isinf(upper))
    return lower == upper ? std::optional(std::exp(lower)) : std::nullopt;
  if (std::isinf(lower)) return std::exp(upper);
  if (std::isinf(upper)) return std::exp(lower);
  return std::exp((lower + upper) / 2);
}

std::optional<RatioInterval> ratio_interval(const std::vector<double>& logs, double confidence) {
  const auto interval = median_interval(logs.size(), confidence);
  if (!interval) return std::nullopt;
  return RatioInterval{.low = bound_of(logs[interval->low], -k_infinity),
                       .high = bound_of(logs[interval->high], k_infinity),
                       .coverage = interval->coverage};
}

}  // namespace boxoffice::reports
