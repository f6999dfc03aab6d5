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
          const auto locked =  // SELECT ... FOR NO KEY UPDATE   <- lock acquired
              lock_event_and_find_own_hold(t, command.event, command.user);  // SELECT own, clock
          if (!locked) return Refusal{RefusalCode::event_not_found, {}};
          Inventory event = locked->event;
          const OwnHold& own = locked->own;
          if (own.active()) return ReserveReply{false, *own.hold, event.numbers()};
          if (own.stale()) event = expire_own_hold(t, event, *own.hold);

          if (event.available_tickets < command.quantity) {  // CHECK available >= quantity?
            if (own.stale()) t.commit();
            return Refusal{RefusalCode::sold_out, event.numbers()};
          }
          // UPDATE events SET available - quantity; INSERT INTO reservations
          return take_tickets_and_commit(t, event, command, own.now);  // COMMIT  <- lock released
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
              close_hold(t, *seen, Status::cancelled, next);              // UPDATE ... 'reserved'
          if (!closed) return Refusal{RefusalCode::not_cancellable, {}};  // ROLLBACK

          // UPDATE events SET available + quantity; COMMIT
          event = change_inventory_and_commit(t, *event, closed->reservation.quantity);
          return CancelReply{closed->reservation, event->numbers()};
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
          // UPDATE events SET available + sum; COMMIT
          change_inventory_and_commit(t, *event, released.tickets);
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
