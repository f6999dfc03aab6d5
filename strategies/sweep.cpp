// See sweep.hpp.
#include "strategies/sweep.hpp"

#include "strategies/outside.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_expired_events{
    "expired_events",
    "SELECT DISTINCT event_id FROM reservations WHERE status = 'reserved'"
    " AND expires_at <= clock_timestamp() AND event_id > $1 ORDER BY event_id LIMIT $2",
    "SELECT DISTINCT event_id FROM reservations WHERE status = 'reserved'"
    " AND expires_at <= NOW(6) AND event_id > $1 ORDER BY event_id LIMIT $2"};

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
