// See migrate.hpp. A second migrator waits at the advisory lock; each file is one transaction with
// its entry in schema_migrations, so that a failure leaves the schema at a version that exists.
#include "strategies/migrate.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "strategies/outside.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

extern const std::vector<std::pair<std::string_view, std::string_view>> k_postgresql_migrations;

namespace {

constexpr std::int64_t k_migration_lock = 0x626f786d69677261;  // "boxmigra"

constexpr Statement k_schema_version{
    "schema_version",
    "SELECT CASE WHEN to_regclass('schema_migrations') IS NULL THEN -1 ELSE 0 END"};
constexpr Statement k_newest{"newest_migration",
                             "SELECT coalesce(max(version), 0) FROM schema_migrations"};
constexpr Statement k_lock{"migration_lock", "SELECT pg_advisory_lock($1::bigint)::text"};
constexpr Statement k_unlock{"migration_unlock", "SELECT pg_advisory_unlock($1::bigint)::int"};

std::int64_t number_of(std::string_view file) {
  std::int64_t number = 0;
  std::from_chars(file.data(), file.data() + file.size(), number);
  return number;
}

std::int64_t newest_known() {
  return number_of(k_postgresql_migrations.back().first);
}

std::int64_t version_of(Connection& connection) {
  if (execute(connection, k_schema_version, {}).front().integer(0) < 0) return 0;
  return execute(connection, k_newest, {}).front().integer(0);
}

void apply(Connection& connection, std::string_view file, std::string_view sql) {
  odb::transaction transaction(connection.odb().begin());
  connection.odb().execute(std::string(sql));
  connection.odb().execute(fmt::format(
      "INSERT INTO schema_migrations (version, file) VALUES ({}, '{}')", number_of(file), file));
  transaction.commit();
}

Migrated bring_up(Connection& connection) {
  connection.odb().execute("SET lock_timeout = 0");
  connection.odb().execute("SET statement_timeout = 0");
  execute(connection, k_lock, {k_migration_lock});
  Migrated migrated;
  migrated.from = version_of(connection);
  if (migrated.from > newest_known()) {
    throw ConfigurationError(fmt::format(
        "the schema is at version {}, newer than this program's {}: use a newer program",
        migrated.from, newest_known()));
  }
  connection.odb().execute(
      "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, file VARCHAR(255) "
      "NOT NULL,"
      " applied_at TIMESTAMPTZ NOT NULL DEFAULT now())");
  for (const auto& [file, sql] : k_postgresql_migrations) {
    if (number_of(file) <= migrated.from) continue;
    apply(connection, file, sql);
    migrated.applied.emplace_back(file);
  }
  migrated.to = newest_known();
  execute(connection, k_unlock, {k_migration_lock});
  return migrated;
}

}  // namespace

Migrated migrate(const Database& database) {
  const auto connection = database.connect();
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
  if (version == newest_known()) return;
  throw ConfigurationError(
      version < newest_known()
          ? fmt::format("the schema is at version {}, this program needs {}: run 'boxoffice-server "
                        "migrate'",
                        version, newest_known())
          : fmt::format(
                "the schema is at version {}, newer than this program's {}: use a newer program",
                version, newest_known()));
}

}  // namespace boxoffice::strategies
