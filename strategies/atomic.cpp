// Atomic: one conditional UPDATE takes the tickets or does not; the database decides in a single
// statement.
//
// There is nothing to read first and nothing to compare, so buyers of one event never make each
// other try again; the row is locked from the UPDATE to the COMMIT. Its weak spot is the answer "no
// row": no such event, or not enough tickets? That needs a second look, which may already see
// tickets again (pitfall P11). Then all begins anew, and so it may around one's own stale hold.
#include "strategies/sound.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_take{
    "take_tickets",
    "UPDATE events SET available_tickets = available_tickets - $2, version = version + 1,"
    " updated_at = clock_timestamp() WHERE id = $1 AND available_tickets >= $2",
    "UPDATE events SET available_tickets = available_tickets - $2, version = version + 1,"
    " updated_at = NOW(6) WHERE id = $1 AND available_tickets >= $2",
    Waits::for_row_lock};

// The conditional UPDATE, then a look at the event and one's own hold: under the lock where tickets
// were taken, and to say why where none were.
struct Taken {
  bool taken = false;
  std::optional<EventAndOwnHold> look;
};
Taken take_tickets_and_look(Transaction& t, const ReserveCommand& command) {
  auto answers = execute_all(t, {{k_take, {command.event.value, command.quantity}},
                                 call_read_event_and_own_hold(command.event, command.user)});
  return {answers[0].affected == 1, event_and_own_hold_of(std::move(answers[1]), command.event)};
}

// Conditional as well: where the hold was closed meanwhile its tickets are back already, and giving
// them back again might exceed the total. No row proves that; a row proves nothing, which is why
// the hold's own guard follows.
constexpr Statement k_give{
    "give_tickets",
    "UPDATE events SET available_tickets = available_tickets + $2, version = version + 1,"
    " updated_at = clock_timestamp() WHERE id = $1 AND available_tickets + $2 <= total_tickets"
    " RETURNING version",
    "UPDATE events SET available_tickets = available_tickets + $2,"
    " version = LAST_INSERT_ID(version + 1), updated_at = NOW(6)"
    " WHERE id = $1 AND available_tickets + $2 <= total_tickets",
    Waits::for_row_lock};

// The version that it made.
std::optional<EventVersion> give_tickets(Transaction& t, EventId event, std::int64_t quantity) {
  const Answer given = execute(t, k_give, {event.value, quantity});
  if (given.affected == 0) return std::nullopt;
  return EventVersion{given.made};
}

// Counts the version and nothing else: that is the event's lock, and the number that what is closed
// under it is closed at.
constexpr Statement k_claim_version{
    "claim_version",
    "UPDATE events SET version = version + 1, updated_at = clock_timestamp() WHERE id = $1"
    " RETURNING version",
    "UPDATE events SET version = LAST_INSERT_ID(version + 1), updated_at = NOW(6) WHERE id = $1",
    Waits::for_row_lock};

// The version that it made; nothing where there is no such event.
std::optional<EventVersion> claim_version(Transaction& t, EventId event) {
  const Answer claimed = execute(t, k_claim_version, {event.value});
  if (claimed.affected == 0) return std::nullopt;
  return EventVersion{claimed.made};
}

// The UPDATE found no row: why? The look was one statement, so that the hold and the numbers are of
// one snapshot.
Result<ReserveReply> refuse_or_find(Transaction& t, const ReserveCommand& command,
                                    const std::optional<EventAndOwnHold>& look) {
  if (!look) return Refusal{RefusalCode::event_not_found, {}};
  if (look->own.active()) return ReserveReply{false, *look->own.hold, look->event.numbers()};
  if (look->own.stale()) {  // give one's own stale tickets back; that is a step of its own, then
                            // all again
    const auto event = lock_event(t, command.event);
    if (!event) return Refusal{RefusalCode::event_not_found, {}};
    expire_own_hold(t, *event, *look->own.hold);
    t.commit();
    throw Conflict("one's own stale hold was in the way");
  }
  if (look->event.available_tickets >= command.quantity)
    throw Conflict("tickets came back meanwhile");
  return Refusal{RefusalCode::sold_out, look->event.numbers()};
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
          const auto [taken, look] = take_tickets_and_look(t, command);  // SELECT own hold, clock
          if (!taken) return refuse_or_find(t, command, look);

          const OwnHold& own = look->own;
          Inventory event = look->event;
          if (own.active()) return existing(event, command.quantity, *own.hold);  // ROLLBACK
          if (own.stale()) {  // two steps: the hold expires at the version that the UPDATE made,
                              // the reserve follows
            if (!close_hold(t, *own.hold, Status::expired, event.version))
              throw Conflict("closed meanwhile");
            event = change_inventory(t, event, own.hold->quantity);
          }
          const Reservation hold =  // INSERT INTO reservations; COMMIT   <- lock released
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
          const auto seen =
              read_reservation(t, command.reservation, command.user);  // SELECT, no lock
          if (!seen) return Refusal{RefusalCode::reservation_not_found, {}};
          if (seen->status != Status::reserved) return Refusal{RefusalCode::not_cancellable, {}};

          // UPDATE events SET available + quantity WHERE available + quantity <= total   <- event
          // first
          const auto version = give_tickets(t, seen->event_id, seen->quantity);
          if (!version) return Refusal{RefusalCode::not_cancellable, {}};
          const auto closed =
              close_hold(t, *seen, Status::cancelled, *version);          // UPDATE ... 'reserved'
          if (!closed) return Refusal{RefusalCode::not_cancellable, {}};  // ROLLBACK
          t.commit();                                                     // COMMIT
          return CancelReply{closed->reservation, closed->event.numbers()};
        },
        recover_cancel(command));
  }

  Result<ReleaseReply> release_expired(Connection& connection, EventId id) const override {
    return transact<ReleaseReply>(  // BEGIN
        connection,
        [&](Transaction& t) -> Result<ReleaseReply> {
          const auto version =
              claim_version(t, id);  // UPDATE events SET version + 1   <- event first
          if (!version) return Refusal{RefusalCode::event_not_found, {}};
          const ReleaseReply released = close_due_holds(t, id, *version);  // UPDATE reservations
          if (released.reservations == 0) return released;  // ROLLBACK: no version without a change
          // UPDATE events SET available + sum; COMMIT
          add_released_tickets_and_commit(t, id, released.tickets);
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
