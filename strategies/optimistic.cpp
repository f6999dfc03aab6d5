// Optimistic: read without a lock, write only if the event's version is still the one that was
// read.
//
// Nobody waits to read; of those who read the same version one wins, and the others run their whole
// transaction again after a jittered pause: a new one, because within the old transaction some
// engines would show them the same snapshot for ever (pitfall P5). Under contention the price is
// work done in vain.
#include "strategies/sound.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_change_if_version{
    "change_if_version",
    "UPDATE events SET available_tickets = available_tickets + $2, version = version + 1,"
    " updated_at = clock_timestamp() WHERE id = $1 AND version = $3 RETURNING version",
    "UPDATE events SET available_tickets = available_tickets + $2,"
    " version = LAST_INSERT_ID(version + 1), updated_at = NOW(6) WHERE id = $1 AND version = $3",
    Waits::for_row_lock};

// Throws Conflict where the version moved on; where it did not, the numbers are still those read.
Inventory change_if_version(Transaction& t, const Inventory& read, std::int64_t delta) {
  const Answer changed =
      execute(t, k_change_if_version, {read.id.value, delta, read.version.value});
  if (changed.affected == 0) throw Conflict("the event's version moved on");
  return {read.id, read.total_tickets, read.available_tickets + delta, EventVersion{changed.made}};
}

// One's own stale hold: the version is claimed first, which locks the event, then the hold is
// closed.
Inventory expire_if_version(Transaction& t, const Inventory& read, const Reservation& hold) {
  const Inventory after = change_if_version(t, read, hold.quantity);
  if (!close_hold(t, hold, Status::expired, after.version))
    throw Conflict("the hold was closed meanwhile");
  return after;
}

class Optimistic : public Strategy {
 public:
  std::string_view name() const override { return "optimistic"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    return transact<ReserveReply>(  // BEGIN
        connection,
        [&](Transaction& t) -> Result<ReserveReply> {
          const auto read =
              read_event_and_own_hold(t, command.event, command.user);  // SELECT, no lock
          if (!read) return Refusal{RefusalCode::event_not_found, {}};
          const OwnHold& own = read->own;
          Inventory event = read->event;
          if (own.active()) return ReserveReply{false, *own.hold, event.numbers()};
          if (own.stale()) event = expire_if_version(t, event, *own.hold);

          if (event.available_tickets < command.quantity) {  // CHECK available >= quantity?
            if (own.stale()) t.commit();
            return Refusal{RefusalCode::sold_out, event.numbers()};
          }
          // UPDATE events SET available - quantity WHERE version = the one read; no row: all again
          event = change_if_version(t, event, -command.quantity);
          const Reservation hold =  // INSERT INTO reservations; COMMIT
              insert_hold_and_commit(t, command, event.version, own.now);
          return ReserveReply{true, hold, event.numbers()};
        },
        recover_reserve(command));
  }

  Result<PurchaseReply> purchase(Connection& connection,
                                 const PurchaseCommand& command) const override {
    return purchase_under_row_lock(connection, command);
  }

  Result<CancelReply> cancel(Connection& connection, const CancelCommand& command) const override {
    return transact<CancelReply>(  // BEGIN
        connection,
        [&](Transaction& t) -> Result<CancelReply> {
          // SELECT reservation and event in one statement, no lock: the version vouches for the
          // hold
          const auto seen = read_reservation_and_event(t, command.reservation, command.user);
          if (!seen) return Refusal{RefusalCode::reservation_not_found, {}};
          const Reservation& hold = seen->reservation;
          if (hold.status != Status::reserved) return Refusal{RefusalCode::not_cancellable, {}};

          // UPDATE events SET available + quantity WHERE version = the one read   <- event first
          const Inventory after = change_if_version(t, seen->event, hold.quantity);
          const auto closed =
              close_hold(t, hold, Status::cancelled, after.version);      // UPDATE ... 'reserved'
          if (!closed) return Refusal{RefusalCode::not_cancellable, {}};  // ROLLBACK
          t.commit();                                                     // COMMIT
          return CancelReply{closed->reservation, after.numbers()};
        },
        recover_cancel(command));
  }

  Result<ReleaseReply> release_expired(Connection& connection, EventId id) const override {
    return transact<ReleaseReply>(  // BEGIN
        connection,
        [&](Transaction& t) -> Result<ReleaseReply> {
          const auto event = read_event(t, id);  // SELECT, no lock
          if (!event) return Refusal{RefusalCode::event_not_found, {}};
          const Inventory claimed = change_if_version(t, *event, 0);  // UPDATE ... WHERE version
          const ReleaseReply released =
              close_due_holds(t, id, claimed.version);      // UPDATE reservations
          if (released.reservations == 0) return released;  // ROLLBACK: no version without a change
          // UPDATE events SET available + sum; COMMIT
          add_released_tickets_and_commit(t, id, released.tickets);
          return released;
        },
        recover_release());
  }
};

}  // namespace

std::unique_ptr<Strategy> make_optimistic() {
  return std::make_unique<Optimistic>();
}

}  // namespace boxoffice::strategies
