// --threshold 'p99<50ms': what a load run must meet. A threshold that names no metric is a mistake,
// not a pass.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/load/load.hpp"

namespace boxoffice::harness {

struct Threshold {
  std::string text;
  std::string metric;  ///< p50, p90, p95, p99, p999, max (response time); goodput (per s); errors
                       ///< (share of all)
  bool below = true;   ///< '<', else '>'
  double bound = 0;    ///< milliseconds, per second, or a share
};

/// Errors and unknown outcomes, of all that started in the window: also what was given up after it.
double error_share(const load::LoadResult& result);
/// Everything that is no honest answer: errors, refusals of every kind, what was given up. But that
/// a mix's strangers are refused is as it must be, so that their share of refusals does not count.
double failed_share(const load::LoadResult& result, const load::Mix& mix);

/// Of a latency's name: 99.9 of "p999", 100 of "max"; absent where it is none.
std::optional<double> percent_of(std::string_view metric);

/// Throws UsageError: no metric, no comparison, no number, a time without its unit, a share above
/// 1.
Threshold parse_threshold(const std::string& text);

struct Measured {
  Threshold threshold;
  std::string
      value;  ///< as measured, with its unit; "-" where there were too few samples, which fails
  bool held = false;
};
Measured measure(const Threshold& threshold, const load::LoadResult& result);

/// Why nothing can be held against a threshold: the figures are the generator's fault, or, for a
/// response time, only a lower bound that does not reach the threshold's. Empty: it can.
std::string why_not_measured(const Threshold& threshold, const load::LoadResult& result);

}  // namespace boxoffice::harness
