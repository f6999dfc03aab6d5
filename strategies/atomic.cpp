// Atomic: one conditional UPDATE takes the tickets or does not; the database decides in a single
// statement.
//
// There is nothing to read first and nothing to compare, so nobody retries; the row is locked from
// the UPDATE to the COMMIT. Its weak spot is the answer "no row": no such event, or not enough
// tickets? That needs a second look, which may already see tickets again (pitfall P11).
#include "strategies/sound.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_take{
    "take_tickets",
    "UPDATE events SET available_tickets = available_tickets - $2::bigint, version = version + 1,"
    " updated_at = clock_timestamp() WHERE id = $1::bigint AND available_tickets >= $2::bigint"
    " RETURNING total_tickets, available_tickets, version"};

std::optional<Inventory> take_tickets(Transaction& t, EventId event, std::int64_t quantity) {
  const auto row = execute_one(t, k_take, {event.value, quantity});
  if (!row) return std::nullopt;
  return Inventory{event, row->integer(0), row->integer(1), EventVersion{row->integer(2)}};
}

// Conditional as well: where the hold was closed meanwhile its tickets are back already, and giving
// them back again might exceed the total. No row proves that; a row proves nothing, which is why
// the hold's own guard follows.
constexpr Statement k_give{
    "give_tickets",
    "UPDATE events SET available_tickets = available_tickets + $2::bigint, version = version + 1,"
    " updated_at = clock_timestamp() WHERE id = $1::bigint AND available_tickets + $2::bigint <= "
    "total_tickets"
    " RETURNING total_tickets, available_tickets, version"};

std::optional<Inventory> give_tickets(Transaction& t, EventId event, std::int64_t quantity) {
  const auto row = execute_one(t, k_give, {event.value, quantity});
  if (!row) return std::nullopt;
  return Inventory{event, row->integer(0), row->integer(1), EventVersion{row->integer(2)}};
}

// The UPDATE found no row: why? One statement, so that the hold and the numbers are of one
// snapshot.
Result<ReserveReply> refuse_or_find(Transaction& t, const ReserveCommand& command) {
  const auto read = read_event_and_own_hold(t, command.event, command.user);
  if (!read) return Refusal{RefusalCode::event_not_found, {}};
  if (read->own.active()) return ReserveReply{false, *read->own.hold, read->event.numbers()};
  if (read->own.stale()) {  // give one's own stale tickets back; that is a step of its own, then
                            // all again
    expire_own_hold(t, *read->own.hold);
    t.commit();
    throw Conflict("one's own stale hold was in the way");
  }
  if (read->event.available_tickets >= command.quantity)
    throw Conflict("tickets came back meanwhile");
  return Refusal{RefusalCode::sold_out, read->event.numbers()};
}

// The tickets are taken and the event is locked, but the user has a hold already: give them back by
// ROLLBACK and answer with the numbers from before, which the lock made sure of.
ReserveReply existing(const Inventory& taken, std::int64_t quantity, const Reservation& hold) {
  return {false,
          hold,
          {taken.id, taken.available_tickets + quantity, EventVersion{taken.version.value - 1}}};
}

class Atomic : public Strategy {
 public:
  std::string_view name() const override { return "atomic"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    return transact<ReserveReply>(  // BEGIN
        connection,
        [&](Transaction& t) -> Result<ReserveReply> {
          // UPDATE events SET available - quantity WHERE available >= quantity   <- lock acquired
          const auto taken = take_tickets(t, command.event, command.quantity);
          if (!taken) return refuse_or_find(t, command);

          const OwnHold own =
              find_own_hold(t, command.event, command.user);  // SELECT own hold, clock
          if (own.active()) return existing(*taken, command.quantity, *own.hold);  // ROLLBACK
          Inventory event = *taken;
          if (own.stale()) {  // two steps: the hold expires at the version that the UPDATE made,
                              // the reserve follows
            if (!close_hold(t, own.hold->id, Status::expired, taken->version))
              throw Conflict("closed meanwhile");
            event = change_inventory(t, command.event, own.hold->quantity);
          }
          const Reservation hold =
              insert_hold(t, command, event.version, own.now);  // INSERT INTO reservations
          t.commit();  // COMMIT                         <- lock released
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
          const auto seen =
              read_reservation(t, command.reservation, command.user);  // SELECT, no lock
          if (!seen) return Refusal{RefusalCode::reservation_not_found, {}};
          if (seen->status != Status::reserved) return Refusal{RefusalCode::not_cancellable, {}};

          // UPDATE events SET available + quantity WHERE available + quantity <= total   <- event
          // first
          const auto event = give_tickets(t, seen->event_id, seen->quantity);
          if (!event) return Refusal{RefusalCode::not_cancellable, {}};
          const auto closed =
              close_hold(t, seen->id, Status::cancelled, event->version);  // UPDATE ... 'reserved'
          if (!closed) return Refusal{RefusalCode::not_cancellable, {}};   // ROLLBACK
          t.commit();                                                      // COMMIT
          return CancelReply{*closed, event->numbers()};
        },
        recover_cancel(command));
  }

  Result<ReleaseReply> release_expired(Connection& connection, EventId id) const override {
    return transact<ReleaseReply>(  // BEGIN
        connection,
        [&](Transaction& t) -> Result<ReleaseReply> {
          if (!read_event(t, id)) return Refusal{RefusalCode::event_not_found, {}};
          const Inventory claimed =
              change_inventory(t, id, 0);  // UPDATE events SET version + 1   <- event first
          const ReleaseReply released =
              close_due_holds(t, id, claimed.version);      // UPDATE reservations
          if (released.reservations == 0) return released;  // ROLLBACK: no version without a change
          add_released_tickets(t, id, released.tickets);    // UPDATE events SET available + sum
          t.commit();                                       // COMMIT
          return released;
        },
        recover_release());
  }
};

}  // namespace

std::unique_ptr<Strategy> make_atomic() {
  return std::make_unique<Atomic>();
}

}  // namespace boxoffice::strategies
