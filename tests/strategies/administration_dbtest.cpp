// The catalogue's administration on every product: edits against sales, and what is counted.
#include "strategies/administration.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "strategies/registry.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class Administration : public ProductTest {
 protected:
  Event concert(std::int64_t tickets, const std::string& name = "Concert",
                const std::string& category = "music", int day = 1) {
    return create_event(*connection_,
                        {name, "Loud", tickets, "12.50", "EUR",
                         std::chrono::sys_days{std::chrono::year{2030} / 1 / day}, category});
  }
  RefusalCode code_of(const Result<Event>& result) {
    EXPECT_TRUE(result.has_error());
    return result.has_error() ? result.error().code : RefusalCode::sold_out;
  }
  std::vector<std::string> names(const EventFilter& filter) {
    std::vector<std::string> names;
    for (const Event& event : list_events(*connection_, filter, {}).rows)
      names.push_back(event.name);
    return names;
  }
  std::unique_ptr<Connection> connection_ = connect();
  std::unique_ptr<Strategy> strategy_ = make_strategy("pessimistic");
};

INSTANTIATE_TEST_SUITE_P(On, Administration, ::testing::ValuesIn(products()), product_of);

TEST_P(Administration, WhatIsCreatedIsThere) {
  const Event made = concert(10);
  EXPECT_EQ(made.total_tickets, 10);
  EXPECT_EQ(made.available_tickets, 10);
  EXPECT_EQ(made.price, "12.50");
  EXPECT_EQ(made.version, EventVersion{0});
  EXPECT_EQ(made.revision, 0);
  EXPECT_EQ(made.event_date, std::chrono::sys_days{std::chrono::year{2030} / 1 / 1});
  EXPECT_EQ(find_event(*connection_, made.id)->category, "music");
}

TEST_P(Administration, AnEditCountsInTheRevisionAndACapacityInTheVersionToo) {
  const Event made = concert(10);
  const Event renamed = edit_event(*connection_, made.id, {.name = "Opera"}, 0).value();
  EXPECT_EQ(renamed.name, "Opera");
  EXPECT_EQ(renamed.description, "Loud");
  EXPECT_EQ(renamed.revision, 1);
  EXPECT_EQ(renamed.version, EventVersion{0});
  const Event grown = edit_event(*connection_, made.id, {.total_tickets = 15}, 1).value();
  EXPECT_EQ(grown.total_tickets, 15);
  EXPECT_EQ(grown.available_tickets, 15);
  EXPECT_EQ(grown.revision, 2);
  EXPECT_EQ(grown.version, EventVersion{1});
  EXPECT_EQ(code_of(edit_event(*connection_, made.id, {.name = "Ballet"}, 1)),
            RefusalCode::precondition_failed);
  EXPECT_EQ(code_of(edit_event(*connection_, EventId{999}, {.name = "Ballet"}, {})),
            RefusalCode::event_not_found);
}

TEST_P(Administration, AnEditThatWaitedInVainLeavesItsConnectionFitForTheNext) {
  const Event made = concert(10);
  const auto hurried = connect({.lock_timeout = on_postgresql() ? 100ms : 1s});
  sql_.run("BEGIN");
  sql_.run("UPDATE events SET description = 'Quiet'");
  try {
    (void)edit_event(*hurried, made.id, {.name = "Opera"}, {});
    FAIL() << "edited through a lock";
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::lock_timeout, failure.code()) << failure.what();
  }
  sql_.run("ROLLBACK");
  EXPECT_EQ("Opera", edit_event(*hurried, made.id, {.name = "Opera"}, {}).value().name);
}

