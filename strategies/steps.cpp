// The steps' SQL. See steps.hpp.
#include "strategies/steps.hpp"

#include "strategies/rows.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_lock_event{
    "lock_event",
    "SELECT total_tickets, available_tickets, version FROM events WHERE id = $1"
    " FOR NO KEY UPDATE",
    "SELECT total_tickets, available_tickets, version FROM events WHERE id = $1 FOR UPDATE",
    Waits::for_row_lock};

constexpr Statement k_read_event = portable(
    "read_event", "SELECT total_tickets, available_tickets, version FROM events WHERE id = $1");

Inventory inventory_of(const Row& row, EventId event, std::size_t first = 0) {
  return {event, row.integer(first), row.integer(first + 1), EventVersion{row.integer(first + 2)}};
}

// Nulls where there is no hold, then the clock.
constexpr Statement k_own_hold{
    "find_own_hold",
    "SELECT " BOXOFFICE_RESERVATION_PG("r.") ", " BOXOFFICE_US_PG(BOXOFFICE_CLOCK_PG)
    " FROM (SELECT 1) AS one LEFT JOIN reservations r"
    " ON r.event_id = $1 AND r.user_id = $2 AND r.status = 'reserved'",
    "SELECT " BOXOFFICE_RESERVATION_MY("r.") ", " BOXOFFICE_US_MY(BOXOFFICE_CLOCK_MY)
    " FROM (SELECT 1) AS one LEFT JOIN reservations r"
    " ON r.event_id = $1 AND r.user_id = $2 AND r.status = 'reserved'"};

constexpr std::size_t k_own_hold_columns = k_reservation_columns + 1;

OwnHold own_hold_of(const Row& row) {
  OwnHold own{std::nullopt, from_us(row.integer(k_reservation_columns))};
  if (!row.is_null(0)) own.hold = reservation_of(row);
  return own;
}

constexpr Statement k_event_and_own_hold{
    "read_event_and_own_hold",
    "SELECT " BOXOFFICE_RESERVATION_PG("r.") ", " BOXOFFICE_US_PG(BOXOFFICE_CLOCK_PG)
    ", e.total_tickets, e.available_tickets, e.version FROM events e LEFT JOIN reservations r"
    " ON r.event_id = e.id AND r.user_id = $2 AND r.status = 'reserved' WHERE e.id = $1",
    "SELECT " BOXOFFICE_RESERVATION_MY("r.") ", " BOXOFFICE_US_MY(BOXOFFICE_CLOCK_MY)
    ", e.total_tickets, e.available_tickets, e.version FROM events e LEFT JOIN reservations r"
    " ON r.event_id = e.id AND r.user_id = $2 AND r.status = 'reserved' WHERE e.id = $1"};

constexpr Statement k_change_inventory{
    "change_inventory",
    "UPDATE events SET available_tickets = available_tickets + $2, version = version + 1,"
    " updated_at = clock_timestamp() WHERE id = $1 RETURNING version",
    "UPDATE events SET available_tickets = available_tickets + $2,"
    " version = LAST_INSERT_ID(version + 1), updated_at = NOW(6) WHERE id = $1"};

Call call_change_inventory(EventId event, std::int64_t delta) {
  return {k_change_inventory, {event.value, delta}};
}

Inventory changed(const Inventory& before, std::int64_t delta, const Answer& answer) {
  if (answer.affected != 1) throw Conflict("the event was deleted meanwhile");
  return {before.id, before.total_tickets, before.available_tickets + delta,
          EventVersion{answer.made}};
}

constexpr Statement k_insert_hold{
    "insert_hold",
    "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, request_id,"
    " event_version, created_at, updated_at) VALUES ($1, $2, $3, 'reserved', " BOXOFFICE_TIME_PG(
        "$4") ", $5, $6, " BOXOFFICE_TIME_PG("$7") ", " BOXOFFICE_TIME_PG("$7") ") RETURNING id",
    "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, request_id,"
    " event_version, created_at, updated_at) VALUES ($1, $2, $3, 'reserved', " BOXOFFICE_TIME_MY(
        "$4") ", $5, $6, " BOXOFFICE_TIME_MY("$7") ", " BOXOFFICE_TIME_MY("$7") ")"};

}  // namespace

