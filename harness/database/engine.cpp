// See engine.hpp. The order of the two blocks is that of the fields.
#include "harness/database/engine.hpp"

#include <algorithm>
#include <cctype>

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

const EngineSql k_postgresql = {
    .settings =
        "SELECT name, setting || coalesce(unit, '') FROM pg_settings WHERE name IN"
        " ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers',"
        " 'max_connections', 'wal_level', 'autovacuum', 'max_wal_size',"
        " 'deadlock_timeout', 'wal_sync_method', 'commit_delay') ORDER BY name",
    .durability =
        "SELECT CASE WHEN current_setting('fsync') = 'on'"
        " AND current_setting('synchronous_commit') <> 'off'"
        " THEN 'full' ELSE 'relaxed' END",
    .deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
    .activity =
        "SELECT v.name, v.value FROM pg_stat_database d, LATERAL (VALUES"
        " ('commits', d.xact_commit), ('rollbacks', d.xact_rollback), ('deadlocks', d.deadlocks),"
        " ('waiting', (SELECT count(*) FROM pg_stat_get_activity(NULL) a"
        " WHERE a.datid = d.datid AND a.wait_event_type = 'Lock')),"
        " ('log_bytes', pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint))"
        " AS v(name, value) WHERE d.datname = current_database()",
    .bounded_lock_waits = "SET lock_timeout = '10s'",
    .empty_reservations = "TRUNCATE TABLE reservations RESTART IDENTITY",
    .fresh_statistics = {"VACUUM ANALYZE events", "VACUUM ANALYZE reservations"},
    .checkpoint = "CHECKPOINT",
    .begin_snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .microseconds = "(extract(epoch from {}) * 1000000)::bigint",
    .open_transactions =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL",
    .unseen_sessions =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND NOT pg_has_role(usesysid, 'USAGE')"
        " AND NOT pg_has_role('pg_read_all_stats', 'USAGE')",
    .sight_grant = "SELECT concat('GRANT pg_read_all_stats TO ', quote_ident(current_user))",
    .open_transactions_pause = 5ms,
    .drop_database = "DROP DATABASE {} WITH (FORCE)"};

// A user's session may be in innodb_trx after its connection is gone, while it is rolled back: it
// is in the process list until then.
const EngineSql k_mysql = {
    .settings =
        "SHOW GLOBAL VARIABLES WHERE Variable_name IN"
        " ('version', 'version_comment', 'innodb_flush_log_at_trx_commit', 'sync_binlog',"
        " 'log_bin', 'innodb_doublewrite', 'innodb_buffer_pool_size',"
        " 'innodb_flush_method', 'innodb_log_file_size', 'innodb_redo_log_capacity',"
        " 'innodb_use_native_aio', 'innodb_deadlock_detect', 'max_connections',"
        " 'performance_schema', 'character_set_server', 'innodb_snapshot_isolation')",
    .durability =
        "SELECT CASE WHEN @@innodb_flush_log_at_trx_commit = 1"
        " AND (@@log_bin = 0 OR @@sync_binlog = 1) THEN 'full' ELSE 'relaxed' END",
    .deadlocks =
        "SELECT count FROM information_schema.innodb_metrics"
        " WHERE name = 'lock_deadlocks'",
    .activity =
        "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_commit', 'Com_rollback',"
        " 'Innodb_deadlocks', 'Innodb_row_lock_waits', 'Innodb_row_lock_time',"
        " 'Innodb_row_lock_current_waits', 'Innodb_os_log_written')",
    .bounded_lock_waits = "SET lock_wait_timeout = 10, innodb_lock_wait_timeout = 10",
    .empty_reservations = "TRUNCATE TABLE reservations",
    .fresh_statistics = {"ANALYZE TABLE events, reservations"},
    .checkpoint = nullptr,
    .begin_snapshot =
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
        " START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    .microseconds = "timestampdiff(MICROSECOND, '1970-01-01 00:00:00', {})",
    .open_transactions =
        "SELECT count(*) FROM information_schema.innodb_trx t"
        " JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id"
        " WHERE p.db = database() AND p.id <> connection_id()",
    .unseen_sessions = "SELECT 0 * count(*) FROM information_schema.innodb_trx",
    .sight_grant =
        "SELECT concat('GRANT PROCESS ON *.* TO ', quote(substring_index(current_user(), '@', 1)),"
        " '@', quote(substring_index(current_user(), '@', -1)))",
    .open_transactions_pause = 120ms,
    .drop_database = "DROP DATABASE {}"};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

const EngineSql& engine_sql(SqlDialect dialect) {
  return dialect == SqlDialect::postgresql ? k_postgresql : k_mysql;
}

ServerName server_name(SqlDialect dialect, const std::string& said) {
  if (dialect == SqlDialect::postgresql) {  // "PostgreSQL 15.18 (Debian ...) on x86_64 ..."
    const auto word = said.find(' ');
    return {lower(said.substr(0, word)), said.substr(0, said.find(' ', word + 1))};
  }
  // "10.11.19-MariaDB-0+deb12u1", "9.7.4-2", and with the prefix that MariaDB sends to old clients
  const std::string prefix = "5.5.5-";
  const std::string number = said.starts_with(prefix) ? said.substr(prefix.size()) : said;
  const bool mariadb = said.find("MariaDB") != std::string::npos;
  return {mariadb ? "mariadb" : "mysql",
          (mariadb ? "MariaDB " : "MySQL ") + number.substr(0, number.find('-'))};
}

}  // namespace boxoffice::harness
