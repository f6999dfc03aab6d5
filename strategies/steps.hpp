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

/// An event and the user's own hold on it.
struct EventAndOwnHold {
  Inventory event;
  OwnHold own;
};

/// SELECT ... FROM events WHERE id = ? FOR NO KEY UPDATE (FOR UPDATE on MySQL). Waits for the row;
/// on PostgreSQL foreign-key checks of other transactions do not wait for this lock (pitfall P2).
std::optional<Inventory> lock_event(Transaction&, EventId);

/// The same, then, in a statement that begins once the lock is held (pitfall P15), SELECT own
/// reserved row, clock. One round trip where the engine can.
std::optional<EventAndOwnHold> lock_event_and_find_own_hold(Transaction&, EventId, UserId);

/// SELECT ... FROM events WHERE id = ?
std::optional<Inventory> read_event(Transaction&, EventId);

/// SELECT event, own reserved row, clock, in one statement: for those who decide without a lock,
/// or who have locked the event by their own UPDATE of it.
std::optional<EventAndOwnHold> read_event_and_own_hold(Transaction&, EventId, UserId);
/// The statement behind it, for strategies that send it together with another.
Call call_read_event_and_own_hold(EventId, UserId);
std::optional<EventAndOwnHold> event_and_own_hold_of(Answer&&, EventId);

/// UPDATE events SET available_tickets = available_tickets + ?, version = version + 1 WHERE id = ?,
/// for those who hold the event's lock and so know its numbers. Returns those after it.
Inventory change_inventory(Transaction&, const Inventory& before, std::int64_t delta);
/// The same and COMMIT, in one round trip where the engine can.
Inventory change_inventory_and_commit(Transaction&, const Inventory& before, std::int64_t delta);

/// UPDATE events SET available_tickets = available_tickets + ? WHERE id = ?; COMMIT: no new
/// version; the second half of a change whose first half claimed the version.
void add_released_tickets_and_commit(Transaction&, EventId, std::int64_t tickets);

/// A hold as it shall be inserted, expiring at now + command.hold; its id is not known yet.
Reservation new_hold(const ReserveCommand&, EventVersion made_at, Timestamp now);
/// INSERT INTO reservations ...; its answer's `made` is the hold's id.
Call call_insert_hold(const Reservation&);
/// Both and COMMIT, in one round trip where the engine can.
Reservation insert_hold_and_commit(Transaction&, const ReserveCommand&, EventVersion made_at,
                                   Timestamp now);
/// UPDATE events SET available - quantity; INSERT INTO reservations; COMMIT: for those who hold the
/// event's lock.
ReserveReply take_tickets_and_commit(Transaction&, const Inventory& before, const ReserveCommand&,
                                     Timestamp now);

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
/// 'reserved', then SELECT the row beside its event. Nothing: somebody closed it first, and the
/// caller must roll back (pitfall P10).
std::optional<ReservationAndEvent> close_hold(Transaction&, const Reservation&, Status,
                                              EventVersion closed_at);

/// Expires one's own stale hold, whose event is locked: the first of the two steps of
/// expire-then-reserve (pitfall P13). Returns the inventory after it; throws Conflict where the row
/// was closed in between.
Inventory expire_own_hold(Transaction&, const Inventory& before, const Reservation& hold);

/// Expires up to k_release_batch due holds of a locked event; rows that a purchase holds are
/// skipped this time.
ReleaseReply close_due_holds(Transaction&, EventId, EventVersion closed_at);

/// What the strategies have in common beside steps: purchase changes no inventory, so it locks its
/// reservation only.
Result<PurchaseReply> purchase_under_row_lock(Connection&, const PurchaseCommand&);

/// Recover functions for transact(): what became of a lost COMMIT.
Recover<ReserveReply> recover_reserve(const ReserveCommand&);
Recover<CancelReply> recover_cancel(const CancelCommand&);
/// Where the reservation is what a lost COMMIT would have made of it, or another request.
[[noreturn]] void throw_commit_unknown(Status found);
/// A sweep may simply run again: each of its releases is conditional on its row.
Recover<ReleaseReply> recover_release();

}  // namespace boxoffice::strategies
