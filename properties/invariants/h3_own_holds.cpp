// H3, of who is told "sold out": not the one who holds the tickets.
//
// What: a user's own active hold is found before availability is looked at, so that the last
// holder's retry is not told "sold out". A refusal for want of tickets is therefore wrong if its
// whole interval lies within a hold of that user which was certainly active: after the return of
// the reserve that made it, before the call of any purchase or cancel that may have ended it, and
// before its time can have been over. Why: to the customer it says that the tickets are somebody
// else's. No row shows it, and the numbers of such a reply are right, so that no order contradicts
// it. It cannot see one beside a hold that nobody acknowledged, or whose end was under way.
#include <algorithm>
#include <tuple>

#include "properties/invariants/invariants.hpp"

namespace boxoffice::properties {
namespace {

/// Certainly active after `from_ns` and before `until_ns`.
struct ActiveHold {
  std::int64_t user_id = 0;
  std::int64_t from_ns = 0;
  std::int64_t until_ns = 0;
  const Operation* maker = nullptr;
  std::int64_t reservation_id = 0;
};

bool may_end(const Operation& operation) {
  return operation.ok(Function::purchase) || operation.ok(Function::cancel) ||
         operation.indeterminate(Function::purchase) || operation.indeterminate(Function::cancel);
}

/// By user and time; of one that began while an earlier one of the user's lasted longer, that one.
std::vector<ActiveHold> active_holds(const Run& run, const EventRun& event) {
  std::vector<ActiveHold> holds;
  for (const Reservation& reservation : event.reservations) {
    const std::optional<Effect>& made = reservation.made;
    if (!made || !made->acknowledged) continue;
    ActiveHold hold{made->operation->in().user_id, made->return_ns,
                    run.expires_from_ns(reservation), made->operation, reservation.reservation_id};
    for (const Operation* operation : reservation.operations) {
      if (may_end(*operation)) hold.until_ns = std::min(hold.until_ns, operation->call_ns);
    }
    if (hold.from_ns < hold.until_ns) holds.push_back(hold);
  }
  std::sort(holds.begin(), holds.end(), [](const ActiveHold& a, const ActiveHold& b) {
    return std::tie(a.user_id, a.from_ns) < std::tie(b.user_id, b.from_ns);
  });
  for (std::size_t i = 1; i < holds.size(); ++i) {
    const ActiveHold& before = holds[i - 1];
    if (before.user_id != holds[i].user_id || before.until_ns <= holds[i].until_ns) continue;
    const std::int64_t from_ns = holds[i].from_ns;
    holds[i] = before;
    holds[i].from_ns = from_ns;
  }
  return holds;
}

/// The hold of the user who was refused that was active all the while; null: none certainly was.
const ActiveHold* active_during(const std::vector<ActiveHold>& holds, const Operation& refusal) {
  const std::tuple from(refusal.in().user_id, refusal.call_ns);
  const auto after = std::partition_point(holds.begin(), holds.end(), [&](const ActiveHold& hold) {
    return std::tuple(hold.user_id, hold.from_ns) < from;
  });
  if (after == holds.begin()) return nullptr;
  const ActiveHold& hold = *(after - 1);
  const bool all_the_while =
      hold.user_id == refusal.in().user_id && refusal.return_ns < hold.until_ns;
  return all_the_while ? &hold : nullptr;
}

}  // namespace

void check_h3_own_holds(const Run& run, const EventRun& event, Findings& findings) {
  const auto sold_out = [](const Operation* operation) { return operation->sold_out; };
  if (!run.header->one_hold_per_user || std::ranges::none_of(event.operations, sold_out)) return;
  const std::vector<ActiveHold> holds = active_holds(run, event);
  for (const Operation* refusal : event.operations) {
    const ActiveHold* hold = refusal->sold_out ? active_during(holds, *refusal) : nullptr;
    if (!hold) continue;
    findings.violation(event.id(), refusal->call_ns, [&] {
      return Contradiction{
          sentence(label(refusal), " of user ", hold->user_id, " was told that event ", event.id(),
                   " is sold out, but that user held reservation ", hold->reservation_id,
                   " all the while, made by ", label(hold->maker)),
          indices({hold->maker, refusal}),
          {hold->reservation_id}};
    });
  }
}

}  // namespace boxoffice::properties
