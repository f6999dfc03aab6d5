// Parses the percentile text line by line, merges by value, and reads percentiles off by rank.
#include "reports/percentiles.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <optional>
#include <regex>
#include <sstream>

#include "reports/json_fields.hpp"

namespace boxoffice::reports {

namespace {

/// Reads one file and keeps where it is, for what it has to say.
class HdrReader {
 public:
  explicit HdrReader(const std::string& where) : where_(where) {}

  void take(const std::string& line) {
    ++number_;
    std::istringstream words(line);
    std::string first;
    if (!(words >> first)) return;
    if (first == "Value") {
      take_heading(line);
    } else if (first.starts_with('#')) {
      take_footer(line);
    } else {
      take_row(line);
    }
  }

  /// What a file lacks that is there only in part.
  LatencyHistogram finish() {
    if (!has_heading_) throw DamagedRun(where_ + ": has no heading");
    if (!footer_total_) throw DamagedRun(where_ + ": is cut off: its footer has no total count");
    if (*footer_total_ != total_) {
      throw DamagedRun(
          fmt::format("{}: has {} samples, its footer says {}", where_, total_, *footer_total_));
    }
    return std::move(histogram_);
  }

 private:
  [[noreturn]] void fail(const char* fault) const {
    throw DamagedRun(fmt::format("{}: line {}: {}", where_, number_, fault));
  }

  void take_heading(const std::string& line) {
    std::istringstream words(line);
    std::string value, percentile, total, beyond, rest;
    words >> value >> percentile >> total >> beyond >> rest;
    if (percentile != "Percentile" || total != "TotalCount" || beyond != "1/(1-Percentile)" ||
        !rest.empty())
      fail("expected the heading Value Percentile TotalCount 1/(1-Percentile)");
    has_heading_ = true;
  }

  /// "#[Max     =       40.000, Total count    =          100]"
  void take_footer(const std::string& line) {
    static const std::regex form(R"(#\[Max +=  *[0-9.]+, Total count +=  *([0-9]{1,18})\])");
    std::smatch part;
    if (std::regex_match(line, part, form)) {
      footer_total_ = std::stoll(part[1].str());
    } else if (line.find("Max") != std::string::npos || line.find("Total") != std::string::npos) {
      fail("expected \"#[Max = value, Total count = count]\"");
    }
  }

  void take_row(const std::string& line) {
    std::istringstream words(line);
    double value = 0, percentile = 0;
    std::int64_t cumulative = 0;
    std::string beyond, rest;
    if (!(words >> value >> percentile >> cumulative)) fail("expected value, percentile, count");
    words >> beyond >> rest;
    const bool is_number = beyond.find_first_not_of("0123456789.") == std::string::npos;
    if (!rest.empty() || !(is_number || beyond == "inf")) fail("expected 1/(1-percentile) last");
    if (percentile < 0 || percentile > 1) fail("a percentile is from 0 to 1");
    const bool falls = cumulative < total_ || value < 0 || percentile < percentile_ ||
                       (!histogram_.empty() && value < histogram_.back().value_ms);
    if (falls) fail("values, percentiles and counts must rise");
    if (cumulative > total_) histogram_.push_back({value, cumulative - total_});
    total_ = cumulative;
    percentile_ = percentile;
  }

  const std::string& where_;
  int number_ = 0;
  bool has_heading_ = false;
  std::optional<std::int64_t> footer_total_;
  std::int64_t total_ = 0;
  double percentile_ = 0;
  LatencyHistogram histogram_;
};

}  // namespace

LatencyHistogram parse_hdr(std::string_view text, const std::string& where) {
  std::istringstream lines{std::string(text)};
  HdrReader reader(where);
  for (std::string line; std::getline(lines, line);) reader.take(line);
  return reader.finish();
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

std::optional<double> value_at(const LatencyHistogram& histogram, double tail) {
  constexpr double k_samples_beyond_min = 10;
  const auto total = static_cast<double>(sample_count(histogram));
  if (histogram.empty() || total * tail < k_samples_beyond_min) return std::nullopt;
  const double rank = total * (1 - tail);
  double below = 0;
  for (const auto& [value_ms, count] : histogram) {
    below += static_cast<double>(count);
    if (below >= rank) return value_ms;
  }
  return histogram.back().value_ms;
}

std::vector<PercentilePoint> percentile_curve(const LatencyHistogram& histogram, int per_decade) {
  std::vector<PercentilePoint> curve;
  for (int step = 0;; ++step) {
    const double tail = std::pow(10.0, -static_cast<double>(step) / per_decade);
    const auto value_ms = value_at(histogram, tail);
    if (!value_ms) return curve;
    curve.push_back({1 - tail, *value_ms});
  }
}

}  // namespace boxoffice::reports
