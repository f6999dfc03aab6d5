// How much the requests of a scenario get in each other's way, by its definition: what "rising
// contention" goes by, whatever order scenarios were named in.
//
// Not measured: who retries, waits or queues depends on the strategy, and an order that the figures
// made would be held against the same figures.
#pragma once

#include "harness/scenario.hpp"

namespace boxoffice::harness {

/// The probability that two requests both write and want the same event: 0 where all read, 1 where
/// all write to one event.
double contention_of(const Scenario& scenario);

/// By rising contention. Of equals those come last whose tickets run out; else they stay in order.
void sort_by_contention(std::vector<Scenario>& scenarios);

}  // namespace boxoffice::harness
