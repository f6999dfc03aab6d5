// See gate_values.hpp.
#include "reports/gate_values.hpp"

#include <limits>
#include <optional>

namespace boxoffice::reports {
namespace {

/// A value that no trial comes up to.
constexpr double k_never = std::numeric_limits<double>::infinity();

std::optional<double> figure_of(const Trial& trial, GateMetric metric) {
  const auto figure = trial.figure();
  if (!figure || !applies(metric, trial.metric)) return std::nullopt;
  const bool success = trial.outcomes.success > 0;
  switch (metric) {
    case GateMetric::goodput:
    case GateMetric::sell_out:
      return figure;
    case GateMetric::p50:
      return success ? trial.response.p50 : k_never;
    case GateMetric::p95:
      return success ? trial.response.p95 : k_never;
    case GateMetric::p99:
      return success ? trial.response.p99 : k_never;
    case GateMetric::attempts:
      return success ? trial.attempts_per_success : k_never;
  }
  return std::nullopt;
}

}  // namespace

std::map<GatePlace, GateValues> gate_values(const Run& run, GateMetric metric) {
  std::map<GatePlace, GateValues> values;
  for (const Trial& trial : run.trials) {
    if (trial.control || trial.superseded) continue;
    GateValues& place = values[{key_of(trial), trial.variant}];
    ++place.missing.rounds;
    const auto figure = figure_of(trial, metric);
    if (!figure) {
      ++place.missing.without_figure;
      continue;
    }
    const bool time = metric == GateMetric::sell_out;
    place.by_round[trial.round] = {*figure,
                                   time ? trial.censored_at_s().value_or(*figure) : *figure};
    place.outcomes += trial.outcomes;
  }
  return values;
}

bool is_response_time(GateMetric metric) {
  return metric == GateMetric::p50 || metric == GateMetric::p95 || metric == GateMetric::p99;
}

}  // namespace boxoffice::reports
