#include "tests/strategies/database_fixture.hpp"

#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "strategies/migrate.hpp"
#include "strategies/registry.hpp"

namespace boxoffice::tests {

using namespace strategies;

harness::PrivatePostgresql& shared_postgresql() {
  static harness::PrivatePostgresql postgresql({.durability = harness::Durability::relaxed,
                                                .storage = harness::Storage::memory,
                                                .connections_max = 100,
                                                .binaries = {}});
  return postgresql;
}

namespace {

std::string make_database() {
  static const bool migrated = [] {
    harness::Sql(shared_postgresql().url()).run("CREATE DATABASE migrated");
    migrate(Database(shared_postgresql().url("migrated")));
    return true;
  }();
  EXPECT_TRUE(migrated);
  static std::atomic<int> count = 0;
  const std::string name = fmt::format("test{}", ++count);
  harness::Sql(shared_postgresql().url())
      .run(fmt::format("CREATE DATABASE {} TEMPLATE migrated", name));
  return name;
}

}  // namespace

DatabaseTest::DatabaseTest()
    : name_(make_database()), url_(shared_postgresql().url(name_)), sql_(url_) {}

DatabaseTest::~DatabaseTest() = default;

std::unique_ptr<Connection> DatabaseTest::connect(const SessionLimits& limits) const {
  return Database(url_, limits).connect();
}

EventId DatabaseTest::add_event(std::int64_t tickets) {
  return {
      sql_.number("INSERT INTO events (name, total_tickets, available_tickets, event_date)"
                  " VALUES ('Concert', $1, $1, now() + interval '1 day') RETURNING id",
                  {std::to_string(tickets)})};
}

UserId DatabaseTest::add_user() {
  return {
      sql_.number("INSERT INTO users (name, email, password)"
                  " VALUES ('Ann', gen_random_uuid()::text, '!') RETURNING id")};
}

ReserveCommand DatabaseTest::command(EventId event, UserId user, std::chrono::microseconds hold,
                                     std::int64_t quantity) {
  return {event, user, quantity, sql_.text("SELECT gen_random_uuid()::text"), hold};
}

std::int64_t DatabaseTest::available(EventId event) {
  return sql_.number("SELECT available_tickets FROM events WHERE id = $1",
                     {std::to_string(event.value)});
}

std::int64_t DatabaseTest::version(EventId event) {
  return sql_.number("SELECT version FROM events WHERE id = $1", {std::to_string(event.value)});
}

void DatabaseTest::expect_identity(EventId event) {
  EXPECT_EQ(0,
            sql_.number(
                "SELECT total_tickets - available_tickets - (SELECT coalesce(sum(quantity), 0) FROM"
                " reservations r WHERE r.event_id = e.id AND status IN ('reserved', 'purchased'))"
                " FROM events e WHERE id = $1",
                {std::to_string(event.value)}));
}

void DatabaseTest::wait_until(const std::string& sql) {
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (sql_.number(sql) != 1) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "never became true: " << sql;
    std::this_thread::sleep_for(2ms);
  }
}

void DatabaseTest::wait_for_lock_waits(int sessions) {
  wait_until(fmt::format(
      "SELECT (count(*) >= {})::int FROM pg_stat_activity WHERE datname = current_database()"
      " AND wait_event_type = 'Lock'",
      sessions));
}

StrategyTest::StrategyTest() : strategy_(make_strategy(GetParam())) {}

}  // namespace boxoffice::tests
