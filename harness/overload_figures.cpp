// See overload_figures.hpp.
#include "harness/overload_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reports/sign_test.hpp"

namespace boxoffice::harness {

namespace {

constexpr double k_sent_share_min = 0.95;
constexpr double k_goodput_kept_min = 0.9;
constexpr double k_refusal_ms_max = 50;
constexpr double k_memory_growth_max = 1.1;

OverloadBound at_least(std::string what, double reached, double bound) {
  return {std::move(what), fmt::format(">= {:.2f}", bound), reached, reached >= bound};
}

OverloadBound at_most(std::string what, double reached, double bound) {
  return {std::move(what), fmt::format("<= {:.2f}", bound), reached, reached <= bound};
}

}  // namespace

double refusal_p99_ms(const load::Histogram& refusals) {
  const auto ns = refusals.percentile_ns(99);
  return ns ? static_cast<double>(*ns) / 1e6 : std::numeric_limits<double>::infinity();
}

std::string line_of(const OverloadBound& bound) {
  return fmt::format("{:<46}{:>8.2f}  wanted {:<9}{}", bound.what, bound.reached, bound.wanted,
                     bound.held ? "held" : "MISSED");
}

double OverloadFigures::capacity_per_s() const {
  return reports::median(capacity_per_s_);
}

double OverloadFigures::median(std::int64_t factor, double OverloadStep::*figure) const {
  std::vector<double> values;
  for (const OverloadStep& step : steps_.at(factor)) values.push_back(step.*figure);
  return reports::median(std::move(values));
}

std::string OverloadFigures::table() const {
  double best = 0;
  for (const std::int64_t factor : k_overload_factors)
    best = std::max(best, median(factor, &OverloadStep::goodput_per_s));
  std::string text = fmt::format("{:>4}{:>8}{:>8}{:>8}  {:<22}{:>9}{:>8}{:>7}\n", "", "due/s",
                                 "sent/s", "sold/s", "", "refused", "p99 ms", "MB");
  for (const std::int64_t factor : k_overload_factors) {
    const double sold = median(factor, &OverloadStep::goodput_per_s);
    const auto length = static_cast<std::size_t>(best > 0 ? 20 * sold / best + 0.5 : 0);
    text += fmt::format(
        "{:>3}x{:>8.0f}{:>8.0f}{:>8.0f}  {:<22}{:>8.1f}%{:>8.1f}{:>7.1f}\n", factor,
        median(factor, &OverloadStep::due_per_s), median(factor, &OverloadStep::sent_per_s), sold,
        std::string(length, '#'), 100 * median(factor, &OverloadStep::refused_share),
        median(factor, &OverloadStep::refusal_ms_p99), median(factor, &OverloadStep::memory_mb));
  }
  return text +
         "refused: 503 with Retry-After; p99: of those refusals (inf: too few to say); MB:\n"
         "  resident, the server\n";
}

std::vector<OverloadBound> OverloadFigures::bounds() const {
  double best = capacity_per_s();
  std::uint64_t errors = 0;
  for (const std::int64_t factor : k_overload_factors) {
    best = std::max(best, median(factor, &OverloadStep::goodput_per_s));
    for (const OverloadStep& step : steps_.at(factor)) errors += step.errors;
  }
  const double sent = median(10, &OverloadStep::sent_per_s) / median(10, &OverloadStep::due_per_s);
  const double growth = median(10, &OverloadStep::memory_mb) / median(2, &OverloadStep::memory_mb);
  return {at_least("of 10x, sent", sent, k_sent_share_min),
          at_least("goodput under 10x / the best", median(10, &OverloadStep::goodput_per_s) / best,
                   k_goodput_kept_min),
          at_most("p99 of a refusal under 10x, ms", median(10, &OverloadStep::refusal_ms_p99),
                  k_refusal_ms_max),
          at_most("memory under 10x / under 2x", growth, k_memory_growth_max),
          {"errors and unknown outcomes", "0", static_cast<double>(errors), errors == 0}};
}

}  // namespace boxoffice::harness
