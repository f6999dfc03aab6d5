// Pessimistic: lock the event's row first, then everything else is plain.
//
// Buyers of one event wait for each other at the row; there are no retries, because nothing that
// was read can change while the lock is held. The price is that the lock is held for the whole
// transaction, its COMMIT included.
#include "strategies/sound.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies {

namespace {

class Pessimistic : public Strategy {
 public:
  std::string_view name() const override { return "pessimistic"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    return transact<ReserveReply>(  // BEGIN
        connection,
        [&](Transaction& t) -> Result<ReserveReply> {
          auto event =
              lock_event(t, command.event);  // SELECT ... FOR NO KEY UPDATE   <- lock acquired
          if (!event) return Refusal{RefusalCode::event_not_found, {}};

          const OwnHold own =
              find_own_hold(t, command.event, command.user);  // SELECT own hold, clock
          if (own.active()) return ReserveReply{false, *own.hold, event->numbers()};
          if (own.stale()) event = expire_own_hold(t, *own.hold);

          if (event->available_tickets < command.quantity) {  // CHECK available >= quantity?
            if (own.stale()) t.commit();
            return Refusal{RefusalCode::sold_out, event->numbers()};
          }
          event = change_inventory(t, command.event,
                                   -command.quantity);  // UPDATE events SET available - quantity
          const Reservation hold =
              insert_hold(t, command, event->version, own.now);  // INSERT INTO reservations
          t.commit();  // COMMIT                         <- lock released
          return ReserveReply{true, hold, event->numbers()};
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
          const auto seen = read_reservation(t, command.reservation,
                                             command.user);  // SELECT, no lock: which event?
          if (!seen) return Refusal{RefusalCode::reservation_not_found, {}};

          auto event =
              lock_event(t, seen->event_id);  // SELECT ... FOR NO KEY UPDATE   <- event first
          if (!event) return Refusal{RefusalCode::reservation_not_found, {}};
          const EventVersion next{event->version.value + 1};
          const auto closed =
              close_hold(t, command.reservation, Status::cancelled, next);  // UPDATE ... 'reserved'
          if (!closed) return Refusal{RefusalCode::not_cancellable, {}};    // ROLLBACK

          event = change_inventory(t, seen->event_id,
                                   closed->quantity);  // UPDATE events SET available + quantity
          t.commit();                                  // COMMIT
          return CancelReply{*closed, event->numbers()};
        },
        recover_cancel(command));
  }

  Result<ReleaseReply> release_expired(Connection& connection, EventId id) const override {
    return transact<ReleaseReply>(  // BEGIN
        connection,
        [&](Transaction& t) -> Result<ReleaseReply> {
          const auto event = lock_event(t, id);  // SELECT ... FOR NO KEY UPDATE
          if (!event) return Refusal{RefusalCode::event_not_found, {}};
          const EventVersion next{event->version.value + 1};
          const ReleaseReply released =
              close_due_holds(t, id, next);                 // UPDATE reservations SET 'expired'
          if (released.reservations == 0) return released;  // ROLLBACK: no version without a change
          change_inventory(t, id, released.tickets);        // UPDATE events SET available + sum
          t.commit();                                       // COMMIT
          return released;
        },
        recover_release());
  }
};

}  // namespace

std::unique_ptr<Strategy> make_pessimistic() {
  return std::make_unique<Pessimistic>();
}

}  // namespace boxoffice::strategies
