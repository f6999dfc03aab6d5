// See migrate.hpp. A second migrator waits at a lock. On PostgreSQL a step is one transaction with
// its entry in schema_migrations, so that a failure leaves the schema at a version that exists;
// MySQL commits at each CREATE, and its files are written so that they can run again.
//
// ALTER TABLE waits until nobody uses the table, and behind it waits everybody who wants to use it
// next. So it waits a second at most, lets them pass and tries again: a program that has a
// transaction open for minutes delays the migration, and not the sale.
#include "strategies/migrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "strategies/outside.hpp"
#include "strategies/session.hpp"
#include "strategies/statement.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

namespace {

constexpr std::chrono::milliseconds k_let_pass{200};

constexpr Statement k_columns{
    "schema_migrations_columns",
    "SELECT column_name FROM information_schema.columns WHERE table_name ="
    " 'schema_migrations' AND table_schema = ANY (current_schemas(false))",
    "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
    " AND table_name = 'schema_migrations'"};
constexpr Statement k_newest =
    portable("newest_migration",
             "SELECT coalesce(max(version), 0), coalesce(max(coalesce(oldest_program, version)), 0)"
             " FROM schema_migrations");
// Of the first releases' programs, which did not say which others run on their schema.
constexpr Statement k_newest_of_old =
    portable("newest_migration_of_old",
             "SELECT coalesce(max(version), 0), coalesce(max(version), 0) FROM schema_migrations");
constexpr Statement k_create_list{
    "create_schema_migrations",
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY,"
    " file VARCHAR(255) NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now(),"
    " oldest_program BIGINT NULL)",
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY,"
    " file VARCHAR(255) NOT NULL, applied_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),"
    " oldest_program BIGINT NULL)"};
constexpr Statement k_extend_list =
    portable("extend_schema_migrations",
             "ALTER TABLE schema_migrations ADD COLUMN oldest_program BIGINT NULL");
constexpr Statement k_tell_list =
    portable("tell_schema_migrations",
             "UPDATE schema_migrations SET oldest_program = $1 WHERE version = $2");
constexpr Statement k_note =
    portable("note_migration",
             "INSERT INTO schema_migrations (version, file, oldest_program) VALUES ($1, $2, $3)");
constexpr Statement k_lock{
    "migration_lock", "SELECT (pg_advisory_lock(x'626f786d69677261'::bigint)::text = '')::int",
    "SELECT GET_LOCK(CONCAT('boxoffice/migrate/', LEFT(SHA2(DATABASE(), 256), 32)), $1)"};
constexpr Statement k_unlock{
    "migration_unlock", "SELECT pg_advisory_unlock(x'626f786d69677261'::bigint)::int",
    "SELECT RELEASE_LOCK(CONCAT('boxoffice/migrate/', LEFT(SHA2(DATABASE(), 256), 32)))"};

/// MySQL and InnoDB count in seconds.
std::int64_t ceiling_s(std::chrono::milliseconds bound) {
  return std::chrono::ceil<std::chrono::seconds>(bound).count();
}

/// For the rest of the session.
void bound_lock_waits(Connection& connection, std::chrono::milliseconds bound) {
  connection.session().run(
      connection.dialect() == Dialect::postgresql
          ? fmt::format("SET lock_timeout = {}", bound.count())
          : fmt::format("SET SESSION lock_wait_timeout = {0}, innodb_lock_wait_timeout = {0}",
                        ceiling_s(bound)));
}

/// False where another migrator had the lock all the time.
bool lock_out_others(Connection& connection, std::chrono::milliseconds bound) {
  std::vector<Parameter> parameters;
  if (connection.dialect() == Dialect::mysql) parameters.emplace_back(ceiling_s(bound));
  bound_lock_waits(connection, bound);  // PostgreSQL's lock has no bound of its own
  try {
    const Row locked = execute(connection, k_lock, parameters).rows.front();
    return !locked.is_null(0) && locked.integer(0) == 1;
  } catch (...) {
    if (classify_current_exception().kind != ErrorKind::lock_timeout) throw;
    return false;
  }
}

enum class List { none, of_old, present };

List list_of(Connection& connection) {
  const auto columns = execute(connection, k_columns, {}).rows;
  for (const Row& row : columns) {
    if (row.text(0) == "oldest_program") return List::present;
  }
  return columns.empty() ? List::none : List::of_old;
}

SchemaState state_of(Connection& connection) {
  SchemaState state;
  state.program = program_schema_version(connection.dialect());
  const List list = list_of(connection);
  if (list == List::none) return state;
  const auto row =
      execute(connection, list == List::present ? k_newest : k_newest_of_old, {}).rows.front();
  state.version = row.integer(0);
  state.oldest_program = row.integer(1);
  return state;
}

void refuse_a_schema_too_new(const SchemaState& state) {
  if (state.program >= state.oldest_program) return;
  throw ConfigurationError(fmt::format(
      "the schema is at version {} and needs a program that knows version {} or a newer one; this "
      "one knows {}: use a newer program",
      state.version, state.oldest_program, state.program));
}

/// What is left of a step, from a statement on; a comment before it is part of it. Each ends with a
/// ";" at the end of its line: MySQL takes one at a time.
std::string cut_statement(std::string_view sql, std::size_t& at) {
  const std::size_t end = std::min(sql.find(";\n", at), sql.size());
  const std::string statement(sql.substr(at, end - at));
  at = std::min(end + 2, sql.size());
  return statement.find_first_not_of(" \n\t") == std::string::npos ? "" : statement;
}

/// From `at` on, which is then behind what was done.
void run_statements(Connection& connection, const Migration& step, std::size_t& at) {
  for (std::size_t next = at; next < step.sql.size(); at = next) {
    const std::string statement = cut_statement(step.sql, next);
    if (!statement.empty()) connection.session().run(statement);
  }
}

void note(Connection& connection, const Migration& step) {
  execute(connection, k_note, {step.version, step.file, step.oldest_program});
}

void try_to_apply(Connection& connection, const Migration& step, std::size_t& at) {
  if (step.statement_by_statement) {
    run_statements(connection, step, at);
    Transaction transaction(connection);
    note(connection, step);
    return transaction.commit();
  }
  at = 0;
  Transaction transaction(connection);
  transaction.send_begin();
  run_statements(connection, step, at);
  note(connection, step);
  transaction.commit();
}

void apply(Connection& connection, const Migration& step, const MigrationPatience& patience) {
  const auto give_up = std::chrono::steady_clock::now() + patience.give_up;
  for (std::size_t at = 0;;) {
    try {
      return try_to_apply(connection, step, at);
    } catch (...) {
      const DatabaseError error = classify_current_exception();
      const bool waited =
          error.kind == ErrorKind::lock_timeout || error.kind == ErrorKind::deadlock;
      if (!waited || std::chrono::steady_clock::now() > give_up) throw;
    }
    // An index that PostgreSQL did not finish is in the way of itself: from the file's beginning.
    if (connection.dialect() == Dialect::postgresql) at = 0;
    std::this_thread::sleep_for(k_let_pass);
  }
}

/// Makes the list of steps, or makes an old program's say what this one knows of its steps.
void bring_up_list(Connection& connection, List list) {
  if (list == List::present) return;
  execute(connection, list == List::none ? k_create_list : k_extend_list, {});
  for (const Migration& step : migrations(connection.dialect())) {
    execute(connection, k_tell_list, {step.oldest_program, step.version});
  }
}

Migrated bring_up(Connection& connection, const MigrationPatience& patience) {
  if (!lock_out_others(connection, patience.other_migrator)) {
    throw Failure(FailureCode::lock_timeout,
                  fmt::format("another program has been migrating this database for {} s",
                              ceiling_s(patience.other_migrator)));
  }
  Migrated migrated;
  migrated.before = state_of(connection);
  refuse_a_schema_too_new(migrated.before);
  bound_lock_waits(connection, patience.lock_timeout);
  bring_up_list(connection, list_of(connection));
  for (const Migration& step : migrations(connection.dialect())) {
    if (step.version <= migrated.before.version) continue;
    apply(connection, step, patience);
    migrated.applied.emplace_back(step.file);
  }
  migrated.after = state_of(connection);
  execute(connection, k_unlock, {});
  return migrated;
}

}  // namespace

Migrated migrate(const Database& database, const MigrationPatience& patience) {
  const auto connection = database.connect_patiently();
  try {
    return bring_up(*connection, patience);
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

std::vector<Migration> pending_migrations(const Database& database, SchemaState& now) {
  const auto connection = database.connect();
  now = read_outside(*connection, [&] { return state_of(*connection); });
  refuse_a_schema_too_new(now);
  std::vector<Migration> pending;
  for (const Migration& step : migrations(database.dialect())) {
    if (step.version > now.version) pending.push_back(step);
  }
  return pending;
}

SchemaState check_schema(const Database& database) {
  const auto connection = database.connect();
  const auto state = read_outside(*connection, [&] { return state_of(*connection); });
  if (state.version < state.program) {
    throw ConfigurationError(fmt::format(
        "the schema is at version {}, this program needs {}: run 'boxoffice-server migrate'",
        state.version, state.program));
  }
  refuse_a_schema_too_new(state);
  return state;
}

}  // namespace boxoffice::strategies
