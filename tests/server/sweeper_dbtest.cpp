// A sweep against rows that others hold, on each engine.
#include "server/sweeper.hpp"

#include <fmt/format.h>

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "server/log.hpp"
#include "strategies/failure.hpp"
#include "strategies/registry.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class SweeperOn : public ProductTest {
 protected:
  EventId add_event_with_due_hold() {
    const EventId event = add_event(5);
    EXPECT_TRUE(strategy_->reserve(*connection_, command(event, add_user(), 1us)));
    return event;
  }
  std::int64_t open_holds(EventId event) {
    return sql_.number(
        "SELECT count(*) FROM reservations WHERE status = 'reserved' AND"
        " event_id = $1",
        {std::to_string(event.value)});
  }
  void add_old_key() {
    sql_.query(
        sql_for("INSERT INTO idempotency_keys (user_id, idempotency_key, request_hash,"
                " created_at) VALUES ($1, 'old', repeat('a', 64), now() - interval '2 days')",
                "INSERT INTO idempotency_keys (user_id, idempotency_key, request_hash,"
                " created_at) VALUES ($1, 'old', repeat('a', 64), NOW(6) - INTERVAL 2 DAY)"),
        {std::to_string(add_user().value)});
  }

  std::unique_ptr<Strategy> strategy_ = make_strategy("pessimistic");
  std::unique_ptr<Connection> connection_ = connect({.lock_timeout = 1s});
};
INSTANTIATE_TEST_SUITE_P(On, SweeperOn, ::testing::ValuesIn(products()), product_of);

TEST_P(SweeperOn, AnEventThatCannotBeSweptKeepsNothingElseFromBeingDone) {
  const EventId locked = add_event_with_due_hold(), next = add_event_with_due_hold();
  harness::Sql holder(url_);
  holder.run(fmt::format("BEGIN; SELECT 1 FROM events WHERE id = {} FOR UPDATE", locked.value));
  server::Sweeper asked(*strategy_, {}, server::Duration(0));
  try {
    (void)asked.pass(*connection_);
    ADD_FAILURE() << "whoever asked is not told that something is left";
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::lock_timeout, failure.code());
  }
  EXPECT_EQ(0, open_holds(next));
  EXPECT_EQ(1, open_holds(locked));
  EXPECT_EQ(2, asked.identity().events_checked().value());
  EXPECT_EQ(1, asked.counts().failed.value());
  EXPECT_EQ(0, asked.counts().succeeded.value());

  add_old_key();
  server::Sweeper by_itself(
      *strategy_, [&] { return connect({.lock_timeout = 1s}); }, std::chrono::milliseconds(10));
  by_itself.start();
  wait_until("SELECT CASE WHEN count(*) = 0 THEN 1 ELSE 0 END FROM idempotency_keys");
  EXPECT_EQ(1, open_holds(locked));
  holder.run("ROLLBACK");
  wait_until(
      "SELECT CASE WHEN count(*) = 2 THEN 1 ELSE 0 END FROM reservations WHERE status ="
      " 'expired'");
  by_itself.stop();
  EXPECT_LE(1, by_itself.counts().failed.value());
}

/// Of events up to that one it says that somebody holds their rows; of others that it released one.
class Stuck : public Strategy {
 public:
  explicit Stuck(std::int64_t until, FailureCode code = FailureCode::lock_timeout)
      : until_(until), code_(code) {}
  std::string_view name() const override { return "stuck"; }
  Result<ReserveReply> reserve(Connection&, const ReserveCommand&) const override { throw none(); }
  Result<PurchaseReply> purchase(Connection&, const PurchaseCommand&) const override {
    throw none();
  }
  Result<CancelReply> cancel(Connection&, const CancelCommand&) const override { throw none(); }
  Result<ReleaseReply> release_expired(Connection&, EventId event) const override {
    if (event.value <= until_) throw Failure(code_, "held");
    ++swept_;
    return ReleaseReply{.reservations = 1};
  }
  int swept() const { return swept_; }

 private:
  static std::logic_error none() { return std::logic_error("it only sweeps"); }
  std::int64_t until_;
  FailureCode code_;
  mutable int swept_ = 0;
};

