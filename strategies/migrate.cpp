// See migrate.hpp. A second migrator waits at a lock. On PostgreSQL each file is one transaction
// with its entry in schema_migrations, so that a failure leaves the schema at a version that
// exists; MySQL commits at each CREATE, and its files are written so that they can run again.
#include "strategies/migrate.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "strategies/outside.hpp"
#include "strategies/session.hpp"
#include "strategies/statement.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

using Files = std::vector<std::pair<std::string_view, std::string_view>>;
extern const Files k_postgresql_migrations;
extern const Files k_mysql_migrations;

namespace {

constexpr Statement k_is_new{
    "schema_is_new", "SELECT CASE WHEN to_regclass('schema_migrations') IS NULL THEN 1 ELSE 0 END",
    "SELECT count(*) = 0 FROM information_schema.tables WHERE table_schema = DATABASE()"
    " AND table_name = 'schema_migrations'"};
constexpr Statement k_newest =
    portable("newest_migration", "SELECT coalesce(max(version), 0) FROM schema_migrations");
constexpr Statement k_create_list{
    "create_schema_migrations",
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY,"
    " file VARCHAR(255) NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now())",
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY,"
    " file VARCHAR(255) NOT NULL, applied_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))"};
constexpr Statement k_note =
    portable("note_migration", "INSERT INTO schema_migrations (version, file) VALUES ($1, $2)");
constexpr Statement k_lock{
    "migration_lock", "SELECT (pg_advisory_lock(x'626f786d69677261'::bigint)::text = '')::int",
    "SELECT GET_LOCK(CONCAT('boxoffice/migrate/', LEFT(SHA2(DATABASE(), 256), 32)), 600)"};
constexpr Statement k_unlock{
    "migration_unlock", "SELECT pg_advisory_unlock(x'626f786d69677261'::bigint)::int",
    "SELECT RELEASE_LOCK(CONCAT('boxoffice/migrate/', LEFT(SHA2(DATABASE(), 256), 32)))"};
const Files& files_for(Dialect dialect) {
  return dialect == Dialect::postgresql ? k_postgresql_migrations : k_mysql_migrations;
}

std::int64_t number_of(std::string_view file) {
  std::int64_t number = 0;
  std::from_chars(file.data(), file.data() + file.size(), number);
  return number;
}

std::int64_t newest_known(Dialect dialect) {
  return number_of(files_for(dialect).back().first);
}

std::int64_t version_of(Connection& connection) {
  if (execute(connection, k_is_new, {}).rows.front().integer(0) != 0) return 0;
  return execute(connection, k_newest, {}).rows.front().integer(0);
}

void apply(Connection& connection, std::string_view file, std::string_view sql) {
  Transaction transaction(connection);
  transaction.send_begin();
  // Each statement ends with a ";" at the end of its line: MySQL takes one at a time.
  for (std::size_t begin = 0; begin < sql.size();) {
    const std::size_t end = std::min(sql.find(";\n", begin), sql.size());
    const std::string statement(sql.substr(begin, end - begin));
    if (statement.find_first_not_of(" \n\t") != std::string::npos)
      connection.session().run(statement);
    begin = end + 2;
  }
  execute(connection, k_note, {number_of(file), file});
  transaction.commit();
}

Migrated bring_up(Connection& connection) {
  const Row locked = execute(connection, k_lock, {}).rows.front();
  if (locked.is_null(0) || locked.integer(0) != 1) {
    throw Failure(FailureCode::lock_timeout,
                  "another program has been migrating this database for ten minutes");
  }
  Migrated migrated;
  migrated.from = version_of(connection);
  const std::int64_t newest = newest_known(connection.dialect());
  if (migrated.from > newest) {
    throw ConfigurationError(fmt::format(
        "the schema is at version {}, newer than this program's {}: use a newer program",
        migrated.from, newest));
  }
  execute(connection, k_create_list, {});
  for (const auto& [file, sql] : files_for(connection.dialect())) {
    if (number_of(file) <= migrated.from) continue;
    apply(connection, file, sql);
    migrated.applied.emplace_back(file);
  }
  migrated.to = newest;
  execute(connection, k_unlock, {});
  return migrated;
}

}  // namespace

Migrated migrate(const Database& database) {
  const auto connection = database.connect_patiently();
  try {
    return bring_up(*connection);
  } catch (const ConfigurationError&) {
    throw;
  } catch (const Failure&) {
    throw;
  } catch (...) {
    const DatabaseError error = classify_current_exception();
    throw Failure(error.kind == ErrorKind::connection_lost ? FailureCode::database_unavailable
                                                           : FailureCode::internal,
                  "migrating failed: " + error.what);
  }
}

void check_schema(const Database& database) {
  const auto connection = database.connect();
  const std::int64_t version = read_outside(*connection, [&] { return version_of(*connection); });
  const std::int64_t newest = newest_known(database.dialect());
  if (version == newest) return;
  throw ConfigurationError(
      version < newest
          ? fmt::format("the schema is at version {}, this program needs {}: run 'boxoffice-server "
                        "migrate'",
                        version, newest)
          : fmt::format(
                "the schema is at version {}, newer than this program's {}: use a newer program",
                version, newest));
}

}  // namespace boxoffice::strategies
