// The steps that read reservations and close them. See steps.hpp.
#include "strategies/rows.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_reservation_and_event{
    "read_reservation_and_event",
    "SELECT " BOXOFFICE_RESERVATION_PG("r.") ", e.total_tickets, e.available_tickets, e.version"
    " FROM reservations r JOIN events e ON e.id = r.event_id WHERE r.id = $1 AND r.user_id = $2",
    "SELECT " BOXOFFICE_RESERVATION_MY("r.") ", e.total_tickets, e.available_tickets, e.version"
    " FROM reservations r JOIN events e ON e.id = r.event_id WHERE r.id = $1 AND r.user_id = $2"};

std::optional<ReservationAndEvent> reservation_and_event_of(Answer&& answer) {
  const auto row = std::move(answer).first();
  if (!row) return std::nullopt;
  const Reservation reservation = reservation_of(*row);
  const std::size_t first = k_reservation_columns;
  return ReservationAndEvent{reservation,
                             {reservation.event_id, row->integer(first), row->integer(first + 1),
                              EventVersion{row->integer(first + 2)}}};
}

constexpr Statement k_close{
    "close_hold",
    "UPDATE reservations SET status = $2, closed_event_version = $3, updated_at = "
    "clock_timestamp() WHERE id = $1 AND status = 'reserved'",
    "UPDATE reservations SET status = $2, closed_event_version = $3, updated_at = NOW(6)"
    " WHERE id = $1 AND status = 'reserved'"};

// What is due, locked by this statement. The clock that it compares with is older than the one that
// closes them, so that no row says it expired before its time.
constexpr Statement k_lock_due{
    "lock_due_holds",
    "SELECT id, quantity FROM reservations WHERE event_id = $1 AND status = 'reserved'"
    " AND expires_at <= clock_timestamp() ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED",
    "SELECT id, quantity FROM reservations WHERE event_id = $1 AND status = 'reserved'"
    " AND expires_at <= NOW(6) ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED"};

// $1: the ids, separated by commas. MySQL is told to go through them: scanning the table instead,
// it would wait for rows that a purchase holds and that are none of these.
constexpr Statement k_expire{
    "expire_holds",
    "UPDATE reservations SET status = 'expired', closed_event_version = $2,"
    " updated_at = clock_timestamp()"
    " WHERE id = ANY (string_to_array($1, ',')::bigint[]) AND status = 'reserved'",
    "UPDATE JSON_TABLE(CONCAT('[', $1, ']'), '$[*]' COLUMNS (id BIGINT PATH '$')) AS due"
    " STRAIGHT_JOIN reservations r FORCE INDEX (PRIMARY) ON r.id = due.id"
    " SET r.status = 'expired', r.closed_event_version = $2, r.updated_at = NOW(6)"
    " WHERE r.status = 'reserved'"};

}  // namespace

std::optional<Reservation> read_reservation(Transaction& transaction, ReservationId id,
                                            UserId user) {
  const auto row = execute(transaction, k_find_reservation, {id.value, user.value}).first();
  if (!row) return std::nullopt;
  return reservation_of(*row);
}

std::optional<ReservationAndEvent> read_reservation_and_event(Transaction& transaction,
                                                              ReservationId id, UserId user) {
  return reservation_and_event_of(
      execute(transaction, k_reservation_and_event, {id.value, user.value}));
}

std::optional<ReservationAndEvent> close_hold(Transaction& transaction, const Reservation& hold,
                                              Status status, EventVersion closed_at) {
  auto answers =
      execute_all(transaction, {{k_close, {hold.id.value, to_string(status), closed_at.value}},
                                {k_reservation_and_event, {hold.id.value, hold.user_id.value}}});
  if (answers[0].affected == 0) return std::nullopt;
  return reservation_and_event_of(std::move(answers[1]));
}

Inventory expire_own_hold(Transaction& transaction, const Inventory& before,
                          const Reservation& hold) {
  const Inventory after = change_inventory(transaction, before, hold.quantity);
  if (!close_hold(transaction, hold, Status::expired, after.version)) {
    throw Conflict("one's own stale hold was closed meanwhile");
  }
  return after;
}

ReleaseReply close_due_holds(Transaction& transaction, EventId event, EventVersion closed_at) {
  const auto due = execute(transaction, k_lock_due, {event.value, k_release_batch}).rows;
  if (due.empty()) return {};
  ReleaseReply released;
  std::string ids;
  for (const Row& row : due) {
    ids += (ids.empty() ? "" : ",") + row.text(0);
    released.tickets += row.integer(1);
  }
  released.reservations = execute(transaction, k_expire, {ids, closed_at.value}).affected;
  if (released.reservations != static_cast<std::int64_t>(due.size()))
    throw Conflict("holds that were locked were closed by another");
  return released;
}

}  // namespace boxoffice::strategies
