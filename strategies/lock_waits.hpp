// How long transactions wait for locks, as far as an engine says so; nothing here is guessed from
// the outside.
//
// PostgreSQL tells of the waits that are in progress (pg_locks.waitstart, since 14) and keeps no
// sum of those that ended. InnoDB keeps sums over the whole server (Innodb_row_lock_time, in
// milliseconds, and Innodb_row_lock_waits) and tells of a wait in progress only to the second.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "strategies/database.hpp"

namespace boxoffice::strategies {

struct EndedLockWaits {
  std::int64_t waits = 0;
  std::chrono::milliseconds time{};
};

struct LockWaits {
  std::int64_t waiting = 0;  ///< sessions that wait now: of this database, on InnoDB of the server
  std::optional<std::chrono::microseconds> longest;  ///< of these; PostgreSQL
  std::optional<EndedLockWaits> ended;               ///< since the database server started; InnoDB
};

/// Asks for no privilege. Throws Failure.
LockWaits read_lock_waits(Connection&);

}  // namespace boxoffice::strategies
