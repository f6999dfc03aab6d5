// A load run that is over, as text and as an exit code: its figures with the verdict beside them,
// so that nobody reads the ones without the other. `load` and `merge` end alike.
#pragma once

#include <optional>
#include <string>

#include "harness/load/load.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::harness {

/// What a load ends with, beside its figures.
struct LoadEnd {
  std::optional<properties::Outcome> verdict = {};  ///< absent where nobody can judge
  std::string no_verdict = {};                      ///< why not: "plain GETs"
  bool interrupted = false;
  bool figure_valid = true;  ///< the generator kept up: else the figures are its own
  bool threshold_failed = false;
  bool threshold_not_measured = false;
};

/// 130, 10, 12, 11, 13 in that order (failure.hpp). A figure that is not valid is 12, for figures
/// are what a load is for; its verdict stands, and a violation goes first.
int exit_code(const LoadEnd& end);

/// "verdict pass", "NO RESULT: verdict violation", "NO RESULT: verdict pass, figure invalid".
std::string standing_text(const LoadEnd& end);

/// Whether percentiles are what was measured, or less than it would have been: with requests that
/// were due and never left (LoadResult::unsent_why()).
enum class Percentiles { figures, lower_bounds };

/// "1.23", as a bound ">=1.23", or "-" where the samples do not carry it; 100: the largest.
std::string percentile_ms_text(const load::Histogram& histogram, double percent,
                               Percentiles are = Percentiles::figures);

/// Service, response and lag in milliseconds, p50 to p99.99 where there are samples for it; lines.
/// `are` is of response and lag: what was sent has its service time.
std::string latency_table(const load::Latency& latency, Percentiles are);

/// A line where anything was due and never sent, else empty.
std::string unsent_text(std::uint64_t unsent, std::uint64_t started);

/// All figures of a run, lines for a terminal; `distribution`: every percentile as well.
std::string figures_text(const load::LoadResult& result, const LoadEnd& end, bool distribution);

}  // namespace boxoffice::harness
