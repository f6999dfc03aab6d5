// How far a primary's log is, and whether a replica has applied as much: what the age of a replica
// is measured by. Neither question needs a privilege, and none compares clocks.
#pragma once

#include <string>

namespace boxoffice::strategies {

class Connection;

/// Where the log of the server is now: an LSN, or a GTID position (a set, on MySQL). Everything
/// that was committed before the question lies before it; with synchronous_commit off, PostgreSQL
/// may run ahead of it by the 0.6 s that it may lose. Empty where the server keeps no log that a
/// replica could follow (log_bin, gtid_mode). Throws Failure.
std::string log_position(Connection& primary);

enum class Follower {
  applied,  ///< it shows everything before the position
  behind,
  none,  ///< it is no replica: not in recovery. Of MariaDB and MySQL, which are just behind then,
         ///< this is never said
};

/// Asks the server whether it has applied everything before a position of its primary. Throws
/// Failure.
Follower follows(Connection& replica, const std::string& position);

}  // namespace boxoffice::strategies