// A pass looks at a thousand events at a time: once the first thousand were all stuck, the others
// were not looked at any more.
TEST_P(SweeperOn, AThousandStuckEventsKeepNothingElseFromBeingDone) {
  std::string events =
      "INSERT INTO events (name, total_tickets, available_tickets, event_date) VALUES ";
  for (int i = 0; i < 1001; ++i) events += i == 0 ? "('E', 5, 4, NOW())" : ", ('E', 5, 4, NOW())";
  sql_.run(events);
  sql_.run(
      fmt::format("INSERT INTO reservations (event_id, user_id, quantity, status, expires_at,"
                  " request_id, event_version) SELECT id, {}, 1, 'reserved', NOW(), id, 1 FROM"
                  " events",
                  add_user().value));
  const std::int64_t last = sql_.number("SELECT max(id) FROM events");
  const Stuck stuck(last - 1);
  server::Sweeper asked(stuck, {}, server::Duration(0));
  EXPECT_THROW((void)asked.pass(*connection_), Failure);
  EXPECT_EQ(1, stuck.swept()) << "the one beyond them";
}

// What ends a pass ends nothing that comes after it.
TEST_P(SweeperOn, APassThatIsCutShortIsFollowedByWhatAlwaysFollows) {
  add_event_with_due_hold();
  const Stuck stuck(1'000'000'000, FailureCode::database_unavailable);
  server::Sweeper asked(stuck, {}, server::Duration(0));
  try {
    (void)asked.pass(*connection_);
    ADD_FAILURE() << "whoever asked is not told that the pass was cut short";
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::database_unavailable, failure.code());
  }
  EXPECT_EQ(1, asked.counts().failed.value());
  EXPECT_EQ(1, asked.identity().events_checked().value());

  add_old_key();
  server::Sweeper by_itself(
      stuck, [&] { return connect(); }, std::chrono::milliseconds(10));
  by_itself.start();
  wait_until("SELECT CASE WHEN count(*) = 0 THEN 1 ELSE 0 END FROM idempotency_keys");
  by_itself.stop();
  EXPECT_EQ(0, by_itself.counts().succeeded.value());
}

/// What somebody asks for.
class AskedPass : public server::Job {
 public:
  explicit AskedPass(server::Sweeper& sweeper) : sweeper_(sweeper) {}
  bool run(Connection& connection) override {
    (void)sweeper_.pass(connection);
    return false;
  }
  void refuse(server::Refused) override { ADD_FAILURE() << "nothing else was asked for"; }

 private:
  server::Sweeper& sweeper_;
};

TEST_P(SweeperOn, WhereItOnlySweepsWhenAskedWhatIsOldIsForgottenThen) {
  add_old_key();
  server::Sweeper on_demand(
      *strategy_, [&] { return connect(); }, server::Duration(0));
  on_demand.start();
  AskedPass job(on_demand);
  on_demand.submit(job);
  wait_until("SELECT CASE WHEN count(*) = 0 THEN 1 ELSE 0 END FROM idempotency_keys");
  on_demand.stop();
}

// Pruning comes after a pass, and is none of it.
TEST_P(SweeperOn, WhatIsOldAndCannotBeForgottenIsNoFailedSweep) {
  const auto path = std::filesystem::temp_directory_path() / (name_ + "-sweeper.log");
  server::log::start(server::log::Level::warn, path);
  sql_.run("DROP TABLE idempotency_keys");
  server::Sweeper by_itself(
      *strategy_, [&] { return connect(); }, std::chrono::milliseconds(10));
  by_itself.start();
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (by_itself.counts().succeeded.value() < 2 && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  by_itself.stop();
  server::log::stop();
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  std::filesystem::remove(path);
  EXPECT_LE(2, by_itself.counts().succeeded.value());
  EXPECT_THAT(text.str(), ::testing::HasSubstr("Pruning failed"));
  EXPECT_THAT(text.str(), ::testing::Not(::testing::HasSubstr("Sweep failed")));
}

}  // namespace boxoffice::tests
