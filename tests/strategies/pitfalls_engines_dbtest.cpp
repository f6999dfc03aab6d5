// Pitfalls that only one engine has. Where the server itself can be seen to have the pitfall, a
// test shows that first, with the mitigation left out.
#include <fmt/format.h>

#include <future>
#include <thread>

#include "strategies/failure.hpp"
#include "strategies/registry.hpp"
#include "strategies/session.hpp"
#include "strategies/steps.hpp"
#include "strategies/sweep.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class PostgresqlPitfall : public DatabaseTest {
 protected:
  PostgresqlPitfall() : DatabaseTest("postgresql") {}
};

TEST_F(PostgresqlPitfall, P2ForeignKeyChecksDoNotWaitForTheEventsLock) {
  const EventId event = add_event(5);
  const UserId user = add_user();
  const auto connection = connect();
  Transaction holder(*connection);
  ASSERT_TRUE(lock_event(holder, event));
  sql_.run("SET lock_timeout = 300");
  EXPECT_NO_THROW(sql_.query(
      "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, request_id,"
      " event_version) VALUES ($1, $2, 1, 'cancelled', now(), 'fk', 0)",
      {std::to_string(event.value), std::to_string(user.value)}));
}

// Atomic's second look: the UPDATE saw no tickets, then some came back before it looked why.
TEST_F(PostgresqlPitfall, P11TicketsThatCameBackBeforeTheSecondLookAreSold) {
  const auto strategy = make_strategy("atomic");
  const EventId event = add_event(1);
  const auto connection = connect(), other = connect();
  const auto first = strategy->reserve(*connection, command(event, add_user())).value().reservation;
  const ReserveCommand second = command(event, add_user());
  harness::Sql holder(url_);
  holder.run("BEGIN; LOCK TABLE reservations IN ACCESS EXCLUSIVE MODE");  // the second look joins
                                                                          // reservations
  auto waiting = std::async(std::launch::async, [&] { return strategy->reserve(*other, second); });
  wait_for_lock_waits(1);
  holder.run(fmt::format(
      "UPDATE reservations SET status = 'cancelled', closed_event_version = 2 WHERE id = {};"
      "UPDATE events SET available_tickets = 1, version = 2; COMMIT",
      first.id.value));
  const auto reply = waiting.get();
  ASSERT_TRUE(reply) << "said sold out though its own look saw a ticket";
  EXPECT_TRUE(reply->created);
  EXPECT_EQ(EventVersion{3}, reply->event.version);
}

class MysqlPitfall : public ProductTest {
 protected:
  std::string insert_child(EventId event, UserId user) {
    return fmt::format(
        "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, request_id,"
        " event_version) VALUES ({}, {}, 1, 'reserved', NOW(6) + INTERVAL 1 HOUR, UUID(), 1)",
        event.value, user.value);
  }
  // A hold whose time is over, and its inventory.
  void add_due_hold(EventId event) {
    sql_.query(
        "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, request_id,"
        " event_version) VALUES ($1, $2, 1, 'reserved', '2020-01-01 00:00:00', UUID(), 1)",
        {std::to_string(event.value), std::to_string(add_user().value)});
  }
  // A thousand of each event, and statistics that know of them.
  void add_ended_reservations() {
    sql_.run(fmt::format(
        "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, request_id,"
        " event_version) WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
        " numbers WHERE i < 1000) SELECT e.id, {}, 1, 'cancelled', '2020-01-01 00:00:00', UUID(),"
        " 1 FROM events e, numbers; ANALYZE TABLE events, reservations",
        add_user().value));
  }
};
INSTANTIATE_TEST_SUITE_P(On, MysqlPitfall, ::testing::ValuesIn(mysql_products()), product_of);

// The child's foreign key takes a shared lock on the event; two who hold it and then want to update
// the event wait for each other.
TEST_P(MysqlPitfall, P1InsertingTheChildFirstDeadlocks) {
  const EventId event = add_event(5);
  const UserId ann = add_user(), bob = add_user();
  harness::Sql first(url_), second(url_);
  first.run("BEGIN; " + insert_child(event, ann));
  second.run("BEGIN; " + insert_child(event, bob));
  auto waiting = std::async(std::launch::async, [&]() -> std::string {
    try {
      first.run("UPDATE events SET available_tickets = available_tickets - 1");
      return "";
    } catch (const harness::SqlError& error) {
      return error.code();
    }
  });
  wait_for_lock_waits(1);
  std::string code;
  try {
    second.run("UPDATE events SET available_tickets = available_tickets - 1");
  } catch (const harness::SqlError& error) {
    code = error.code();
  }
  if (code.empty()) second.run("ROLLBACK");  // the server chose the other as its victim
  EXPECT_EQ("1213", code + waiting.get());
}

TEST_P(MysqlPitfall, P1StrategiesUpdateTheEventFirstAndMeetNoDeadlock) {
  const EventId event = add_event(400);
  std::vector<ReserveCommand> commands;
  for (int i = 0; i < 160; ++i) commands.push_back(command(event, add_user()));
  for (const char* name : {"pessimistic", "optimistic", "atomic"}) {
    const auto strategy = make_strategy(name);
    std::atomic<int> deadlocks = 0;
    {
      std::vector<std::jthread> threads;
      for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
          const auto connection = connect({.attempts_max = 1000});
          for (std::size_t i = t; i < commands.size(); i += 4) {
            const auto reply = strategy->reserve(*connection, commands[i]).value();
            deadlocks += connection->statistics().retries_by_code["deadlock"];
            strategy->cancel(*connection, {reply.reservation.id, commands[i].user}).value();
            deadlocks += connection->statistics().retries_by_code["deadlock"];
          }
        });
      }
    }
    EXPECT_EQ(0, deadlocks) << name;
    for (ReserveCommand& each : commands) each = command(event, each.user);
  }
  EXPECT_EQ(400, available(event));
}

