// The pitfalls of the domain, each provoked on a real server. The name of a test begins with the
// pitfall's number in the design; every race is made to happen by holding a lock until the other
// side is seen waiting for it.
#include <fmt/format.h>

#include <barrier>
#include <future>
#include <thread>

#include "strategies/registry.hpp"
#include "strategies/session.hpp"
#include "strategies/steps.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class Pitfall : public StrategyTest {
 protected:
  std::unique_ptr<Connection> connection_ = connect();

  std::string id(EventId event) { return std::to_string(event.value); }
};

INSTANTIATE_TEST_SUITE_P(Sound, Pitfall, ::testing::ValuesIn(sound_strategies()), name_of);

TEST_P(Pitfall, P3OneLockOrderMeansNoDeadlock) {
  const EventId event = add_event(20);
  std::vector<UserId> users;
  for (int i = 0; i < 8; ++i) users.push_back(add_user());
  std::atomic<int> failures = 0, deadlocks = 0;
  {
    std::vector<std::jthread> threads;
    for (const UserId user : users) {
      std::vector<ReserveCommand> commands;
      for (int i = 0; i < 40; ++i) commands.push_back(command(event, user, i % 2 ? 5min : 1us));
      threads.emplace_back([this, event, commands, &failures, &deadlocks] {
        const auto connection = connect({.attempts_max = 1000});
        for (const ReserveCommand& each : commands) {
          try {
            const auto reply = strategy_->reserve(*connection, each);
            deadlocks += connection->statistics().retries_by_code["deadlock"];
            strategy_->release_expired(*connection, event).value();
            deadlocks += connection->statistics().retries_by_code["deadlock"];
            if (reply) (void)strategy_->cancel(*connection, {reply->reservation.id, each.user});
            deadlocks += connection->statistics().retries_by_code["deadlock"];
          } catch (const std::exception&) {
            ++failures;
          }
        }
      });
    }
  }
  EXPECT_EQ(0, failures);
  EXPECT_EQ(0, deadlocks);
  expect_identity(event);
}

// Both want the event and the hold. The reserve stands first in the queue for the event; a cancel
// that had locked the hold before it waits there would be in the reserve's way, and it in the
// cancel's.
TEST_P(Pitfall, P3ACancelInAReservesWayWaitsForTheEventFirst) {
  const EventId event = add_event(5);
  const UserId user = add_user();
  const auto stale =
      strategy_->reserve(*connection_, command(event, user, 1us)).value().reservation;
  const ReserveCommand again = command(event, user);
  const auto other = connect();
  harness::Sql holder(url_);
  holder.run(fmt::format("BEGIN; SELECT 1 FROM events WHERE id = {} FOR UPDATE", id(event)));
  auto reserve = std::async(std::launch::async,
                            [&] { return strategy_->reserve(*connection_, again).value(); });
  wait_for_lock_waits(1);
  auto cancel = std::async(std::launch::async, [&] {
    return strategy_->cancel(*other, {stale.id, user});
  });
  wait_for_lock_waits(2);
  holder.run("COMMIT");
  EXPECT_TRUE(reserve.get().created);
  const auto refused = cancel.get();
  for (const auto& connection : {connection_.get(), other.get()})
    EXPECT_EQ(0, connection->statistics().retries_by_code["deadlock"]);
  ASSERT_FALSE(refused);
  EXPECT_EQ(RefusalCode::not_cancellable, refused.error().code);
  expect_identity(event);
}

TEST_P(Pitfall, P6TheSweepSkipsWhatAPurchaseHoldsAndComesBackForIt) {
  const EventId event = add_event(2);
  const auto held =
      strategy_->reserve(*connection_, command(event, add_user(), 1us)).value().reservation;
  ASSERT_TRUE(strategy_->reserve(*connection_, command(event, add_user(), 1us)));
  harness::Sql purchaser(url_);
  purchaser.run(
      fmt::format("BEGIN; SELECT 1 FROM reservations WHERE id = {} FOR UPDATE", held.id.value));
  EXPECT_EQ(1, strategy_->release_expired(*connection_, event).value().reservations);
  purchaser.run("ROLLBACK");
  EXPECT_EQ(1, strategy_->release_expired(*connection_, event).value().reservations);
  EXPECT_EQ(2, available(event));
}

TEST_P(Pitfall, P10CancelAgainstSweepReleasesOnce) {
  const EventId event = add_event(1);
  const auto other = connect();
  for (int round = 0; round < 60; ++round) {
    const ReserveCommand request = command(event, add_user(), 1us);
    const auto hold = strategy_->reserve(*connection_, request).value().reservation;
    std::barrier start(2);
    std::jthread sweep([&] {
      start.arrive_and_wait();
      strategy_->release_expired(*other, event).value();
    });
    start.arrive_and_wait();
    (void)strategy_->cancel(*connection_, {hold.id, request.user});
    sweep.join();
    ASSERT_EQ(1, available(event)) << "round " << round;
  }
  EXPECT_EQ(120, version(event)) << "each round is one reserve and exactly one release";
}

