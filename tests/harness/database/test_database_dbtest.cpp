// What trials ask of a database, on each engine: a fresh state, the audit's rows and times, when
// it is quiet, how many deadlocks it had.
#include "harness/database/test_database.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>
#include <thread>

#include "harness/audit/audit.hpp"
#include "harness/audit/trail.hpp"
#include "harness/database/activity.hpp"
#include "harness/failure.hpp"
#include "harness/programs.hpp"
#include "tests/harness/database/servers.hpp"

namespace boxoffice::tests {
namespace {

using namespace std::chrono_literals;
using harness::EnvironmentBroke;
using harness::Scenario;
using harness::Sql;
using harness::SqlError;
using harness::TestDatabase;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::SizeIs;

harness::DatabaseChoice inside(const std::string& product) {
  harness::DatabaseChoice choice;
  choice.database = shared_server(product).url();
  return choice;
}

class TestDatabaseOn : public ProductTest {
 protected:
  /// Migrated, with three users; made at its first use, so that a skipped test makes none.
  TestDatabase& database() {
    if (database_) return *database_;
    database_ = std::make_unique<TestDatabase>(inside(GetParam()));
    const harness::TemporaryDirectory scratch(harness::temporary_root(), "test");
    harness::migrate_database(database_->url(), scratch.path());
    database_->connect().run(
        "INSERT INTO users (name, email, password) VALUES ('a', 'a', '!'), ('b', 'b', '!'),"
        " ('c', 'c', '!')");
    return *database_;
  }

  std::vector<std::int64_t> reset(std::int64_t events, std::int64_t tickets) {
    Scenario scenario;
    scenario.events = events;
    scenario.tickets = tickets;
    return database().reset(scenario);
  }