TEST_P(Administration, CapacityShrinksToWhatIsCommittedAndNotBelow) {
  const Event made = concert(10);
  ASSERT_TRUE(strategy_->reserve(*connection_, command(made.id, add_user(), 5min, 4)));
  EXPECT_EQ(code_of(edit_event(*connection_, made.id, {.total_tickets = 3}, {})),
            RefusalCode::capacity_below_committed);
  EXPECT_EQ(available(made.id), 6) << "a refusal changes nothing";
  const Event shrunk = edit_event(*connection_, made.id, {.total_tickets = 4}, {}).value();
  EXPECT_EQ(shrunk.available_tickets, 0);
  EXPECT_EQ(shrunk.version, EventVersion{2});
  expect_identity(made.id);
}

// Ten buyers and an editor at once, whichever strategy the buyers use: the identity holds, and each
// change of inventory is one version.
TEST_P(Administration, ACapacityChangedWhileItSellsKeepsTheIdentity) {
  for (const std::string name : {"pessimistic", "optimistic", "atomic"}) {
    const auto strategy = make_strategy(name);
    const Event made = concert(100);
    std::vector<ReserveCommand> commands;
    for (int i = 0; i < 10; ++i) commands.push_back(command(made.id, add_user()));
    std::atomic<int> sold = 0;
    {
      std::vector<std::jthread> buyers;
      for (const ReserveCommand& each : commands) {
        buyers.emplace_back([&] {
          const auto mine = connect();
          if (strategy->reserve(*mine, each)) ++sold;
        });
      }
      for (std::int64_t total = 101; total <= 105; ++total)
        ASSERT_TRUE(edit_event(*connection_, made.id, {.total_tickets = total}, {}));
    }
    EXPECT_EQ(sold, 10) << name;
    EXPECT_EQ(available(made.id), 95) << name;
    EXPECT_EQ(version(made.id), 15) << name;
    expect_identity(made.id);
  }
}

TEST_P(Administration, OnlyAnEventThatNobodyEverReservedIsDeleted) {
  const Event sold = concert(10), empty = concert(10);
  const UserId user = add_user();
  const auto hold = strategy_->reserve(*connection_, command(sold.id, user)).value();
  ASSERT_TRUE(strategy_->cancel(*connection_, {hold.reservation.id, user}));
  EXPECT_EQ(delete_event(*connection_, sold.id, {}).error().code,
            RefusalCode::event_has_reservations);
  EXPECT_EQ(delete_event(*connection_, empty.id, 5).error().code, RefusalCode::precondition_failed);
  EXPECT_TRUE(delete_event(*connection_, empty.id, 0));
  EXPECT_EQ(delete_event(*connection_, empty.id, {}).error().code, RefusalCode::event_not_found);
  EXPECT_TRUE(find_event(*connection_, sold.id));
}

TEST_P(Administration, StatisticsCountEachStatus) {
  const Event made = concert(10);
  const UserId buyer = add_user(), undecided = add_user(), late = add_user();
  const auto bought = strategy_->reserve(*connection_, command(made.id, buyer, 5min, 2)).value();
  ASSERT_TRUE(strategy_->purchase(*connection_, {bought.reservation.id, buyer}));
  const auto dropped = strategy_->reserve(*connection_, command(made.id, undecided)).value();
  ASSERT_TRUE(strategy_->cancel(*connection_, {dropped.reservation.id, undecided}));
  ASSERT_TRUE(strategy_->reserve(*connection_, command(made.id, late, 1us, 3)));
  const auto counted = event_statistics(*connection_, made.id).value();
  EXPECT_EQ(counted.available_tickets, 5);
  EXPECT_EQ(counted.version, EventVersion{4});
  EXPECT_EQ(counted.purchased.reservations, 1);
  EXPECT_EQ(counted.purchased.tickets, 2);
  EXPECT_EQ(counted.cancelled.reservations, 1);
  EXPECT_EQ(counted.reserved.tickets, 3);
  EXPECT_EQ(counted.overdue.tickets, 3);
  EXPECT_EQ(counted.expired.reservations, 0);
  EXPECT_FALSE(event_statistics(*connection_, EventId{999}));
}

