// See identity.hpp. The range is found first: an event that comes into it afterwards is looked at
// too and does no harm.
#include "strategies/identity.hpp"

#include "strategies/outside.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

namespace {

constexpr auto k_range =
    portable("identity_range",
             "SELECT COALESCE(MAX(id), 0), COUNT(*)"
             " FROM (SELECT id FROM events WHERE id > $1 ORDER BY id LIMIT $2) AS looked_at");

// The bounds twice: PostgreSQL carries only equalities from one table over to the other, and read
// all reservations of all events where a range had many.
constexpr auto k_breaks =
    portable("identity_breaks",
             "SELECT e.id, e.total_tickets, e.available_tickets, COALESCE(SUM(r.quantity), 0)"
             " FROM events e LEFT JOIN reservations r"
             " ON r.event_id = e.id AND r.status IN ('reserved', 'purchased')"
             " AND r.event_id > $1 AND r.event_id <= $2"
             " WHERE e.id > $1 AND e.id <= $2"
             " GROUP BY e.id, e.total_tickets, e.available_tickets"
             " HAVING e.total_tickets <> e.available_tickets + COALESCE(SUM(r.quantity), 0)"
             " OR e.available_tickets < 0 OR e.available_tickets > e.total_tickets"
             " ORDER BY e.id");

}  // namespace

IdentityRange identity_range(Connection& connection, EventId after, std::int64_t limit) {
  return read_outside(connection, [&] {
    const auto row = execute(connection, k_range, {after.value, limit}).rows.at(0);
    return IdentityRange{EventId{row.integer(0)}, row.integer(1)};
  });
}

std::vector<IdentityBreak> identity_breaks(Connection& connection, EventId after, EventId last) {
  return read_outside(connection, [&] {
    std::vector<IdentityBreak> breaks;
    for (const Row& row : execute(connection, k_breaks, {after.value, last.value}).rows) {
      breaks.push_back({EventId{row.integer(0)}, row.integer(1), row.integer(2), row.integer(3)});
    }
    return breaks;
  });
}

}  // namespace boxoffice::strategies
