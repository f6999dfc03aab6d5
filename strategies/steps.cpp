// The steps' SQL. See steps.hpp; look-ups go through the mapping, UPDATE ... RETURNING through
// statement.hpp.
#include "strategies/steps.hpp"

#include "inventory-odb.hxx"
#include "strategies/prepared.hpp"
#include "strategies/rows.hpp"
#include "strategies/statement.hpp"
#include "tables-odb.hxx"

namespace boxoffice::strategies {

namespace {

struct EventKey {
  std::int64_t id;
};

std::optional<Inventory> find_inventory(Transaction& transaction, EventId event, const char* name,
                                        const char* locking) {
  using Query = odb::query<schema::Inventory>;
  const auto row = find_first<schema::Inventory>(
      transaction.connection(), name, EventKey{event.value},
      [&](EventKey& key) { return (Query::id == Query::_ref(key.id)) + locking; });
  if (!row) return std::nullopt;
  return Inventory{EventId{row->id}, row->total_tickets, row->available_tickets,
                   EventVersion{row->version}};
}

// What both look-ups of one's own hold return, after `r` was joined: nulls where there is none,
// then the clock.
#define BOXOFFICE_OWN_HOLD_COLUMNS              \
  BOXOFFICE_RESERVATION_COLUMNS("r.")           \
  ", (extract(epoch from clock_timestamp()) * " \
  "1000000)::bigint"

constexpr Statement k_own_hold{
    "find_own_hold",
    "SELECT " BOXOFFICE_OWN_HOLD_COLUMNS
    " FROM (SELECT 1) AS one LEFT JOIN reservations r"
    " ON r.event_id = $1::bigint AND r.user_id = $2::bigint AND r.status = 'reserved'"};

constexpr Statement k_event_and_own_hold{"read_event_and_own_hold",
                                         "SELECT " BOXOFFICE_OWN_HOLD_COLUMNS
                                         ", e.total_tickets, e.available_tickets, e.version"
                                         " FROM events e LEFT JOIN reservations r"
                                         " ON r.event_id = e.id AND r.user_id = $2::bigint AND "
                                         "r.status = 'reserved' WHERE e.id = $1::bigint"};

constexpr std::size_t k_own_hold_columns = k_reservation_columns + 1;

OwnHold own_hold_of(const Row& row) {
  OwnHold own{std::nullopt, from_us(row.integer(k_reservation_columns))};
  if (!row.is_null(0)) own.hold = reservation_of(row);
  return own;
}

}  // namespace

std::optional<Inventory> lock_event(Transaction& transaction, EventId event) {
  return find_inventory(transaction, event, "lock_event", "FOR NO KEY UPDATE");
}

std::optional<Inventory> read_event(Transaction& transaction, EventId event) {
  return find_inventory(transaction, event, "read_event", "");
}

OwnHold find_own_hold(Transaction& transaction, EventId event, UserId user) {
  return own_hold_of(execute_one(transaction, k_own_hold, {event.value, user.value}).value());
}

std::optional<EventAndOwnHold> read_event_and_own_hold(Transaction& transaction, EventId event,
                                                       UserId user) {
  const auto row = execute_one(transaction, k_event_and_own_hold, {event.value, user.value});
  if (!row) return std::nullopt;
  const std::size_t first = k_own_hold_columns;
  return EventAndOwnHold{Inventory{event, row->integer(first), row->integer(first + 1),
                                   EventVersion{row->integer(first + 2)}},
                         own_hold_of(*row)};
}
Inventory change_inventory(Transaction& transaction, EventId event, std::int64_t delta) {
  static constexpr Statement k_change{
      "change_inventory",
      "UPDATE events SET available_tickets = available_tickets + $2::bigint, version = version + 1,"
      " updated_at = clock_timestamp() WHERE id = $1::bigint"
      " RETURNING total_tickets, available_tickets, version"};
  const auto row = execute_one(transaction, k_change, {event.value, delta});
  if (!row) throw Conflict("the event was deleted meanwhile");
  return {event, row->integer(0), row->integer(1), EventVersion{row->integer(2)}};
}

void add_released_tickets(Transaction& transaction, EventId event, std::int64_t tickets) {
  static constexpr Statement k_add{
      "add_released_tickets",
      "UPDATE events SET available_tickets = available_tickets + $2::bigint,"
      " updated_at = clock_timestamp() WHERE id = $1::bigint"};
  execute(transaction, k_add, {event.value, tickets});
}

Reservation insert_hold(Transaction& transaction, const ReserveCommand& command,
                        EventVersion made_at, Timestamp now) {
  Reservation hold{.id = {},
                   .event_id = command.event,
                   .user_id = command.user,
                   .quantity = command.quantity,
                   .status = Status::reserved,
                   .expires_at = now + command.hold,
                   .purchased_at = std::nullopt,
                   .request_id = command.request_id,
                   .event_version = made_at,
                   .closed_event_version = std::nullopt,
                   .created_at = now,
                   .updated_at = now};
  schema::Reservation row = to_row(hold);
  transaction.database().persist(row);
  hold.id = ReservationId{row.id};
  return hold;
}

std::optional<Reservation> read_reservation(Transaction& transaction, ReservationId id,
                                            UserId user) {
  struct Key {
    std::int64_t id;
    std::int64_t user_id;
  };
  using Query = odb::query<schema::Reservation>;
  const auto row = find_first<schema::Reservation>(
      transaction.connection(), "read_reservation", Key{id.value, user.value}, [](Key& key) {
        return Query::id == Query::_ref(key.id) && Query::user_id == Query::_ref(key.user_id);
      });
  if (!row) return std::nullopt;
  return from_row(*row);
}

std::optional<ReservationAndEvent> read_reservation_and_event(Transaction& transaction,
                                                              ReservationId id, UserId user) {
  static constexpr Statement k_read{
      "read_reservation_and_event",
      "SELECT " BOXOFFICE_RESERVATION_COLUMNS("r.") ", e.total_tickets, e.available_tickets, e.version"
      " FROM reservations r JOIN events e ON e.id = r.event_id WHERE r.id = $1::bigint AND r.user_id = $2::bigint"};
  const auto row = execute_one(transaction, k_read, {id.value, user.value});
  if (!row) return std::nullopt;
  const Reservation reservation = reservation_of(*row);
  const std::size_t first = k_reservation_columns;
  return ReservationAndEvent{reservation,
                             {reservation.event_id, row->integer(first), row->integer(first + 1),
                              EventVersion{row->integer(first + 2)}}};
}

std::optional<Reservation> close_hold(Transaction& transaction, ReservationId id, Status status,
                                      EventVersion closed_at) {
  static constexpr Statement k_close{
      "close_hold",
      "UPDATE reservations SET status = $2, closed_event_version = $3::bigint, updated_at = "
      "clock_timestamp()"
      " WHERE id = $1::bigint AND status = 'reserved' RETURNING " BOXOFFICE_RESERVATION_COLUMNS(
          "")};
  const auto row =
      execute_one(transaction, k_close, {id.value, to_string(status), closed_at.value});
  if (!row) return std::nullopt;
  return reservation_of(*row);
}

Inventory expire_own_hold(Transaction& transaction, const Reservation& hold) {
  const Inventory after = change_inventory(transaction, hold.event_id, hold.quantity);
  if (!close_hold(transaction, hold.id, Status::expired, after.version)) {
    throw Conflict("one's own stale hold was closed meanwhile");
  }
  return after;
}

ReleaseReply close_due_holds(Transaction& transaction, EventId event, EventVersion closed_at) {
  // The clock is read once: what is compared with expires_at is what updated_at says.
  static constexpr Statement k_close_due{
      "close_due_holds",
      "WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),"
      " due AS MATERIALIZED (SELECT r.id FROM reservations r, clock WHERE r.event_id = $1::bigint"
      "   AND r.status = 'reserved' AND r.expires_at <= clock.now ORDER BY r.id LIMIT $2::bigint"
      "   FOR UPDATE OF r SKIP LOCKED),"
      " closed AS (UPDATE reservations r SET status = 'expired', closed_event_version = $3::bigint,"
      "   updated_at = clock.now FROM due, clock WHERE r.id = due.id AND r.status = 'reserved'"
      "   RETURNING r.quantity)"
      " SELECT count(*), coalesce(sum(quantity), 0)::bigint FROM closed"};
  const auto row =
      execute_one(transaction, k_close_due, {event.value, k_release_batch, closed_at.value})
          .value();
  return {row.integer(0), row.integer(1)};
}

}  // namespace boxoffice::strategies
