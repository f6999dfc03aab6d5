// latency.hdr: HdrHistogram's percentile text format, and the merging of several trials' histograms
// into one.
//
// The format is cumulative; a line's own count is the difference to the line before. Merging adds
// those counts by value. The text has a line only every so many percentiles (five for each halving
// of the tail), so a sample may count as slow as the next line, never as faster than it was.
// Averaging percentiles would have no meaning at all. Source of the format: HdrHistogram,
// outputPercentileDistribution.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boxoffice::reports {

/// So many of the responses took about so long.
struct LatencyCount {
  double value_ms = 0;
  std::int64_t count = 0;
};

/// A histogram, its values rising.
using LatencyHistogram = std::vector<LatencyCount>;

struct PercentilePoint {
  double percentile = 0;  ///< 0..1
  double value_ms = 0;
};

/// Throws DamagedRun with `where` in front, also for a file that ends before its footer says how
/// many samples there are: half a histogram looks like a fast one.
LatencyHistogram parse_hdr(std::string_view text, const std::string& where);

LatencyHistogram merged(const std::vector<LatencyHistogram>& histograms);

std::int64_t sample_count(const LatencyHistogram& histogram);

/// What all but the share `tail` of the samples stayed within; nothing where fewer than ten samples
/// lie beyond: that would be the luck of single requests.
std::optional<double> value_at(const LatencyHistogram& histogram, double tail);

/// Points of the curve, evenly spread on the axis log 1/(1-p), `per_decade` of them for each
/// further nine, as far as value_at() has one.
std::vector<PercentilePoint> percentile_curve(const LatencyHistogram& histogram,
                                              int per_decade = 10);

}  // namespace boxoffice::reports
