// The steps that strategies are written in: one SQL statement each, the statement in the comment.
//
// What they have in common: the event is locked (or claimed by its version) before any of its
// reservations, always; a hold is closed by a guarded UPDATE, so that no ticket is released twice;
// and a clock is compared only in a statement that began after the lock was held.
#pragma once

#include <optional>

#include "strategies/strategy.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

/// An event's inventory as one statement saw it.
struct Inventory {
  EventId id;
  std::int64_t total_tickets = 0;
  std::int64_t available_tickets = 0;
  EventVersion version;

  EventNumbers numbers() const { return {id, available_tickets, version}; }
};

/// The user's own reserved row on an event, if any, and the clock when it was looked up.
struct OwnHold {
  std::optional<Reservation> hold;
  Timestamp now;

  bool active() const { return hold && now < hold->expires_at; }
  bool stale() const { return hold && !(now < hold->expires_at); }
};

/// SELECT ... FROM events WHERE id = ? FOR NO KEY UPDATE. Waits for the row; foreign-key checks of
/// other transactions do not wait for this lock (pitfall P2).
std::optional<Inventory> lock_event(Transaction&, EventId);

/// SELECT ... FROM events WHERE id = ?
std::optional<Inventory> read_event(Transaction&, EventId);

/// SELECT own reserved row, clock. To be called once the event is locked (pitfall P15).
OwnHold find_own_hold(Transaction&, EventId, UserId);

/// The same beside the event, in one statement: for those who decide without a lock.
struct EventAndOwnHold {
  Inventory event;
  OwnHold own;
};
std::optional<EventAndOwnHold> read_event_and_own_hold(Transaction&, EventId, UserId);

/// UPDATE events SET available_tickets = available_tickets + ?, version = version + 1 WHERE id = ?
/// RETURNING ... Unconditional: for those who hold the lock, or give tickets back.
Inventory change_inventory(Transaction&, EventId, std::int64_t delta);

/// UPDATE events SET available_tickets = available_tickets + ? WHERE id = ?: no new version; the
/// second half of a change whose first half claimed the version.
void add_released_tickets(Transaction&, EventId, std::int64_t tickets);

/// INSERT INTO reservations ...: reserved, expiring at now + command.hold.
Reservation insert_hold(Transaction&, const ReserveCommand&, EventVersion made_at, Timestamp now);

/// SELECT ... FROM reservations WHERE id = ? AND user_id = ?
std::optional<Reservation> read_reservation(Transaction&, ReservationId, UserId);

/// The same beside its event, in one statement and so of one snapshot: while the event's version
/// stays, the reservation was not closed either.
struct ReservationAndEvent {
  Reservation reservation;
  Inventory event;
};
std::optional<ReservationAndEvent> read_reservation_and_event(Transaction&, ReservationId, UserId);

/// UPDATE reservations SET status = ?, closed_event_version = ? WHERE id = ? AND status =
/// 'reserved' RETURNING ... Nothing: somebody closed it first, and the caller must roll back
/// (pitfall P10).
std::optional<Reservation> close_hold(Transaction&, ReservationId, Status, EventVersion closed_at);

/// Expires one's own stale hold, whose event is locked: the first of the two steps of
/// expire-then-reserve (pitfall P13). Returns the inventory after it; throws Conflict where the row
/// was closed in between.
Inventory expire_own_hold(Transaction&, const Reservation& hold);

/// Expires up to k_release_batch due holds of a locked event; rows that a purchase holds are
/// skipped this time.
ReleaseReply close_due_holds(Transaction&, EventId, EventVersion closed_at);

/// What the strategies have in common beside steps: purchase changes no inventory, so it locks its
/// reservation only.
Result<PurchaseReply> purchase_under_row_lock(Connection&, const PurchaseCommand&);

/// Recover functions for transact(): what became of a lost COMMIT.
Recover<ReserveReply> recover_reserve(const ReserveCommand&);
Recover<CancelReply> recover_cancel(const CancelCommand&);
/// A sweep may simply run again: each of its releases is conditional on its row.
Recover<ReleaseReply> recover_release();

}  // namespace boxoffice::strategies
