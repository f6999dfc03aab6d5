// See sweep.hpp.
#include "strategies/sweep.hpp"

#include "strategies/outside.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

namespace {

// Ended reservations are kept for good, so neither text may read them. PostgreSQL has an index of
// the open ones alone. InnoDB has none: there each event is asked, through (event_id, status).
// MariaDB would take another index, which has ended ones too, and both would make a join of EXISTS
// that begins with all reservations; of a subquery that ends at its first row they cannot.
constexpr Statement k_expired_events{
    "expired_events",
    "SELECT DISTINCT event_id FROM reservations WHERE status = 'reserved'"
    " AND expires_at <= clock_timestamp() AND event_id > $1 ORDER BY event_id LIMIT $2",
    "SELECT e.id FROM events e WHERE e.id > $1 AND (SELECT 1 FROM reservations r"
    " FORCE INDEX (idx_event_status) WHERE r.event_id = e.id AND r.status = 'reserved'"
    " AND r.expires_at <= NOW(6) LIMIT 1) = 1 ORDER BY e.id LIMIT $2"};

// The lock's name is the same in every instance. PostgreSQL's is a number and counts within one
// database ("boxoffce" in ASCII); MySQL's is a text and counts in the whole server.
constexpr Statement k_lead{
    "try_lead", "SELECT pg_try_advisory_lock(x'626f786f66666365'::bigint)::int",
    "SELECT GET_LOCK(CONCAT('boxoffice/sweep/', LEFT(SHA2(DATABASE(), 256), 32)), 0)"};
constexpr Statement k_stop_leading{
    "stop_leading", "SELECT pg_advisory_unlock(x'626f786f66666365'::bigint)::int",
    "SELECT RELEASE_LOCK(CONCAT('boxoffice/sweep/', LEFT(SHA2(DATABASE(), 256), 32)))"};

}  // namespace

std::vector<EventId> events_with_expired_holds(Connection& connection, EventId after,
                                               std::int64_t limit) {
  return read_outside(connection, [&] {
    std::vector<EventId> events;
    const auto rows = execute(connection, k_expired_events, {after.value, limit}).rows;
    for (const Row& row : rows) events.push_back(EventId{row.integer(0)});
    return events;
  });
}

bool try_lead(Connection& connection) {
  return read_outside(connection,
                      [&] { return execute(connection, k_lead, {}).rows.front().integer(0) != 0; });
}

void stop_leading(Connection& connection) {
  read_outside(connection, [&] { return execute(connection, k_stop_leading, {}).rows.size(); });
}

}  // namespace boxoffice::strategies