TEST_P(Pitfall, P13OnesOwnStaleHoldExpiresInTheSameTransactionAsTwoSteps) {
  const EventId event = add_event(1);
  const UserId user = add_user();
  const auto stale =
      strategy_->reserve(*connection_, command(event, user, 1us)).value().reservation;
  const auto fresh = strategy_->reserve(*connection_, command(event, user)).value();
  EXPECT_TRUE(fresh.created);
  EXPECT_NE(stale.id, fresh.reservation.id);
  EXPECT_EQ(EventVersion{3}, fresh.event.version);
  EXPECT_EQ(0, fresh.event.available_tickets);
  EXPECT_EQ(1,
            sql_.number("SELECT count(*) FROM reservations WHERE id = $1 AND status = 'expired' AND"
                        " closed_event_version = 2 AND updated_at >= expires_at",
                        {std::to_string(stale.id.value)}));
  expect_identity(event);
}

TEST_P(Pitfall, P13AStaleHoldIsGivenBackEvenWhereTheNewOneIsRefused) {
  const EventId event = add_event(1);
  const UserId user = add_user();
  ASSERT_TRUE(strategy_->reserve(*connection_, command(event, user, 1us)));
  const auto refused = strategy_->reserve(*connection_, command(event, user, 5min, 2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(RefusalCode::sold_out, refused.error().code);
  EXPECT_EQ(1, refused.error().event.value().available_tickets);
  EXPECT_EQ(EventVersion{2}, refused.error().event.value().version);
  EXPECT_EQ(1, available(event));
  expect_identity(event);
}

TEST_P(Pitfall, P14APurchaseThatWaitedPastExpiryIsRefused) {
  const EventId event = add_event(1);
  const UserId user = add_user();
  const auto hold =
      strategy_->reserve(*connection_, command(event, user, 400ms)).value().reservation;
  harness::Sql holder(url_);
  holder.run(
      fmt::format("BEGIN; SELECT 1 FROM reservations WHERE id = {} FOR UPDATE", hold.id.value));
  auto purchase = std::async(std::launch::async, [&] {
    return strategy_->purchase(*connection_, {hold.id, user});
  });
  wait_for_lock_waits(1);
  wait_until(fmt::format(
      fmt::runtime(
          sql_for("SELECT (clock_timestamp() > expires_at)::int FROM reservations WHERE id = {}",
                  "SELECT NOW(6) > expires_at FROM reservations WHERE id = {}")),
      hold.id.value));
  holder.run("COMMIT");
  const auto refused = purchase.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(RefusalCode::reservation_expired, refused.error().code);
}

TEST_P(Pitfall, P15OnesOwnHoldMadeDuringTheWaitIsFound) {
  const EventId event = add_event(5);
  const UserId user = add_user();
  const ReserveCommand first = command(event, user), second = command(event, user);
  const auto other = connect();
  std::optional<Transaction> holder(std::in_place, *connection_);
  const EventAndOwnHold held = lock_event_and_find_own_hold(*holder, event, user).value();
  const Inventory taken = change_inventory(*holder, held.event, -1);
  auto waiting = std::async(std::launch::async, [&] { return strategy_->reserve(*other, second); });
  wait_for_lock_waits(1);
  const Reservation hold = insert_hold_and_commit(*holder, first, taken.version, held.own.now);
  const auto reply = waiting.get().value();
  EXPECT_FALSE(reply.created);
  EXPECT_EQ(hold.id, reply.reservation.id);
  EXPECT_EQ(4, available(event));
  EXPECT_EQ(1, version(event));
}

TEST_P(Pitfall, ConcurrentBuyersNeverOversell) {
  const EventId event = add_event(25);
  std::vector<ReserveCommand> commands;
  for (int i = 0; i < 100; ++i) commands.push_back(command(event, add_user()));
  std::atomic<int> sold = 0, refused = 0;
  {
    std::barrier start(10);
    std::vector<std::jthread> threads;
    for (int t = 0; t < 10; ++t) {
      threads.emplace_back([&, t] {
        const auto connection = connect({.attempts_max = 1000});
        start.arrive_and_wait();
        for (int i = t; i < 100; i += 10)
          ++(strategy_->reserve(*connection, commands[static_cast<std::size_t>(i)]) ? sold
                                                                                    : refused);
      });
    }
  }
  EXPECT_EQ(25, sold);
  EXPECT_EQ(75, refused);
  EXPECT_EQ(0, available(event));
  EXPECT_EQ(25, version(event));
  expect_identity(event);
}

// A buyer who lost the race for the version tries again in a new transaction: within the old one
// REPEATABLE READ would show the same version for ever.
TEST_P(Pitfall, P5ALostRaceIsRunAgainInANewTransaction) {
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  connection_->session();
  harness::Sql racer(url_);
  racer.run(
      "BEGIN; UPDATE events SET version = version + 1, available_tickets = 3, total_tickets = 3");
  auto waiting = std::async(std::launch::async,
                            [&] { return strategy_->reserve(*connection_, request).value(); });
  wait_for_lock_waits(1);
  racer.run("COMMIT");
  const ReserveReply reply = waiting.get();
  EXPECT_EQ(EventVersion{2}, reply.event.version);
  EXPECT_EQ(2, reply.event.available_tickets);
  EXPECT_EQ(GetParam().strategy == "optimistic" ? 2 : 1, connection_->statistics().attempts);
}

}  // namespace boxoffice::tests
