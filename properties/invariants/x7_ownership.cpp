// X7: nobody saw or changed another user's reservation.
//
// What: of every reply that names a reservation, the user who asked against the user it belongs to,
// by the reply itself, by the row, and by the reserve that made it. To a stranger a reservation
// does not exist (404), so a refusal that tells how it ended is a leak too. Why: a hold is a
// customer's own. It cannot see what a reply leaks beyond the fields of the history.
#include "properties/invariants/invariants.hpp"

namespace boxoffice::properties {
namespace {

bool tells_state(const Operation& operation) {
  if (operation.type == EntryType::ok) return true;
  if (operation.type != EntryType::fail) return false;
  const std::string& code = operation.code();
  return code == "already_purchased" || code == "already_cancelled" || code == "not_cancellable" ||
         code == "reservation_expired";
}

}  // namespace

Findings check_x7_ownership(const Run& run) {
  Findings findings("X7");
  for (const EventRun& event : run.events) {
    for (const Reservation& reservation : event.reservations) {
      const std::optional<std::int64_t> owner = owner_of(reservation);
      for (const Operation* operation : reservation.operations) {
        if (!tells_state(*operation)) continue;
        findings.examined();
        const std::int64_t user = operation->in().user_id;
        const std::int64_t told = operation->out().user_id.value_or(owner.value_or(user));
        const std::int64_t other = told != user ? told : owner.value_or(user);
        if (other == user) continue;
        findings.violation(event.id(), complete_ns({operation}), [&] {
          return Contradiction{
              sentence(label(operation), " of user ", user, " was answered with reservation ",
                       reservation.reservation_id, " of user ", other),
              indices({operation}),
              {reservation.reservation_id}};
        });
      }
    }
  }
  return findings;
}

}  // namespace boxoffice::properties