TEST_P(Administration, ABrokenIdentityIsFound) {
  const Event sound = concert(10), broken = concert(10);
  ASSERT_TRUE(strategy_->reserve(*connection_, command(sound.id, add_user())));
  EXPECT_EQ(check_invariants(*connection_).events, 2);
  EXPECT_THAT(check_invariants(*connection_).broken, SizeIs(0));
  sql_.query("UPDATE events SET available_tickets = 9 WHERE id = $1",
             {std::to_string(broken.id.value)});
  const auto found = check_invariants(*connection_).broken;
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].event, broken.id);
  EXPECT_EQ(found[0].available_tickets, 9);
  EXPECT_EQ(found[0].taken_tickets, 0);
}

TEST_P(Administration, AllEventsAreLookedAtHoweverManyThereAre) {
  std::string events =
      "INSERT INTO events (name, total_tickets, available_tickets, event_date) VALUES ";
  for (int i = 0; i < 250; ++i) events += i == 0 ? "('E', 5, 4, NOW())" : ", ('E', 5, 4, NOW())";
  sql_.run(events);
  const auto all_broken = check_invariants(*connection_);
  EXPECT_EQ(all_broken.events, 250);
  EXPECT_THAT(all_broken.broken, SizeIs(100));
  sql_.run("UPDATE events SET total_tickets = 4");
  EXPECT_THAT(check_invariants(*connection_).broken, SizeIs(0));
  const std::int64_t last = sql_.number("SELECT max(id) FROM events");
  sql_.run("UPDATE events SET total_tickets = 5 WHERE id = " + std::to_string(last));
  const auto found = check_invariants(*connection_);
  EXPECT_EQ(found.events, 250);
  ASSERT_THAT(found.broken, SizeIs(1));
  EXPECT_EQ(found.broken[0].event, EventId{last});
}

TEST_P(Administration, EventsAreFilteredAndOrdered) {
  concert(5, "Aida", "opera", 3);
  concert(0, "Blue 100%", "jazz", 2);
  concert(9, "carmen", "opera", 1);
  EXPECT_THAT(names({}), ElementsAre("Aida", "Blue 100%", "carmen"));
  EXPECT_THAT(names({.text = "AI"}), ElementsAre("Aida"));
  EXPECT_THAT(names({.text = "0%"}), ElementsAre("Blue 100%")) << "no wildcard";
  EXPECT_THAT(names({.text = "_"}), ElementsAre());
  EXPECT_THAT(names({.category = "opera"}), ElementsAre("Aida", "carmen"));
  EXPECT_THAT(names({.available = true}), ElementsAre("Aida", "carmen"));
  const Timestamp second = std::chrono::sys_days{std::chrono::year{2030} / 1 / 2};
  EXPECT_THAT(names({.from = second}), ElementsAre("Aida", "Blue 100%"));
  EXPECT_THAT(names({.to = second}), ElementsAre("carmen"));
  EXPECT_THAT(names({.order = EventOrder::date}), ElementsAre("carmen", "Blue 100%", "Aida"));
  EXPECT_THAT(names({.order = EventOrder::available, .descending = true}),
              ElementsAre("carmen", "Aida", "Blue 100%"));
  EXPECT_THAT(names({.descending = true}), ElementsAre("carmen", "Blue 100%", "Aida"));
  EXPECT_EQ(list_events(*connection_, {.category = "opera"}, {.page = 2, .per_page = 1}).total, 2);
}

TEST_P(Administration, ATextIsFoundWhateverItsCase) {
  concert(1, "ÖFFENTLICHE Übung");
  for (const char* text : {"ÖFFENTLICHE", "öffentliche", "Öffentliche Ü", "übung"})
    EXPECT_THAT(names({.text = text}), SizeIs(1)) << text;
  EXPECT_THAT(names({.text = "probe"}), SizeIs(0));
}

}  // namespace boxoffice::tests
