// See thresholds.hpp.
#include "harness/thresholds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "harness/failure.hpp"
#include "harness/units.hpp"

namespace boxoffice::harness {

namespace {

using load::Outcome;

constexpr std::array<std::pair<std::string_view, double>, 6> k_percentiles = {
    {{"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"p999", 99.9}, {"max", 100}}};

unsigned char to_byte(char character) {
  return static_cast<unsigned char>(character);
}

// A bare 1 would be all of them, and meant is one in a hundred.
double share_of_errors(const std::string& text, const std::string& bound) {
  const double share = parse_share(bound);
  if (share > 1 || (share == 1 && !bound.ends_with('%')))
    throw UsageError(fmt::format(
        "threshold '{}': errors are a share: write a percentage such as errors<1%, or 0.01", text));
  return share;
}

// Of nothing at all everything failed.
double share_of(const load::LoadResult& result, std::initializer_list<Outcome> which) {
  load::OutcomeCounts counts = result.outcomes;
  counts += result.late_outcomes;
  std::uint64_t some = 0;
  for (const Outcome outcome : which) some += counts[outcome];
  const auto total = counts.total();
  return total == 0 ? 1 : static_cast<double>(some) / static_cast<double>(total);
}

}  // namespace

double error_share(const load::LoadResult& result) {
  return share_of(result, {Outcome::error, Outcome::indeterminate});
}

double failed_share(const load::LoadResult& result, const load::Mix& mix) {
  const double failed = share_of(result, {Outcome::error, Outcome::indeterminate, Outcome::overload,
                                          Outcome::conflict, Outcome::lock_timeout});
  const double strangers = mix.stranger > 0 ? mix.stranger / mix.sum() : 0;
  const double refused = share_of(result, {Outcome::refused}) - strangers;
  return std::min(1.0, failed + std::max(0.0, refused));
}

std::string why_not_measured(const Threshold& threshold, const load::LoadResult& result) {
  if (!result.figure_valid) return result.figure_why;
  if (!percent_of(threshold.metric)) return {};
  const std::string why = result.unsent_why();
  if (why.empty()) return {};
  // What is at least so long is no shorter than the bound either: that much is known.
  const Measured measured = measure(threshold, result);
  const bool beyond = measured.value != "-" && measured.held != threshold.below;
  return beyond ? std::string() : why;
}

std::optional<double> percent_of(std::string_view metric) {
  for (const auto& [name, quantile] : k_percentiles) {
    if (name == metric) return quantile;
  }
  return std::nullopt;
}

Threshold parse_threshold(const std::string& text) {
  const auto at = text.find_first_of("<>");
  if (at == std::string::npos)
    throw UsageError(
        fmt::format("threshold '{}' compares nothing: write p99<50ms or goodput>1000", text));
  Threshold threshold{text, text.substr(0, at), text[at] == '<', 0};
  const std::string bound = text.substr(at + 1);
  // A bare 50 would be 50 seconds, which every server meets.
  if (percent_of(threshold.metric) && (bound.empty() || !std::isalpha(to_byte(bound.back()))))
    throw UsageError(fmt::format("threshold '{}' lacks a unit: write {}{}50ms (us, ms, s)", text,
                                 threshold.metric, text[at]));
  if (percent_of(threshold.metric))
    threshold.bound = seconds(parse_duration(bound)) * 1000;
  else if (threshold.metric == "goodput")
    threshold.bound = static_cast<double>(parse_count(bound));
  else if (threshold.metric == "errors")
    threshold.bound = share_of_errors(text, bound);
  else
    throw UsageError(fmt::format(
        "threshold '{}' names no metric: p50, p90, p95, p99, p999, max, goodput, errors", text));
  return threshold;
}

Measured measure(const Threshold& threshold, const load::LoadResult& result) {
  Measured measured{threshold, "-", false};
  std::optional<double> value;
  const char* unit = "";
  if (const auto percent = percent_of(threshold.metric)) {
    const load::Histogram& response = result.success_latency().response;
    if (threshold.metric == "max" && response.count() > 0)
      value = static_cast<double>(response.max_ns()) / 1e6;
    else if (const auto ns = response.percentile_ns(*percent))
      value = static_cast<double>(*ns) / 1e6;
    unit = " ms";
  } else if (threshold.metric == "goodput") {
    value = result.goodput_per_s;
    unit = "/s";
  } else {
    value = error_share(result);
  }
  if (!value) return measured;
  const bool at_least = percent_of(threshold.metric) && !result.unsent_why().empty();
  measured.value = fmt::format("{}{:.4g}{}", at_least ? "at least " : "", *value, unit);
  measured.held = threshold.below ? *value < threshold.bound : *value > threshold.bound;
  return measured;
}

}  // namespace boxoffice::harness