std::optional<Inventory> lock_event(Transaction& transaction, EventId event) {
  const auto row = execute(transaction, k_lock_event, {event.value}).first();
  if (!row) return std::nullopt;
  return inventory_of(*row, event);
}

std::optional<EventAndOwnHold> lock_event_and_find_own_hold(Transaction& transaction, EventId event,
                                                            UserId user) {
  const auto answers = execute_all(
      transaction, {{k_lock_event, {event.value}}, {k_own_hold, {event.value, user.value}}});
  if (answers[0].rows.empty()) return std::nullopt;
  return EventAndOwnHold{inventory_of(answers[0].rows.front(), event),
                         own_hold_of(answers[1].rows.front())};
}

std::optional<Inventory> read_event(Transaction& transaction, EventId event) {
  const auto row = execute(transaction, k_read_event, {event.value}).first();
  if (!row) return std::nullopt;
  return inventory_of(*row, event);
}

Call call_read_event_and_own_hold(EventId event, UserId user) {
  return {k_event_and_own_hold, {event.value, user.value}};
}

std::optional<EventAndOwnHold> event_and_own_hold_of(Answer&& answer, EventId event) {
  const auto row = std::move(answer).first();
  if (!row) return std::nullopt;
  return EventAndOwnHold{inventory_of(*row, event, k_own_hold_columns), own_hold_of(*row)};
}

std::optional<EventAndOwnHold> read_event_and_own_hold(Transaction& transaction, EventId event,
                                                       UserId user) {
  return event_and_own_hold_of(
      std::move(execute_all(transaction, {call_read_event_and_own_hold(event, user)}).front()),
      event);
}

Inventory change_inventory(Transaction& transaction, const Inventory& before, std::int64_t delta) {
  return changed(before, delta, execute(transaction, k_change_inventory, {before.id.value, delta}));
}

Inventory change_inventory_and_commit(Transaction& transaction, const Inventory& before,
                                      std::int64_t delta) {
  return changed(before, delta,
                 transaction.commit_after({call_change_inventory(before.id, delta)}).front());
}

void add_released_tickets_and_commit(Transaction& transaction, EventId event,
                                     std::int64_t tickets) {
  static constexpr Statement k_add{
      "add_released_tickets",
      "UPDATE events SET available_tickets = available_tickets + $2,"
      " updated_at = clock_timestamp() WHERE id = $1",
      "UPDATE events SET available_tickets = available_tickets + $2, updated_at = NOW(6)"
      " WHERE id = $1"};
  transaction.commit_after({{k_add, {event.value, tickets}}});
}

Reservation new_hold(const ReserveCommand& command, EventVersion made_at, Timestamp now) {
  return {.id = {},
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
}

Call call_insert_hold(const Reservation& hold) {
  return {k_insert_hold,
          {hold.event_id.value, hold.user_id.value, hold.quantity, to_us(hold.expires_at),
           hold.request_id, hold.event_version.value, to_us(hold.created_at)}};
}

Reservation insert_hold_and_commit(Transaction& transaction, const ReserveCommand& command,
                                   EventVersion made_at, Timestamp now) {
  Reservation hold = new_hold(command, made_at, now);
  hold.id.value = transaction.commit_after({call_insert_hold(hold)}).front().made;
  return hold;
}

ReserveReply take_tickets_and_commit(Transaction& transaction, const Inventory& before,
                                     const ReserveCommand& command, Timestamp now) {
  // The lock is held: the UPDATE finds its row, and the version that it makes is known to the
  // INSERT.
  Reservation hold = new_hold(command, EventVersion{before.version.value + 1}, now);
  const auto answers = transaction.commit_after(
      {call_change_inventory(before.id, -command.quantity), call_insert_hold(hold)});
  const Inventory after = changed(before, -command.quantity, answers[0]);
  hold.id.value = answers[1].made;
  return {true, hold, after.numbers()};
}

}  // namespace boxoffice::strategies
