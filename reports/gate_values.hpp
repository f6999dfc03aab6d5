// What a gate's threshold is about in one run: by cell and variant, each round's value, how many
// rounds have none, and how many requests had an answer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "reports/gate.hpp"

namespace boxoffice::reports {

/// A figure, and what is certain of it where it is censored: the time at which it was given up.
struct GateValue {
  double figure = 0, limit = 0;
};

/// Of one variant in one cell.
struct GateValues {
  std::map<std::int64_t, GateValue> by_round;
  Missing missing;
  Outcomes outcomes;  ///< summed over the rounds that have a value
};

using GatePlace = std::pair<CellKey, std::string>;  ///< cell, variant

/// Every place that has a trial, also where none of them has a figure.
std::map<GatePlace, GateValues> gate_values(const Run& run, GateMetric metric);

/// Whether a metric is of the requests that succeeded only, so that a run may improve on it by
/// giving up on the slow ones.
bool is_response_time(GateMetric metric);

}  // namespace boxoffice::reports
