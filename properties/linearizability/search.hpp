// The search for an order of one event's steps that the model allows: Wing and Gong's algorithm
// with Lowe's memo, and reductions that fit tickets.
//
// A step may come next if no untaken mandatory step returned before it was called. Depth first:
// take one that fits, go on, take back what led nowhere. The memo keeps the sets of taken steps
// from which the search has failed; it keeps the sets themselves and compares them, so that a
// collision of hashes can never make a violation. Reductions, each because whatever order exists
// can be rearranged into one that it leaves:
//   - a step without effect that fits is taken at once: nothing that comes later minds;
//   - so is a purchase, since all replies that need its hold still reserved were taken by then
//     (state.hpp holds it back until they were);
//   - of two equal changes (same tickets, same reply) only the one that returns first is branched
//     on, where exchanging the two in any later order disturbs nobody (`exchangeable`).
// Complete: with no bound met, `violation` means that no order exists. Sound: `linearizable` comes
// with an order. Where a bound is met the answer is `gave_up`, which is neither.
// Sources: Wing & Gong, "Testing and Verifying Concurrent Objects" (JPDC 1993); Lowe, "Testing for
// Linearizability" (CCPE 2017); the undo list as in Horn & Kroening, "Faster Linearizability
// Checking via P-Compositionality" (FORTE 2015), whose partition is made by the caller: by event.
#pragma once

#include <cstdint>
#include <vector>

#include "properties/linearizability/bounds.hpp"
#include "properties/linearizability/model.hpp"

namespace boxoffice::properties::linearizability {

enum class Answer { linearizable, violation, gave_up };

struct SearchResult {
  Answer answer = Answer::gave_up;
  std::vector<std::uint32_t> order;  ///< of a linearizable run: positions in EventModel::steps
  /// Of a violation: the step that had to come by its return and never fitted in, in the order that
  /// got furthest; and that moment. k_nobody: everything fitted, but did not end where it should.
  std::uint32_t stuck = k_nobody;
  std::int64_t stuck_ns = k_never_ns;
  std::int64_t steps = 0;
  std::int64_t memo_bytes = 0;
  const char* bound = "";  ///< which one was met
};

SearchResult search(const EventModel& model, const Bounds& bounds);

}  // namespace boxoffice::properties::linearizability
