// Parses the percentile text line by line, merges by value, and reads percentiles off by rank.
#include "reports/percentiles.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <sstream>

#include "reports/json_fields.hpp"

namespace boxoffice::reports {

LatencyHistogram parse_hdr(std::string_view text, const std::string& where) {
  LatencyHistogram histogram;
  std::istringstream lines{std::string(text)};
  std::string line;
  std::int64_t total = 0;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto first = line.find_first_not_of(" \t\r");
    const bool is_heading = first != std::string::npos && line.compare(first, 5, "Value") == 0;
    if (first == std::string::npos || line[first] == '#' || is_heading) continue;
    std::istringstream fields(line);
    double value = 0, percentile = 0;
    std::int64_t cumulative = 0;
    if (!(fields >> value >> percentile >> cumulative)) {
      throw DamagedRun(
          fmt::format("{}: line {}: expected value, percentile, count", where, number));
    }
    const bool falls = cumulative < total || value < 0 ||
                       (!histogram.empty() && value < histogram.back().value_ms);
    if (falls) {
      throw DamagedRun(fmt::format("{}: line {}: values and counts must rise", where, number));
    }
    if (cumulative > total) histogram.push_back({value, cumulative - total});
    total = cumulative;
  }
  return histogram;
}

LatencyHistogram merged(const std::vector<LatencyHistogram>& histograms) {
  std::map<double, std::int64_t> counts;
  for (const LatencyHistogram& histogram : histograms) {
    for (const auto& [value_ms, count] : histogram) counts[value_ms] += count;
  }
  LatencyHistogram result;
  for (const auto& [value_ms, count] : counts) result.push_back({value_ms, count});
  return result;
}

std::int64_t sample_count(const LatencyHistogram& histogram) {
  std::int64_t total = 0;
  for (const auto& item : histogram) total += item.count;
  return total;
}

std::vector<PercentilePoint> percentile_curve(const LatencyHistogram& histogram, int per_decade) {
  constexpr double k_samples_beyond_min = 10;
  std::vector<PercentilePoint> curve;
  const auto total = static_cast<double>(sample_count(histogram));
  auto at = histogram.begin();
  double below = 0;  // samples in the buckets before `at`
  for (int step = 0;; ++step) {
    const double tail = std::pow(10.0, -static_cast<double>(step) / per_decade);
    if (at == histogram.end() || total * tail < k_samples_beyond_min) break;
    const double rank = total * (1 - tail);
    while (below + static_cast<double>(at->count) < rank) {
      below += static_cast<double>(at->count);
      ++at;
    }
    curve.push_back({1 - tail, at->value_ms});
  }
  return curve;
}

}  // namespace boxoffice::reports
