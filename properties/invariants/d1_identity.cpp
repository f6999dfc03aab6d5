// D1: in the database, available + sum(quantity of reserved and purchased) = total, for each event,
// and 0 <= available <= total.
//
// What: the counter against the rows it stands for; and each row against its event: it was made
// within the event's versions, and its tickets went back, later, exactly where its status says so.
// Why: whatever the clients saw, the books must balance. A hold that has expired but was not swept
// still counts.
// It cannot see two errors that cancel each other, nor anything that happened on the way.
#include "properties/invariants/invariants.hpp"

namespace boxoffice::properties {
namespace {

bool holds_tickets(const AuditedReservation& row) {
  return row.status == ReservationStatus::reserved || row.status == ReservationStatus::purchased;
}

/// What is wrong with a row by itself; empty where nothing is.
std::string fault_of(const Header& header, const AuditedEvent& event,
                     const AuditedReservation& row) {
  if (row.quantity <= 0) return sentence("has quantity ", row.quantity);
  const bool open = holds_tickets(row);
  const bool purchased = row.status == ReservationStatus::purchased;
  if (purchased != row.purchased_us.has_value()) {
    return purchased ? "is purchased but has no purchased_at" : "has purchased_at, not purchased";
  }
  if (!header.versions) return {};
  if (row.event_version > event.version) {
    return sentence("was made at version ", row.event_version, ", but its event ended at ",
                    event.version);
  }
  if (open == row.closed_event_version.has_value()) {
    return open ? "holds tickets that have gone back" : "is closed but its tickets never went back";
  }
  if (!open && (*row.closed_event_version <= row.event_version ||
                *row.closed_event_version > event.version)) {
    return sentence("was made at version ", row.event_version, " and closed at version ",
                    *row.closed_event_version, " of an event that ended at ", event.version);
  }
  return {};
}

void check_counter(const EventRun& run, Findings& findings) {
  const AuditedEvent& event = *run.end;
  const auto breach = [&](std::string message) {
    findings.violation(run.id(), k_never_ns, [&] { return Contradiction{message, {}, {}}; });
  };
  std::int64_t held = 0;
  for (const AuditedReservation* row : run.rows) held += holds_tickets(*row) ? row->quantity : 0;
  if (run.resized.empty() && event.total_tickets != run.start->total_tickets) {
    breach(sentence("event ", run.id(), " began with ", run.start->total_tickets,
                    " tickets and ended with ", event.total_tickets));
  }
  if (event.available_tickets < 0 || event.available_tickets > event.total_tickets) {
    breach(sentence("event ", run.id(), " has ", event.available_tickets, " tickets available of ",
                    event.total_tickets));
  }
  if (event.available_tickets + held != event.total_tickets) {
    breach(sentence("event ", run.id(), " has ", event.available_tickets, " available and ", held,
                    " held tickets, together ", event.available_tickets + held, " of ",
                    event.total_tickets));
  }
}

}  // namespace

Findings check_d1_identity(const Run& run) {
  Findings findings("D1");
  for (const EventRun& event : run.events) {
    findings.examined();
    if (!event.end) {
      findings.violation(event.id(), k_never_ns, [&] {
        return Contradiction{sentence("event ", event.id(), " is gone"), {}, {}};
      });
      continue;
    }
    check_counter(event, findings);
    for (const AuditedReservation* row : event.rows) {
      findings.examined();
      const std::string fault = fault_of(*run.header, *event.end, *row);
      if (fault.empty()) continue;
      findings.violation(event.id(), k_never_ns, [&] {
        return Contradiction{
            sentence("reservation ", row->reservation_id, " ", fault), {}, {row->reservation_id}};
      });
    }
  }
  return findings;
}

}  // namespace boxoffice::properties
