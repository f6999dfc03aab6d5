// H2: at no time do the holds that certainly exist exceed the event's tickets.
//
// What: a sweep over the moments at which a hold certainly began or may have ended
// (held_tickets.hpp); in between, the sum of those that certainly exist must be at most the
// capacity. Why: this is the promise to the customers, shown from their own replies and nothing
// else. It cannot see an oversell whose holds overlap only possibly (short holds, or cancels under
// way when the tickets were sold again), nor tickets sold too few; H5 sees both.
#include <algorithm>
#include <set>

#include "properties/invariants/invariants.hpp"

namespace boxoffice::properties {
namespace {

constexpr std::size_t k_named = 5;

/// Describes the moment with the step that broke the limit and the latest holds before it.
Contradiction describe(const EventRun& event, const StepFunction& certain, std::size_t at) {
  const auto& steps = certain.steps();
  Contradiction what;
  what.message = sentence("at least ", steps[at].value, " tickets of event ", event.id(),
                          " were certainly held at once, of ", event.start->total_tickets);
  std::set<std::size_t> ended;
  for (std::size_t i = at + 1; i-- > 0 && what.operations.size() < k_named;) {
    if (steps[i].change < 0) ended.insert(steps[i].source);
    if (steps[i].change < 0 || ended.contains(steps[i].source)) continue;
    const Reservation& hold = event.reservations[steps[i].source];
    const Operation* maker = hold.made ? hold.made->operation : nullptr;
    if (!maker) maker = hold.operations.front();
    what.operations.push_back(maker->index());
    what.reservations.push_back(hold.reservation_id);
  }
  return what;
}

}  // namespace

void check_h2_oversold(const EventRun& event, const StepFunction& certain, Findings& findings) {
  const std::int64_t limit = event.start->total_tickets;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < certain.steps().size(); ++i) {
    const StepFunction::Step& step = certain.steps()[i];
    if (step.change > 0) findings.examined();
    if (step.value > limit && before <= limit) {
      findings.violation(event.id(), step.at_ns, [&] { return describe(event, certain, i); });
    }
    before = step.value;
  }
}

}  // namespace boxoffice::properties
