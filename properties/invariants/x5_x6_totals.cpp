// X5, X6: what is available at the end.
//
// X5: the final availability is the initial one, and what an editor added to the capacity, less
// what acknowledged reserves took, plus what acknowledged cancels gave back; rows fill in only what
// no reply acknowledged (expiries, operations without a reply). X6: what the server says of an
// event once it is quiet is what SQL says. Why: D1 compares the database with itself; X5 compares
// it with the customers, so that an update lost together with its row is still seen. X6 catches a
// cache or replica that stays behind. They see the sum only: H5 says where it went wrong.
#include "properties/invariants/invariants.hpp"

namespace boxoffice::properties {
namespace {

/// Tickets that went (negative) or came back through one reservation.
std::int64_t change_of(const EventRun& event, const Reservation& reservation) {
  const AuditedReservation* row = reservation.row;
  std::int64_t change = 0;
  if (reservation.made) change -= reservation.quantity;
  if (reservation.before_run && row->closed_event_version &&
      *row->closed_event_version <= event.start->version) {
    return change;
  }
  const bool expired = row && row->status == ReservationStatus::expired;
  if (reservation.cancelled || expired) change += reservation.quantity;
  return change;
}

}  // namespace

Findings check_x5_total(const Run& run) {
  Findings findings("X5");
  for (const EventRun& event : run.events) {
    if (!event.end) continue;
    std::int64_t expected =
        event.start->available_tickets + event.end->total_tickets - event.start->total_tickets;
    for (const Reservation& reservation : event.reservations) {
      findings.examined();
      expected += change_of(event, reservation);
    }
    if (expected == event.end->available_tickets) continue;
    findings.violation(event.id(), k_never_ns, [&] {
      return Contradiction{
          sentence("event ", event.id(), " ended with ", event.end->available_tickets,
                   " available tickets, but its operations leave ", expected),
          {},
          {}};
    });
  }
  return findings;
}

Findings check_x6_final_read(const Run& run) {
  Findings findings("X6");
  for (const EventRun& event : run.events) {
    if (!event.end) continue;
    const AuditedEvent& end = *event.end;
    const auto compare = [&](const char* what, const std::optional<std::int64_t>& read,
                             std::int64_t stored) {
      if (!read) return;
      findings.examined();
      if (*read == stored) return;
      findings.violation(event.id(), k_never_ns, [&] {
        return Contradiction{sentence("the server says ", what, " ", *read, " of event ",
                                      event.id(), ", the database ", stored),
                             {},
                             {}};
      });
    };
    compare("available", end.get_available, end.available_tickets);
    compare("version", end.get_version, end.version);
  }
  return findings;
}

}  // namespace boxoffice::properties
