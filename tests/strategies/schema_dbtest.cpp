// The migrations are the truth about the schema; here it is proved that the ODB mapping agrees with
// them, and that names and rules are those of the design.
#include <odb/connection.hxx>
#include <odb/database.hxx>
#include <odb/schema-catalog.hxx>
#include <odb/transaction.hxx>

#include <fmt/format.h>

#include <gmock/gmock.h>

#include <map>
#include <thread>

#include "strategies/failure.hpp"
#include "strategies/migrate.hpp"
#include "strategies/seed.hpp"
#include "strategies/session.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class Schema : public ProductTest {
 protected:
  // Column by column: type and whether it may be null. The generated column that MySQL's one-hold
  // rule needs is no part of the mapping.
  std::map<std::string, std::string> columns(harness::Sql& sql) {
    std::map<std::string, std::string> columns;
    for (const auto& row : sql.query(
             sql_for("SELECT table_name || '.' || column_name, data_type ||"
                     " coalesce('(' || character_maximum_length || ')', '')"
                     " || coalesce('(' || numeric_precision || ',' || nullif(numeric_scale, 0)"
                     " || ')', '') || ' ' || is_nullable FROM information_schema.columns"
                     " WHERE table_schema = 'public' AND table_name <> 'schema_migrations'",
                     "SELECT CONCAT(table_name, '.', column_name), CONCAT(column_type, ' ',"
                     " is_nullable) FROM information_schema.columns WHERE table_schema ="
                     " DATABASE() AND table_name <> 'schema_migrations' AND"
                     " coalesce(generation_expression, '') = ''"))) {
      columns[row[0].value()] = row[1].value();
    }
    return columns;
  }

  void create_from_mapping(const std::string& url) {
    const auto connection = Database(url).connect();
    odb::transaction transaction(connection->session().begin());
    connection->session().send_begin();
    odb::schema_catalog::create_schema(connection->engine().odb(), "", false);
    transaction.commit();
  }

  bool has(const std::string& catalogue_query, const std::string& name) {
    return sql_.number("SELECT count(*) FROM (" + catalogue_query + ") AS q WHERE q.name = $1",
                       {name}) == 1;
  }
};

INSTANTIATE_TEST_SUITE_P(On, Schema, ::testing::ValuesIn(products()), product_of);

TEST_P(Schema, MappingAndMigrationsAgreeColumnByColumn) {
  const std::string url = make_empty_database("_mapped");
  create_from_mapping(url);
  harness::Sql sql(url);
  const auto from_mapping = columns(sql);
  EXPECT_EQ(from_mapping, columns(sql_));
  EXPECT_EQ(49U, from_mapping.size());
}

TEST_P(Schema, NamesAreTheDesigns) {
  for (const char* index :
       {"idx_event_date", "idx_event_status", "idx_user_status", "idx_expires_at",
        "idx_event_user_status", "reservations_one_hold_unique", "idx_token_expires_at"}) {
    EXPECT_TRUE(has(sql_for("SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public'",
                            "SELECT DISTINCT index_name AS name FROM information_schema.statistics"
                            " WHERE table_schema = DATABASE()"),
                    index))
        << index;
  }
  for (const char* constraint : {"chk_available_tickets_positive", "chk_available_tickets_max"}) {
    EXPECT_TRUE(has(sql_for("SELECT conname AS name FROM pg_constraint",
                            "SELECT constraint_name AS name FROM"
                            " information_schema.check_constraints WHERE constraint_schema ="
                            " DATABASE()"),
                    constraint))
        << constraint;
  }
}

TEST_P(Schema, ASecondActiveHoldOfTheSameUserIsRefused) {
  const EventId event = add_event(5);
  const UserId user = add_user();
  const auto insert = [&](const std::string& request, const std::string& status) {
    sql_.query(
        "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, request_id, "
        "event_version)"
        " VALUES ($1, $2, 1, $4, now(), $3, 1)",
        {std::to_string(event.value), std::to_string(user.value), request, status});
  };
  insert("a", "reserved");
  insert("b", "expired");
  EXPECT_THROW(insert("c", "reserved"), harness::SqlError);
  EXPECT_THROW(insert("a", "cancelled"), harness::SqlError) << "request_id is unique per user";
  EXPECT_THROW(insert("d", "purchased"), harness::SqlError) << "purchased without purchased_at";
  EXPECT_THROW(insert("e", "lost"), harness::SqlError) << "no such status";
}

