// What a running server asks the database for its metrics: does every event add up, and how long do
// transactions wait for locks?
#include "strategies/identity.hpp"
#include "strategies/lock_waits.hpp"
#include "strategies/registry.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class Observation : public ProductTest {
 protected:
  /// Everything, in looks of `limit` events.
  std::vector<IdentityBreak> breaks(std::int64_t limit) {
    std::vector<IdentityBreak> found;
    std::int64_t events = 0;
    for (EventId after;;) {
      const auto range = identity_range(*connection_, after, limit);
      if (range.events == 0) break;
      events += range.events;
      const auto breaks = identity_breaks(*connection_, after, range.last);
      found.insert(found.end(), breaks.begin(), breaks.end());
      after = range.last;
    }
    EXPECT_EQ(sql_.number("SELECT count(*) FROM events"), events);
    return found;
  }

  std::unique_ptr<Connection> connection_ = connect();
};

INSTANTIATE_TEST_SUITE_P(Product, Observation, ::testing::ValuesIn(products()), product_of);

TEST_P(Observation, AnEventThatAddsUpIsNotBrokenWhateverItsReservationsAre) {
  const auto strategy = make_strategy("pessimistic");
  const EventId event = add_event(10);
  add_event(0);
  const UserId user = add_user();
  const auto bought = strategy->reserve(*connection_, command(event, user, 5min, 3)).value();
  ASSERT_TRUE(strategy->purchase(*connection_, {bought.reservation.id, user}));
  const auto held = strategy->reserve(*connection_, command(event, user, 5min, 2)).value();
  ASSERT_TRUE(strategy->cancel(*connection_, {held.reservation.id, user}));
  ASSERT_TRUE(strategy->reserve(*connection_, command(event, add_user())));
  EXPECT_TRUE(breaks(100).empty());
  EXPECT_TRUE(breaks(1).empty());
}

TEST_P(Observation, WhatDoesNotAddUpIsFoundWithItsNumbers) {
  const auto strategy = make_strategy("atomic");
  std::vector<EventId> events;
  for (int i = 0; i < 5; ++i) events.push_back(add_event(10));
  ASSERT_TRUE(strategy->reserve(*connection_, command(events[3], add_user(), 5min, 4)));
  sql_.run("UPDATE events SET available_tickets = 7 WHERE id = " + std::to_string(events[3].value));
  for (const std::int64_t limit : {1, 2, 3, 100}) {
    const auto found = breaks(limit);
    ASSERT_EQ(1U, found.size()) << limit;
    EXPECT_EQ(events[3], found[0].event);
    EXPECT_EQ(10, found[0].total_tickets);
    EXPECT_EQ(7, found[0].available_tickets);
    EXPECT_EQ(4, found[0].taken_tickets);
  }
}

TEST_P(Observation, NoEventsAreNoBreaks) {
  EXPECT_EQ(0, identity_range(*connection_, EventId{1'000'000}, 10).events);
}

TEST_P(Observation, AWaitForALockIsSeenForAsLongAsItLasts) {
  const EventId event = add_event(10);
  const auto before = read_lock_waits(*connection_);
  EXPECT_EQ(0, before.waiting);
  harness::Sql holder(url_);
  holder.run("BEGIN");
  holder.run("SELECT 1 FROM events WHERE id = " + std::to_string(event.value) + " FOR UPDATE");
  const auto asked = command(event, add_user());
  std::jthread buyer([this, asked] {
    const auto own = connect();
    EXPECT_TRUE(make_strategy("pessimistic")->reserve(*own, asked));
  });
  wait_for_lock_waits(1);
  if (on_postgresql()) {
    EXPECT_EQ(1, read_lock_waits(*connection_).waiting);
    wait_until(
        "SELECT count(*) FROM pg_locks WHERE NOT granted"
        " AND clock_timestamp() - waitstart > interval '20 ms'");
    EXPECT_GE(read_lock_waits(*connection_).longest.value(), 20ms);
  }
  holder.run("COMMIT");
  buyer.join();
  const auto after = read_lock_waits(*connection_);
  EXPECT_EQ(0, after.waiting);
  EXPECT_EQ(on_postgresql(), after.longest.has_value());
  EXPECT_EQ(!on_postgresql(), after.ended.has_value());
  if (on_postgresql()) return;
  EXPECT_EQ(before.ended->waits + 1, after.ended->waits);
  EXPECT_GE(after.ended->time, before.ended->time);
}

}  // namespace boxoffice::tests
