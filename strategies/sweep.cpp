// See sweep.hpp.
#include "strategies/sweep.hpp"

#include "strategies/outside.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

namespace {

// Arbitrary, but the same in every instance: "boxoffce" in ASCII.
constexpr std::int64_t k_leader_lock = 0x626f786f66666365;

constexpr Statement k_expired_events{"expired_events",
                                     "SELECT DISTINCT event_id FROM reservations WHERE status = "
                                     "'reserved' AND expires_at <= clock_timestamp()"
                                     " ORDER BY event_id LIMIT $1::bigint"};
constexpr Statement k_lead{"try_lead", "SELECT pg_try_advisory_lock($1::bigint)::int"};
constexpr Statement k_stop_leading{"stop_leading", "SELECT pg_advisory_unlock($1::bigint)::int"};

}  // namespace

std::vector<EventId> events_with_expired_holds(Connection& connection, std::int64_t limit) {
  return read_outside(connection, [&] {
    std::vector<EventId> events;
    for (const Row& row : execute(connection, k_expired_events, {limit}))
      events.push_back(EventId{row.integer(0)});
    return events;
  });
}

bool try_lead(Connection& connection) {
  return read_outside(connection, [&] {
    return execute(connection, k_lead, {k_leader_lock}).front().integer(0) != 0;
  });
}

void stop_leading(Connection& connection) {
  read_outside(connection,
               [&] { return execute(connection, k_stop_leading, {k_leader_lock}).size(); });
}

}  // namespace boxoffice::strategies