TEST_P(Schema, MigratingAgainDoesNothing) {
  const Database database(url_);
  EXPECT_TRUE(migrate(database).applied.empty());
  const SchemaState state = check_schema(database);
  EXPECT_EQ(state.program, state.version);
  EXPECT_EQ(state.program, program_schema_version(database.dialect()));
  EXPECT_EQ(1, state.oldest_program) << "what was added so far takes nothing from anybody";
}

TEST_P(Schema, ANewerOneServesWhomItSaysAndRefusesOthers) {
  const Database database(url_);
  const std::int64_t program = program_schema_version(database.dialect());
  const auto add = [&](std::int64_t version, const std::string& oldest) {
    sql_.run(
        fmt::format("INSERT INTO schema_migrations (version, file, oldest_program) VALUES"
                    " ({}, '{}-future.sql', {})",
                    version, version, oldest));
  };
  add(9997, std::to_string(program));
  EXPECT_EQ(9997, check_schema(database).version);
  const Migrated migrated = migrate(database);
  EXPECT_TRUE(migrated.applied.empty());
  EXPECT_EQ(9997, migrated.after.version);

  add(9998, std::to_string(program + 1));
  EXPECT_THROW(migrate(database), ConfigurationError);
  EXPECT_THROW(check_schema(database), ConfigurationError);
  add(9999, "1");
  EXPECT_THROW(check_schema(database), ConfigurationError) << "what is gone stays gone";
  sql_.run("DELETE FROM schema_migrations WHERE version = 9998");
  EXPECT_NO_THROW(check_schema(database));
  sql_.run("UPDATE schema_migrations SET oldest_program = NULL WHERE version = 9999");
  EXPECT_THROW(check_schema(database), ConfigurationError) << "it does not say";
}

TEST_P(Schema, AListThatDoesNotSayWhoRunsOnItIsCompleted) {
  sql_.run("ALTER TABLE schema_migrations DROP COLUMN oldest_program");
  const Database database(url_);
  const SchemaState old = check_schema(database);
  EXPECT_EQ(old.version, old.oldest_program) << "nobody older, for it does not say";
  migrate(database);
  EXPECT_EQ(1, check_schema(database).oldest_program);
}

TEST_P(Schema, AMigrationWaitsForALockOnlyAMomentAtATime) {
  sql_.run("DELETE FROM schema_migrations WHERE version >= 2");
  sql_.run("DROP TABLE idempotency_keys");
  harness::Sql holder(url_);
  holder.run("BEGIN");  // what the migration has to write is locked by somebody else
  holder.run("INSERT INTO schema_migrations (version, file) VALUES (2, 'held')");
  const Database database(url_);
  try {
    migrate(database, {.lock_timeout = 1s, .give_up = 0ms});
    FAIL() << "it cannot have got the lock";
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), ::testing::HasSubstr("migrating failed: "));
  }
  std::jthread release([&] {
    wait_for_lock_waits(1);
    while (lock_waits() > 0) std::this_thread::sleep_for(2ms);  // it lets go
    wait_for_lock_waits(1);                                     // and tries again
    holder.run("ROLLBACK");
  });
  const auto applied = migrate(database, {.lock_timeout = 1s, .give_up = 20s}).applied;
  EXPECT_EQ(program_schema_version(database.dialect()) - 1, std::ssize(applied));
  release.join();
  EXPECT_NO_THROW(check_schema(database));
}

