// See lock_waits.hpp. A row lock on PostgreSQL is a wait for the other's transaction id, which
// belongs to no database: which one it is about is what the waiting session says.
#include "strategies/lock_waits.hpp"

#include "strategies/outside.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_lock_waits{
    "lock_waits",
    "SELECT count(*), COALESCE(MAX((extract(epoch from clock_timestamp() - l.waitstart)"
    " * 1000000)::bigint), 0) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE NOT l.granted AND a.datname = current_database()",
    "SHOW GLOBAL STATUS LIKE 'Innodb\\_row\\_lock\\_%'"};

LockWaits waits_of_innodb(const std::vector<Row>& variables) {
  LockWaits waits;
  waits.ended.emplace();
  for (const Row& variable : variables) {
    const auto& name = variable.text(0);
    if (name == "Innodb_row_lock_current_waits") waits.waiting = variable.integer(1);
    if (name == "Innodb_row_lock_waits") waits.ended->waits = variable.integer(1);
    if (name == "Innodb_row_lock_time") {
      waits.ended->time = std::chrono::milliseconds(variable.integer(1));
    }
  }
  return waits;
}

}  // namespace

LockWaits read_lock_waits(Connection& connection) {
  return read_outside(connection, [&] {
    const auto rows = execute(connection, k_lock_waits, {}).rows;
    if (connection.dialect() == Dialect::mysql) return waits_of_innodb(rows);
    LockWaits waits;
    waits.waiting = rows.at(0).integer(0);
    waits.longest = std::chrono::microseconds(rows.at(0).integer(1));
    return waits;
  });
}

}  // namespace boxoffice::strategies