// The sweep's range scan under REPEATABLE READ locks the gaps too, and a reserve of another event
// that inserts into one waits; in READ COMMITTED it does not.
TEST_P(MysqlPitfall, P4TheSweepBlocksNoInsertOfAnotherEvent) {
  const EventId swept = add_event(5), other = add_event(5);
  for (int i = 0; i < 3; ++i) add_due_hold(swept);
  const auto sweeper = connect();
  const auto buyer = connect({.lock_timeout = 1s});
  const auto strategy = make_strategy("pessimistic");
  const ReserveCommand request = command(other, add_user());
  Transaction sweep(*sweeper);
  ASSERT_EQ(3, close_due_holds(sweep, swept, EventVersion{1}).reservations);
  auto bought =
      std::async(std::launch::async, [&] { return strategy->reserve(*buyer, request).value(); });
  EXPECT_TRUE(bought.get().created);
  EXPECT_EQ(1, buyer->statistics().attempts);
}

// No index begins with the status, and history is kept for good: a look that reads it takes longer
// each day, until none ends in time.
TEST_P(MysqlPitfall, TheSweepsLookForDueHoldsReadsNoHistory) {
  static constexpr Statement k_reads =
      portable("handler_reads", "SHOW SESSION STATUS LIKE 'Handler_read%'");
  add_event(5);
  const EventId due = add_event(5);
  add_due_hold(due);
  const auto connection = connect();
  for (int i = 0; i < 3; ++i) {
    add_ended_reservations();
    connection->session().run("FLUSH STATUS");
    EXPECT_EQ(std::vector{due}, events_with_expired_holds(*connection, EventId{0}, 1000));
    std::int64_t reads = 0;
    for (const Row& row : execute(*connection, k_reads, {}).rows) reads += row.integer(1);
    EXPECT_LT(reads, 50) << "with " << 2000 * (i + 1) << " reservations that ended";
  }
}

TEST_P(MysqlPitfall, P4UnderRepeatableReadItWould) {
  const EventId swept = add_event(5), other = add_event(5);
  for (int i = 0; i < 3; ++i) add_due_hold(swept);
  harness::Sql sweeper(url_);
  sweeper.run(
      "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; BEGIN;"
      "SELECT id FROM reservations WHERE event_id >= 1 AND status = 'reserved' AND expires_at <="
      " NOW(6) ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED");
  const auto buyer = connect({.lock_timeout = 1s});
  try {
    (void)make_strategy("pessimistic")->reserve(*buyer, command(other, add_user()));
    FAIL() << "no gap was locked: is the isolation level what it says?";
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::lock_timeout, failure.code());
  }
}

// The same with MySQL's means to hold the second look up. Its UPDATE may keep the event's row
// locked though it found nothing to change (InnoDB does where the optimiser reads the row
// beforehand): then nobody can give tickets back in between, and "sold out" is final.
TEST_P(MysqlPitfall, P11TheSecondLookDecidesOnWhatItSees) {
  const auto strategy = make_strategy("atomic");
  const EventId event = add_event(1);
  const auto connection = connect(), other = connect();
  ASSERT_TRUE(strategy->reserve(*connection, command(event, add_user())));
  const ReserveCommand second = command(event, add_user());
  other->session();
  harness::Sql holder(url_);
  holder.run("SET SESSION foreign_key_checks = 0; LOCK TABLES reservations WRITE");
  auto waiting = std::async(std::launch::async, [&] { return strategy->reserve(*other, second); });
  wait_for_lock_waits(1);
  bool returned = true;
  try {
    sql_.run(
        "SET SESSION innodb_lock_wait_timeout = 1, lock_wait_timeout = 1;"
        "UPDATE events SET available_tickets = 1, version = 2");
  } catch (const harness::SqlError& error) {
    EXPECT_EQ("1205", error.code());
    returned = false;
  }
  holder.run("UNLOCK TABLES");
  const auto reply = waiting.get();
  ASSERT_EQ(returned, reply.has_value());
  const EventNumbers seen = returned ? reply->event : reply.error().event.value();
  EXPECT_EQ(EventVersion{returned ? 3 : 1}, seen.version);
}

// Error 1205 rolls back the statement only: what the transaction did before it would stay, and be
// committed with the next one on that session.
TEST_P(MysqlPitfall, P7ALockTimeoutLeavesNothingOfItsTransactionBehind) {
  const EventId event = add_event(5);
  const ReserveCommand blocked = command(event, add_user()), free = command(event, add_user());
  const auto connection = connect({.lock_timeout = 1s});
  const auto strategy = make_strategy("atomic");
  harness::Sql holder(url_);  // the INSERT's foreign key wants this row, after the UPDATE was done
  holder.run(
      fmt::format("BEGIN; SELECT 1 FROM users WHERE id = {} FOR UPDATE", blocked.user.value));
  try {
    (void)strategy->reserve(*connection, blocked);
    FAIL() << "reserved through a lock";
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::lock_timeout, failure.code());
  }
  EXPECT_EQ(2, connection->statistics().retries_by_code.at("1205"));
  ASSERT_TRUE(strategy->reserve(*connection, free));
  EXPECT_EQ(4, available(event)) << "the UPDATE before the lock timeout was committed as well";
  EXPECT_EQ(1, version(event));
  expect_identity(event);
}

}  // namespace boxoffice::tests
