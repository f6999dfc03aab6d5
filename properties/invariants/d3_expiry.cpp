// D3: a hold expires only at or after its expires_at, and is purchased only before it.
//
// What: of each row, the moments that the database wrote down, by its own clock: expires_at against
// updated_at of an expired row (its last change) and against purchased_at of a purchased one.
// Why: a customer has the promised time, and not more. Where that clock was set during the run, the
// two may differ by as much.
// Rows that were closed before the run are not its matter. It cannot see a server that writes a
// moment which it did not measure; the bounds in H5 hold some of that against the harness's clock.
#include "properties/invariants/invariants.hpp"

namespace boxoffice::properties {
namespace {

/// What was done by nobody of the run is not of this run: of a purchase no version tells when.
bool ended_before_run(const EventRun& event, const Reservation& reservation) {
  if (closed_before_run(event, reservation)) return true;
  return reservation.before_run && reservation.row->status == ReservationStatus::purchased &&
         !(reservation.purchased && reservation.purchased->operation);
}

}  // namespace

Findings check_d3_expiry(const Run& run) {
  Findings findings("D3");
  const std::int64_t moved_us = run.clock_moved_us;
  for (const EventRun& event : run.events) {
    for (const Reservation& reservation : event.reservations) {
      const AuditedReservation* row = reservation.row;
      if (!row || ended_before_run(event, reservation)) continue;
      const auto breach = [&](const char* what, std::int64_t by_us) {
        findings.violation(event.id(), k_never_ns, [&] {
          return Contradiction{
              sentence("reservation ", row->reservation_id, " was ", what, " by ", by_us, " us"),
              {},
              {row->reservation_id}};
        });
      };
      if (row->status == ReservationStatus::expired) {
        findings.examined();
        const std::int64_t early_us = row->expires_us - row->updated_us;
        if (early_us > moved_us) breach("expired before its time,", early_us);
      }
      if (row->status == ReservationStatus::purchased && row->purchased_us) {
        findings.examined();
        const std::int64_t late_us = *row->purchased_us - row->expires_us;
        if (late_us >= moved_us) breach("purchased after its hold had expired,", late_us);
      }
    }
  }
  return findings;
}

}  // namespace boxoffice::properties
