// See replication.hpp. PostgreSQL's insert position would be ahead of what a replica can have by
// the header of a page, now and then and for as long as nobody writes; the written one is not.
#include "strategies/replication.hpp"

#include "strategies/outside.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_position_mariadb{"log_position", "SELECT pg_current_wal_lsn()::text",
                                       "SELECT @@GLOBAL.gtid_binlog_pos"};
constexpr Statement k_position_mysql{"log_position", "SELECT pg_current_wal_lsn()::text",
                                     "SELECT @@GLOBAL.gtid_executed"};
// MASTER_GTID_WAIT with a timeout of 0 does not wait.
constexpr Statement k_follows_mariadb{
    "follows",
    "SELECT pg_is_in_recovery()::int, coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false)::int",
    "SELECT 1, MASTER_GTID_WAIT($1, 0) = 0"};
constexpr Statement k_follows_mysql{"follows", k_follows_mariadb.postgresql,
                                    "SELECT 1, GTID_SUBSET($1, @@GLOBAL.gtid_executed)"};

bool is_mysql(Connection& connection) {
  return connection.server().product == "mysql";
}

}  // namespace

std::string log_position(Connection& primary) {
  return read_outside(primary, [&] {
    const auto& statement = is_mysql(primary) ? k_position_mysql : k_position_mariadb;
    return execute(primary, statement, {}).rows.at(0).text(0);
  });
}

Follower follows(Connection& replica, const std::string& position) {
  return read_outside(replica, [&] {
    const auto& statement = is_mysql(replica) ? k_follows_mysql : k_follows_mariadb;
    const Row said = execute(replica, statement, {position}).rows.at(0);
    if (said.integer(0) == 0) return Follower::none;
    return said.integer(1) == 1 ? Follower::applied : Follower::behind;
  });
}

}  // namespace boxoffice::strategies
