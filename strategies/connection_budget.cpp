// See connection_budget.hpp. PostgreSQL keeps some of max_connections for superusers (and, since
// 16, for a role); MySQL and MariaDB have one more than max_connections for an administrator. Both
// tell anyone how many are in use: pg_stat_activity would hide other users' sessions.
#include "strategies/connection_budget.hpp"

#include "strategies/outside.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_most{"connections_most",
                           "SELECT current_setting('max_connections')::int,"
                           " current_setting('superuser_reserved_connections')::int"
                           " + coalesce(current_setting('reserved_connections', true), '0')::int",
                           "SELECT @@max_connections, 0"};
// The number is in the last column.
constexpr Statement k_used{"connections_used",
                           "SELECT 'used', coalesce(sum(numbackends), 0) FROM pg_stat_database",
                           "SHOW GLOBAL STATUS LIKE 'Threads_connected'"};

}  // namespace

ConnectionBudget connection_budget(Connection& connection) {
  return read_outside(connection, [&] {
    const Row most = execute(connection, k_most, {}).rows.front();
    const Row used = execute(connection, k_used, {}).rows.front();
    const std::int64_t of_others = used.integer(1) - 1;
    return ConnectionBudget{most.integer(0), most.integer(0) - most.integer(1) - of_others};
  });
}

}  // namespace boxoffice::strategies
