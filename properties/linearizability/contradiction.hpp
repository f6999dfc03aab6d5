// What to show of a run that has no order: the few operations that contradict each other.
//
// First the shortest prefix in time that has no order: up to the return that no path of the search
// got past. What returns later may have happened by then or not. Then operations without effect are
// dropped, as long as what is left has no order either. A change is never dropped, and none is
// altered: without it the rest would be another run. Those that had all returned at a moment when
// nothing else was under way are only counted: the state that they left is the same whatever their
// order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "properties/findings.hpp"
#include "properties/linearizability/model.hpp"
#include "properties/linearizability/search.hpp"

namespace boxoffice::properties::linearizability {

/// A part of a model's run that has no order either.
struct Core {
  EventModel model;
  std::uint32_t stuck = k_nobody;  ///< the step that has no place; nobody: the end does not fit
  std::vector<std::uint32_t> in_flight;  ///< the steps to show, by call; `stuck` among them
  std::int64_t settled_changes = 0;      ///< changes before them
  std::int64_t settled_available = 0;    ///< what those left
};

/// `found` is a violation that search(model) found; `bounds` holds for each search of the
/// reduction: where it is met, an operation is kept that might have been dropped.
Core reduce(const EventModel& model, const SearchResult& found, const Bounds& bounds);

/// The sentence and the operations, `stuck` first, at most six.
Contradiction describe(const Core& core);

}  // namespace boxoffice::properties::linearizability
