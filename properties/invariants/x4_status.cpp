// X4: the status and the tickets of each reservation agree with what was acknowledged.
//
// What: an acknowledged purchase or cancel has its row in that state, at the version of the reply;
// a row that is purchased or cancelled has somebody who did it, acknowledged or not; an ending that
// any reply showed is the row's; and every success is of as many tickets as the row, without it as
// the first success that said so. Of the replies alone: a purchase does not say "cancelled", nor a
// 201 anything but "reserved"; a purchase or cancel names the reservation that it was asked for;
// and a 200 to another request than the one that made the reservation is for an active hold, so
// that it says "reserved": only to its own request is a reservation shown in whatever state it is.
// Why: "purchased" told to a customer is a ticket; a row that changed by itself is nobody's. It
// cannot see a state that was wrong only for a while.
#include <algorithm>
#include <optional>

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

/// What the row has against a status that a reply showed; empty: nothing.
std::string row_against(const AuditedReservation* row, const Operation& operation,
                        ReservationStatus shown) {
  if (!row) return "it has no row";
  if (row->status != shown) return sentence("its row is ", name_of(row->status));
  if (operation.ok(Function::cancel) && operation.version() && row->closed_event_version &&
      *operation.version() != *row->closed_event_version) {
    return sentence("its row was closed at version ", *row->closed_event_version,
                    " and not at version ", *operation.version());
  }
  return {};
}

/// Where a reply contradicts what it answers, whatever the row is; empty where it does not.
std::string reply_against(const Reservation& reservation, const Operation& operation,
                          ReservationStatus shown) {
  const Output& out = operation.out();
  if (operation.f == Function::reserve) {
    if (shown == ReservationStatus::reserved) return {};
    if (operation.made_reservation()) return "that reply says that it made it";
    const bool anothers = operation.found_reservation() && is_of_another(reservation, operation);
    return anothers ? "another request had made it, and is the only one to be told that" : "";
  }
  if (operation.type != EntryType::ok) return {};
  if (out.reservation_id.value_or(reservation.reservation_id) != reservation.reservation_id) {
    return sentence("the reply names reservation ", *out.reservation_id);
  }
  if (out.status.value_or(shown) != shown) return sentence("the reply says ", name_of(*out.status));
  return {};
}

void check_status(const EventRun& event, const Reservation& reservation, const Operation& operation,
                  bool audited, Findings& findings) {
  const auto shown = status_shown(operation);
  if (!shown || operation.type == EntryType::info) return;
  findings.examined();
  std::string what;
  if (audited) what = row_against(reservation.row, operation, *shown);
  if (what.empty()) what = reply_against(reservation, operation, *shown);
  if (what.empty()) return;
  findings.violation(event.id(), complete_ns({&operation}), [&] {
    return Contradiction{
        sentence("reservation ", reservation.reservation_id, " of event ", event.id(), " was ",
                 name_of(*shown), " by the reply to ", label(&operation), ", but ", what),
        indices({&operation}),
        {reservation.reservation_id}};
  });
}

/// How many tickets a success says that the reservation is of; absent where it says nothing, or
/// speaks of another one (X7).
std::optional<std::int64_t> tickets_told(const Reservation& reservation,
                                         const Operation& operation) {
  if (operation.type != EntryType::ok) return std::nullopt;
  const Output& out = operation.out();
  const bool other =
      out.reservation_id.value_or(reservation.reservation_id) != reservation.reservation_id;
  return other ? std::nullopt : out.quantity;
}

/// All successes are of the same tickets. X1 compares a reserve with its row.
void check_tickets(const EventRun& event, const Reservation& reservation, Findings& findings) {
  std::optional<std::int64_t> known;
  if (reservation.row) known = reservation.row->quantity;
  const Operation* first = nullptr;  // that said so, where there is no row
  for (const Operation* operation : reservation.operations) {
    const auto told = tickets_told(reservation, *operation);
    if (!told || (reservation.row && operation->f == Function::reserve)) continue;
    findings.examined();
    if (*told > 0 && known.value_or(*told) == *told) {
      if (!known) first = operation;
      known = told;
      continue;
    }
    findings.violation(event.id(), complete_ns({operation}), [&] {
      std::string but;
      if (known) but = sentence(first ? ", but of " : ", but its row is of ", *known);
      if (first) but += " by that to " + label(first);
      return Contradiction{
          sentence("reservation ", reservation.reservation_id, " of event ", event.id(), " is of ",
                   *told, " tickets by the reply to ", label(operation), but),
          indices({first, operation}),
          {reservation.reservation_id}};
    });
  }
}

/// Whether what ended a reservation of before the run may have been before it as well, or is some
/// other client's of a server that others use.
bool may_have_ended_before(const Run& run, const EventRun& event, const Reservation& reservation) {
  if (run.header->others_may_edit) return true;
  if (reservation.row->status == ReservationStatus::cancelled) {
    return closed_before_run(event, reservation);
  }
  return std::ranges::none_of(reservation.operations, [&](const Operation* operation) {
    return operation->found_reservation() && saw_reserved(reservation, *operation);
  });
}

/// Somebody did what the row says; the purchases and cancels before the run are not in the history.
void check_row(const Run& run, const EventRun& event, const Reservation& reservation,
               Findings& findings) {
  if (!reservation.row) return;
  if (reservation.before_run && may_have_ended_before(run, event, reservation)) return;
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
        check_status(event, reservation, *operation, run.audit != nullptr, findings);
      }
      check_tickets(event, reservation, findings);
      check_row(run, event, reservation, findings);
    }
  }
  return findings;
}

}  // namespace boxoffice::properties