TEST_P(Schema, ASecondMigratorWaitsSoLongAndThenSaysWhy) {
  harness::Sql other(url_);
  other.query(
      sql_for("SELECT pg_advisory_lock(x'626f786d69677261'::bigint)::text",
              "SELECT GET_LOCK(CONCAT('boxoffice/migrate/', LEFT(SHA2(DATABASE(), 256), 32)), 0)"));
  const Database database(url_);
  try {
    migrate(database, {.other_migrator = 1s});
    FAIL() << "the other has the lock";
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::lock_timeout, failure.code());
    EXPECT_STREQ("another program has been migrating this database for 1 s", failure.what());
  }
}

TEST(Migrations, EachSaysWhichProgramsRunOnItsResult) {
  for (const Dialect dialect : {Dialect::postgresql, Dialect::mysql}) {
    std::int64_t version = 0;
    for (const Migration& step : migrations(dialect)) EXPECT_EQ(++version, step.version);
  }
  const auto read = [](std::string_view sql) {
    return read_migration("0007-x.sql", sql, Dialect::postgresql);
  };
  EXPECT_EQ(5, read("-- Why.\n-- Oldest program: 5\n\nSELECT 1;\n").oldest_program);
  EXPECT_FALSE(read("-- Oldest program: 5\n").statement_by_statement);
  EXPECT_TRUE(read("-- Oldest program: 7\n-- Statement by statement\n").statement_by_statement);
  EXPECT_THROW(read("SELECT 1;\n"), std::logic_error);
  EXPECT_THROW(read("-- Oldest program: 8\n"), std::logic_error);
}

TEST_P(Schema, AnEmptyDatabaseIsNotServed) {
  EXPECT_THROW(check_schema(Database(make_empty_database("_empty"))), ConfigurationError);
}

TEST_P(Schema, SeedingMakesUsersWhoseTokensHashToWhatIsStored) {
  std::vector<std::string> tokens;
  std::vector<EventId> events;
  seed(
      Database(url_),
      {.users = 50, .events = 2, .tickets = 7, .history_rows = 100, .secret = "s", .admin = true},
      [&](UserId, std::string token) { tokens.push_back(std::move(token)); },
      [&](EventId event) { events.push_back(event); });
  ASSERT_EQ(50U, tokens.size());
  ASSERT_EQ(2U, events.size());
  const std::string first = tokens.front();
  const auto bar = first.find('|');
  EXPECT_EQ(1, sql_.number(sql_for("SELECT count(*) FROM personal_access_tokens WHERE id = $1 AND"
                                   " token = encode(sha256(convert_to($2, 'UTF8')), 'hex')",
                                   "SELECT count(*) FROM personal_access_tokens WHERE id = $1 AND"
                                   " token = SHA2($2, 256)"),
                           {first.substr(0, bar), first.substr(bar + 1)}));
  EXPECT_EQ(7, available(events.front()));
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM users WHERE role = 'admin'"));
  for (const auto& row : sql_.query("SELECT id FROM events"))
    expect_identity(EventId{std::stoll(row[0].value())});
}

// A shop that has sold nothing yet: statistics of its empty table would plan each look-up as a scan
// of it, which a session keeps while a rush fills the table.
TEST_P(Schema, SeedingAShopWithoutReservationsPlansTheirLookUpsByAnIndex) {
  if (!on_postgresql()) GTEST_SKIP() << "InnoDB plans by what lies in the index";
  seed(
      Database(url_), {.users = 50, .events = 2, .secret = {}}, [](UserId, const std::string&) {},
      [](EventId) {});
  EXPECT_EQ(50, sql_.number("SELECT reltuples FROM pg_class WHERE relname = 'users'"));
  for (const char* look_up :
       {"event_id = 1 AND user_id = 1 AND status = 'reserved'", "id = 1",
        "user_id = 1 AND request_id = 'x'", "expires_at < now() AND status = 'reserved'"}) {
    std::string plan;
    for (const auto& row : sql_.query(
             fmt::format("EXPLAIN (COSTS OFF) SELECT id FROM reservations WHERE {}", look_up)))
      plan += row[0].value() + "\n";
    EXPECT_EQ(std::string::npos, plan.find("Seq Scan")) << plan;
  }
}

}  // namespace boxoffice::tests
