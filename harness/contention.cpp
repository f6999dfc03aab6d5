// See contention.hpp.
#include "harness/contention.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace boxoffice::harness {

namespace {

/// That two requests want the same event: the sum of the squares of the events' shares.
double same_event(const load::Skew& skew, std::int64_t count) {
  const auto events = static_cast<double>(count);
  if (skew.kind == load::SkewKind::hot) {
    const auto hot = static_cast<double>(skew.hot_events);
    if (hot >= events) return 1 / events;
    const double rest = 1 - skew.hot_share;
    return skew.hot_share * skew.hot_share / hot + rest * rest / (events - hot);
  }
  if (skew.kind == load::SkewKind::uniform) return 1 / events;
  double sum = 0, squares = 0;
  for (std::int64_t i = 1; i <= count; ++i) {
    const double weight = std::pow(static_cast<double>(i), -skew.theta);
    sum += weight;
    squares += weight * weight;
  }
  return squares / (sum * sum);
}

}  // namespace

double contention_of(const Scenario& scenario) {
  const double writes = 1 - scenario.mix.read / scenario.mix.sum();
  return writes * writes * same_event(scenario.skew, scenario.events);
}

void sort_by_contention(std::vector<Scenario>& scenarios) {
  std::ranges::stable_sort(scenarios, {}, [](const Scenario& scenario) {
    return std::pair(contention_of(scenario), scenario.metric == ScenarioMetric::time_to_sell_out);
  });
}

}  // namespace boxoffice::harness
