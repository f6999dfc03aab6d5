// X4: the status of each row agrees with what was acknowledged.
//
// What: an acknowledged purchase or cancel has its row in that state, at the version of the reply;
// a row that is purchased or cancelled has somebody who did it, acknowledged or not; and an ending
// that any reply showed is the row's. Why: "purchased" told to a customer is a ticket; a row that
// changed by itself is nobody's. It cannot see a state that was wrong only for a while.
#include "properties/invariants/invariants.hpp"
#include "properties/names.hpp"

namespace boxoffice::properties {
namespace {

std::optional<ReservationStatus> status_shown(const Operation& operation) {
  if (operation.ok(Function::purchase)) return ReservationStatus::purchased;
  if (operation.ok(Function::cancel)) return ReservationStatus::cancelled;
  const auto status = operation.out().status;
  return status == ReservationStatus::reserved ? std::nullopt : status;
}

void check_status(const EventRun& event, const Reservation& reservation, const Operation& operation,
                  Findings& findings) {
  const auto shown = status_shown(operation);
  if (!shown || operation.type == EntryType::info) return;
  findings.examined();
  const AuditedReservation* row = reservation.row;
  std::string what;
  if (!row) {
    what = "it has no row";
  } else if (row->status != *shown) {
    what = sentence("its row is ", name_of(row->status));
  } else if (operation.ok(Function::cancel) && operation.version() && row->closed_event_version &&
             *operation.version() != *row->closed_event_version) {
    what = sentence("its row was closed at version ", *row->closed_event_version,
                    " and not at version ", *operation.version());
  } else if (operation.out().status && *operation.out().status != *shown) {
    what = sentence("the reply says ", name_of(*operation.out().status));
  }
  if (what.empty()) return;
  findings.violation(event.id(), complete_ns({&operation}), [&] {
    return Contradiction{
        sentence("reservation ", reservation.reservation_id, " of event ", event.id(), " was ",
                 name_of(*shown), " by the reply to ", label(&operation), ", but ", what),
        indices({&operation}),
        {reservation.reservation_id}};
  });
}

/// Somebody did what the row says; the purchases and cancels before the run are not in the history.
void check_row(const EventRun& event, const Reservation& reservation, Findings& findings) {
  if (!reservation.row || reservation.before_run) return;
  const std::optional<Effect>& effect = reservation.row->status == ReservationStatus::purchased
                                            ? reservation.purchased
                                            : reservation.cancelled;
  if (reservation.row->status != ReservationStatus::purchased &&
      reservation.row->status != ReservationStatus::cancelled) {
    return;
  }
  findings.examined();
  if (effect && effect->operation) return;
  findings.violation(event.id(), k_never_ns, [&] {
    return Contradiction{
        sentence("reservation ", reservation.reservation_id, " of event ", event.id(), " is ",
                 name_of(reservation.row->status), ", but no operation can have done that"),
        {},
        {reservation.reservation_id}};
  });
}

}  // namespace

Findings check_x4_status(const Run& run) {
  Findings findings("X4");
  for (const EventRun& event : run.events) {
    for (const Reservation& reservation : event.reservations) {
      for (const Operation* operation : reservation.operations) {
        check_status(event, reservation, *operation, findings);
      }
      check_row(event, reservation, findings);
    }
  }
  return findings;
}

}  // namespace boxoffice::properties