 private:
  std::unique_ptr<TestDatabase> database_;
};
INSTANTIATE_TEST_SUITE_P(Products, TestDatabaseOn,
                         ::testing::Values("postgresql", "mariadb", "mysql"), product_of);

TEST_P(TestDatabaseOn, SaysWhatItIs) {
  EXPECT_EQ(GetParam(), database().engine());
  EXPECT_EQ("relaxed", database().durability());
  EXPECT_EQ("unknown", database().storage());  // it is not the harness that started the server
  const bool postgresql = database().engine() == "postgresql";
  EXPECT_THAT(database().settings(),
              Contains(Key(postgresql ? "fsync" : "innodb_flush_log_at_trx_commit")));
}

TEST_P(TestDatabaseOn, IsDroppedAtTheEnd) {
  std::string url;
  {
    TestDatabase made(inside(GetParam()));
    url = made.url();
    EXPECT_EQ(1, Sql(url).number("SELECT 1"));
  }
  EXPECT_THROW(Sql{url}, SqlError);
}

TEST_P(TestDatabaseOn, IsFreshAfterAReset) {
  reset(2, 5);
  Sql sql = database().connect();
  const auto events = reset(3, 7);
  ASSERT_THAT(events, SizeIs(3));
  const auto audit = harness::read_audit(sql, {}, events);
  ASSERT_THAT(audit.events, SizeIs(3));
  for (const auto& event : audit.events) {
    EXPECT_EQ(7, event.total_tickets);
    EXPECT_EQ(7, event.available_tickets);
    EXPECT_EQ(0, event.version);
  }
  EXPECT_THAT(audit.reservations, SizeIs(0));
  EXPECT_EQ(3000, sql.number("SELECT count(*) FROM reservations"));
  EXPECT_EQ(3, sql.number("SELECT count(DISTINCT user_id) FROM reservations"));
  EXPECT_EQ(1, sql.number("SELECT min(id) FROM reservations"));
}

TEST_P(TestDatabaseOn, KeepsMicroseconds) {
  const auto events = reset(2, 5);
  Sql sql = database().connect();
  const std::string zone = database().engine() == "postgresql" ? "+00" : "";
  sql.query(
      "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at,"
      " request_id, event_version, created_at, updated_at) VALUES ($1, (SELECT min(id)"
      " FROM users), 2, 'reserved', $2, 'r1', 4, $3, $3)",
      {std::to_string(events[1]), "2026-01-02 03:04:05.678901" + zone,
       "1970-01-01 00:00:01" + zone});
  const auto audit = harness::read_audit(sql, {}, {events[1]});
  ASSERT_THAT(audit.reservations, SizeIs(1));
  const auto& row = audit.reservations.front();
  EXPECT_EQ(1767323045678901, row.expires_us);
  EXPECT_EQ(1'000'000, row.created_us);
  EXPECT_EQ(std::nullopt, row.purchased_us);
  EXPECT_EQ(std::nullopt, row.closed_event_version);
  EXPECT_EQ("r1", row.request_id);
  EXPECT_EQ(2, row.quantity);
}

TEST_P(TestDatabaseOn, IsNotQuietWhileATransactionIsOpen) {
  const auto events = reset(1, 5);
  Sql watching = database().connect(), writing = database().connect();
  harness::wait_until_quiet(watching, 5s);
  writing.run("BEGIN");
  writing.run("UPDATE events SET version = version + 1");
  EXPECT_THROW(harness::wait_until_quiet(watching, 300ms), EnvironmentBroke);
  writing.run("ROLLBACK");
  harness::wait_until_quiet(watching, 5s);
}

std::string why_blind_by(const std::string& url) {
  Sql sql(url);
  return harness::why_blind(sql);
}

TEST_P(TestDatabaseOn, AnAccountThatDoesNotSeeOthersTransactionsIsToldWhatToAskFor) {
  Sql other = database().connect();
  EXPECT_EQ("", harness::why_blind(other));
  std::string url = database().url();
  if (other.dialect() == harness::SqlDialect::postgresql) {
    other.run("CREATE ROLE blind LOGIN; GRANT SELECT ON events TO blind");
    url.replace(url.find("postgres@"), 8, "blind");
  } else {
    other.run("CREATE USER 'blind'@'127.0.0.1'; GRANT SELECT ON *.* TO 'blind'@'127.0.0.1'");
    url = fmt::format("mysql://blind@127.0.0.1:{}/{}", shared_server(GetParam()).port(),
                      database().name());
  }
  other.run("BEGIN");
  const std::string why = why_blind_by(url);
  ASSERT_NE(why.find("GRANT "), why.npos) << why;
  other.run("COMMIT");
  other.run(why.substr(why.find("GRANT ")));
  EXPECT_EQ("", why_blind_by(url)) << why;
  if (other.dialect() == harness::SqlDialect::postgresql)
    other.run("REVOKE SELECT ON events FROM blind; DROP ROLE blind");
  else
    other.run("DROP USER 'blind'@'127.0.0.1'");
}

TEST_P(TestDatabaseOn, CountsDeadlocks) {
  const auto events = reset(2, 5);
  const std::int64_t before = database().deadlocks();
  std::optional<Sql> sessions[2] = {database().connect(), database().connect()};
  Sql &one = *sessions[0], &other = *sessions[1];
  const auto lock = [&](Sql& sql, std::size_t event) {
    sql.query("UPDATE events SET version = version + 1 WHERE id = $1",
              {std::to_string(events[event])});
  };
  one.run("BEGIN");
  other.run("BEGIN");
  lock(one, 0);
  lock(other, 1);
  std::vector<std::string> codes(2);
  const auto lock_or_fail = [&](Sql& sql, std::size_t event, std::string& code) {
    try {
      lock(sql, event);
    } catch (const SqlError& error) {
      code = error.code();
    }
    sql.run("ROLLBACK");
  };
  std::thread crossing([&] { lock_or_fail(one, 1, codes[0]); });
  lock_or_fail(other, 0, codes[1]);
  crossing.join();
  const std::string deadlock = database().engine() == "postgresql" ? "40P01" : "1213";
  EXPECT_THAT(codes, ::testing::UnorderedElementsAre("", deadlock));
  for (auto& session : sessions) session.reset();  // which reports its counts on PostgreSQL
  const auto give_up = std::chrono::steady_clock::now() + 5s;
  while (database().deadlocks() == before && std::chrono::steady_clock::now() < give_up)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(before + 1, database().deadlocks());
}

TEST_P(TestDatabaseOn, SaysWhatItDoesAndNothingThatItDoesNotKnow) {
  const auto events = reset(1, 5);
  const bool postgresql = database().engine() == "postgresql";
  Sql holding = database().connect();
  harness::ActivityWatch watch(database().url());
  watch.begin();
  holding.run("BEGIN");
  holding.run("UPDATE events SET version = version + 1");
  std::thread waiting([&] {
    Sql sql = database().connect();
    sql.run("UPDATE events SET version = version + 1");
  });
  Sql asking = database().connect();
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (harness::read_activity(asking).waiting.value() == 0 &&
         std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(5ms);
  }
  const auto seen = watch.samples();
  while (watch.samples() < seen + 2 && std::chrono::steady_clock::now() < give_up)
    std::this_thread::sleep_for(5ms);
  holding.run("COMMIT");
  waiting.join();
  watch.end();
  const auto figures = watch.figures().value();
  EXPECT_GT(figures.samples, 2U);
  EXPECT_GT(figures.waiting_mean.value(), 0);
  EXPECT_LE(figures.waiting_mean.value(), 1);
  EXPECT_GT(figures.change.log_bytes.value(), 0);
  EXPECT_GT(figures.sampling_share, 0);
  EXPECT_LE(figures.sampling_share, 0.01);
  if (postgresql) {
    EXPECT_EQ(figures.change.lock_waits, std::nullopt) << "PostgreSQL keeps no sum";
    EXPECT_EQ(figures.change.lock_wait_ms, std::nullopt);
  } else {
    EXPECT_EQ(figures.change.lock_waits, 1);
    EXPECT_GE(figures.change.lock_wait_ms.value(), 25);
  }
  const std::string csv = watch.csv();
  EXPECT_TRUE(csv.starts_with(
      "t_s,commits,rollbacks,deadlocks,lock_waits,lock_wait_ms,log_bytes,waiting\n"));
  EXPECT_EQ(figures.samples + 1, static_cast<std::size_t>(std::ranges::count(csv, '\n')));
}

// A server that takes some of the triggers and not the others is left as it was.
TEST_P(TestDatabaseOn, ATrailThatCannotBeMadeIsNotThereAtAll) {
  Sql sql = database().connect();
  const bool postgresql = GetParam() == std::string("postgresql");
  sql.run(postgresql ? "CREATE FUNCTION trail_reservation_delete() RETURNS trigger LANGUAGE plpgsql"
                       " AS $$ BEGIN RETURN NULL; END $$"
                     : "CREATE TRIGGER trail_reservation_delete AFTER DELETE ON users FOR EACH ROW"
                       " SET @in_the_way = 1");
  const auto why = harness::install_trail(sql);
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, ::testing::HasSubstr("D2 is not attempted"));
  EXPECT_EQ(harness::read_trail(sql, "1"), std::nullopt);
  EXPECT_EQ(sql.number("SELECT count(*) FROM information_schema.triggers WHERE trigger_name LIKE"
                       " 'trail%' AND event_object_table <> 'users'"),
            0);
  sql.run(postgresql ? "DROP FUNCTION trail_reservation_delete()"
                     : "DROP TRIGGER trail_reservation_delete");
}

// What is rolled back leaves no trace; what is committed leaves one in its order.
TEST_P(TestDatabaseOn, TheTrailHoldsEachCommittedChange) {
  Sql sql = database().connect();
  ASSERT_EQ(harness::install_trail(sql), std::nullopt);
  const auto events = reset(1, 10);
  const std::string event = std::to_string(events.front());
  const auto reserve = [&](int user, const char* end) {
    sql.run("BEGIN");
    sql.run(
        "UPDATE events SET available_tickets = available_tickets - 2, version = version + 1"
        " WHERE id = " +
        event);
    sql.run(
        "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, request_id,"
        " event_version) SELECT " +
        event + ", (SELECT min(id) FROM users) + " + std::to_string(user) +
        ", 2, 'reserved', current_timestamp, 'r" + std::to_string(user) +
        "', version FROM events WHERE id = " + event);
    sql.run(end);
  };
  reserve(0, "ROLLBACK");
  reserve(1, "COMMIT");
  sql.run(
      "UPDATE reservations SET status = 'cancelled', closed_event_version = 2 WHERE"
      " request_id = 'r1'");
  sql.run("UPDATE reservations SET quantity = 1 WHERE request_id = 'r1'");
  sql.run("DELETE FROM reservations WHERE request_id = 'r1'");
  const auto trail = harness::read_trail(sql, event).value();
  using properties::ReservationStatus;
  ASSERT_THAT(trail.reservations, SizeIs(4));
  const auto& made = trail.reservations[0];
  EXPECT_EQ(made.status_before, std::nullopt);
  EXPECT_EQ(made.status_after, ReservationStatus::reserved);
  EXPECT_EQ(made.quantity, 2);
  EXPECT_EQ(made.event_version, 1);
  EXPECT_EQ(trail.reservations[1].status_before, ReservationStatus::reserved);
  EXPECT_EQ(trail.reservations[1].status_after, ReservationStatus::cancelled);
  EXPECT_EQ(trail.reservations[1].closed_event_version, 2);
  EXPECT_FALSE(trail.reservations[1].reassigned);
  EXPECT_TRUE(trail.reservations[2].reassigned);
  EXPECT_EQ(trail.reservations[3].status_after, std::nullopt);
  EXPECT_EQ(trail.event_changes, GetParam() == std::string("postgresql"));
  if (trail.event_changes) {
    ASSERT_THAT(trail.events, SizeIs(1));
    EXPECT_EQ(trail.events[0].available_before, 10);
    EXPECT_EQ(trail.events[0].available_after, 8);
    EXPECT_EQ(trail.events[0].version_after, 1);
  }
  reset(1, 10);
  EXPECT_THAT(harness::read_trail(sql, event).value().reservations, SizeIs(0)) << "forgotten";
}

}  // namespace
}  // namespace boxoffice::tests
