// What a gate may be asked: the thresholds' words, and which trials they are about. See gate.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "reports/gate.hpp"

namespace boxoffice::reports {
namespace {

constexpr std::array<std::pair<std::string_view, GateMetric>, 6> k_metrics = {
    {{"goodput", GateMetric::goodput},
     {"sell_out", GateMetric::sell_out},
     {"p50", GateMetric::p50},
     {"p95", GateMetric::p95},
     {"p99", GateMetric::p99},
     {"attempts", GateMetric::attempts}}};

}  // namespace

GateThreshold parse_gate_threshold(const std::string& text) {
  const auto fault = [&text](const std::string& what) {
    throw std::invalid_argument(fmt::format("threshold '{}' {}", text, what));
  };
  const auto at = text.find_first_of("<>");
  if (at == std::string::npos) fault("compares nothing: write goodput>-5% or p99<+10%");
  GateThreshold threshold{.text = text, .above = text[at] == '>'};
  const std::string name = text.substr(0, at);
  const auto* const found =
      std::ranges::find(k_metrics, name, [](const auto& m) { return m.first; });
  if (found == k_metrics.end())
    fault("names no metric: goodput, sell_out, p50, p95, p99, attempts");
  threshold.metric = found->second;
  std::string_view bound = std::string_view(text).substr(at + 1);
  if (bound.starts_with('+')) bound.remove_prefix(1);
  const auto [end, error] =
      std::from_chars(bound.data(), bound.data() + bound.size(), threshold.change);
  const std::string_view rest(end, static_cast<std::size_t>(bound.data() + bound.size() - end));
  if (error != std::errc() || rest != "%" || !std::isfinite(threshold.change) ||
      threshold.change <= -100)
    fault("has no change in per cent above -100%, such as -5%");
  threshold.change /= 100;
  return threshold;
}

bool applies(GateMetric asked, Metric of_trial) {
  if (asked == GateMetric::goodput) return of_trial == Metric::goodput;
  if (asked == GateMetric::sell_out) return of_trial == Metric::time_to_sell_out;
  return true;
}

const std::vector<std::string>& default_gate_thresholds() {
  static const std::vector<std::string> texts = {"goodput>-5%", "sell_out<+5%"};
  return texts;
}

}  // namespace boxoffice::reports
