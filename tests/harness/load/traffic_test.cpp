// What logical clients choose: deterministic, sequential per user, by the stated weights.
#include "harness/load/traffic.hpp"

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <tuple>

#include "harness/load/seeded.hpp"

namespace boxoffice::load {
namespace {

using properties::EntryType;
using properties::Function;
using properties::Output;

LoadPlan plan_of(std::size_t connections, std::size_t users) {
  LoadPlan plan;
  plan.connections = connections;
  plan.events = {11, 12, 13};
  for (std::size_t i = 0; i < users; ++i) {
    plan.users.push_back({static_cast<std::int64_t>(100 + i), "token"});
  }
  return plan;
}

Output granted(std::int64_t reservation) {
  Output out;
  out.http = 201;
  out.reservation_id = reservation;
  return out;
}

Output answered(int http) {
  Output out;
  out.http = http;
  return out;
}

TEST(Traffic, TheSameSeedAsksTheSameWhateverTheServerAnswered) {
  const LoadPlan plan = plan_of(2, 20);
  std::atomic<std::int64_t> process{2};
  Traffic sold_out(plan, 0, 1, process);
  Traffic selling(plan, 0, 1, process);
  for (int i = 0; i < 50; ++i) {
    const Operation first = sold_out.next(1);
    const Operation second = selling.next(1);
    EXPECT_EQ(first.event_id, second.event_id);
    EXPECT_EQ(first.request_id, second.request_id);
    sold_out.finished(1, EntryType::fail, answered(409));
    selling.finished(1, EntryType::ok, granted(i + 1));
  }
}

TEST(Traffic, ADecisionDoesNotDependOnTheThreadThatMakesIt) {
  const LoadPlan plan = plan_of(4, 20);
  std::atomic<std::int64_t> process{4};
  Traffic alone(plan, 0, 1, process);
  Traffic second_of_two(plan, 1, 2, process);  // has connections 1 and 3
  EXPECT_EQ(alone.next(3).request_id, second_of_two.next(1).request_id);
  EXPECT_EQ(alone.process(3), second_of_two.process(1));
}

TEST(Traffic, AnotherSeedOrSaltAsksWithOtherIds) {
  LoadPlan plan = plan_of(1, 1);
  std::atomic<std::int64_t> process{1};
  std::set<std::string> ids;
  for (const auto& [seed, salt] : {std::pair{1, 0}, {2, 0}, {1, 1}}) {
    plan.seed = static_cast<std::uint64_t>(seed);
    plan.request_id_salt = static_cast<std::uint64_t>(salt);
    Traffic traffic(plan, 0, 1, process);
    ids.insert(traffic.next(0).request_id);
  }
  EXPECT_EQ(ids.size(), 3u);
}

TEST(Traffic, RequestIdsAreUuidsOfVersionFour) {
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> seen;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Seeded seeded(1, 2, i);
    std::string id;
    write_uuid(seeded, id);
    EXPECT_TRUE(std::regex_match(id, form)) << id;
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(Traffic, NoTwoConnectionsEverActAsOneUser) {
  const LoadPlan plan = plan_of(3, 10);
  std::atomic<std::int64_t> process{3};
  Traffic traffic(plan, 0, 1, process);
  std::map<std::size_t, std::set<std::size_t>> connections_of_user;
  for (int round = 0; round < 12; ++round) {
    for (std::size_t c = 0; c < 3; ++c) {
      connections_of_user[traffic.next(c).user].insert(c);
      traffic.finished(c, EntryType::ok, granted(round * 3 + static_cast<int>(c)));
    }
  }
  EXPECT_EQ(connections_of_user.size(), 10u);
  for (const auto& [user, connections] : connections_of_user) EXPECT_EQ(connections.size(), 1u);
}

TEST(Traffic, AHoldMovesOnToTheNextUserUnlessItStays) {
  LoadPlan plan = plan_of(1, 3);
  std::atomic<std::int64_t> process{1};
  Traffic moving(plan, 0, 1, process);
  std::vector<std::size_t> users;
  for (int i = 0; i < 4; ++i) {
    users.push_back(moving.next(0).user);
    moving.finished(0, EntryType::ok, granted(i + 1));
  }
  EXPECT_EQ(users, (std::vector<std::size_t>{0, 1, 2, 0}));
  moving.next(0);
  moving.finished(0, EntryType::fail, answered(409));  // sold out: no hold, no move
  EXPECT_EQ(moving.next(0).user, 1u);

  plan.user_choice = UserChoice::stay;
  Traffic staying(plan, 0, 1, process);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(staying.next(0).user, 0u);
    staying.finished(0, EntryType::ok, granted(1));
  }
}

TEST(Traffic, WhoHasAnAnswerLeaves) {
  LoadPlan plan = plan_of(1, 3);
  plan.user_choice = UserChoice::leave;
  std::atomic<std::int64_t> process{1};
  Traffic traffic(plan, 0, 1, process);
  const auto finish = [&](EntryType type, const Output& out) {
    const std::size_t user = traffic.next(0).user;
    traffic.finished(0, type, out);
    return user;
  };
  EXPECT_EQ(finish(EntryType::fail, answered(503)), 0u) << "no answer: asks again";
  EXPECT_EQ(finish(EntryType::info, {}), 0u) << "nor is a lost reply one";
  EXPECT_EQ(finish(EntryType::fail, answered(429)), 0u);
  EXPECT_EQ(finish(EntryType::ok, granted(1)), 0u);
  EXPECT_EQ(finish(EntryType::fail, answered(409)), 1u) << "sold out is an answer";
  EXPECT_FALSE(traffic.all_left(0));
  EXPECT_EQ(finish(EntryType::ok, granted(2)), 2u);
  EXPECT_TRUE(traffic.all_left(0));
}

TEST(Traffic, AfterInfoItIsAnotherProcessAndAnotherUser) {
  const LoadPlan plan = plan_of(2, 10);
  std::atomic<std::int64_t> process{2};
  Traffic traffic(plan, 0, 1, process);
  const std::size_t user = traffic.next(1).user;
  EXPECT_EQ(traffic.process(1), 1);
  traffic.finished(1, EntryType::info, {});
  EXPECT_EQ(traffic.process(1), 2);
  EXPECT_NE(traffic.next(1).user, user);
  EXPECT_EQ(traffic.process(0), 0);
}

TEST(Traffic, ClosesOnlyItsOwnLiveHoldsAsTheUserWhoHoldsThem) {
  LoadPlan plan = plan_of(1, 5);
  plan.mix = {.reserve = 1, .purchase = 1, .cancel = 1};
  std::atomic<std::int64_t> process{1};
  Traffic traffic(plan, 0, 1, process);
  std::map<std::int64_t, std::pair<std::size_t, std::int64_t>> live;  // reservation: user, event
  std::int64_t next_reservation = 1;
  int closed = 0;
  for (int i = 0; i < 300; ++i) {
    const Operation operation = traffic.next(0);
    if (operation.f == Function::reserve) {
      live[next_reservation] = {operation.user, operation.event_id};
      traffic.finished(0, EntryType::ok, granted(next_reservation++));
      continue;
    }
    ASSERT_TRUE(live.contains(operation.reservation_id));
    EXPECT_EQ(live[operation.reservation_id], std::pair(operation.user, operation.event_id));
    const bool overloaded = i % 5 == 0;
    traffic.finished(0, overloaded ? EntryType::fail : EntryType::ok,
                     answered(overloaded ? 503 : 200));
    if (!overloaded) live.erase(operation.reservation_id);
    ++closed;
  }
  EXPECT_GT(closed, 50);
}

TEST(Traffic, AStrangerTriesAndTheHoldStaysItsOwners) {
  LoadPlan plan = plan_of(1, 5);
  plan.mix = {.reserve = 1, .purchase = 1, .cancel = 1, .stranger = 3};
  std::atomic<std::int64_t> process{1};
  Traffic traffic(plan, 0, 1, process);
  std::map<std::int64_t, std::size_t> owner;
  std::set<Function> tried;
  std::int64_t next_reservation = 1;
  for (int i = 0; i < 400; ++i) {
    const Operation operation = traffic.next(0);
    if (operation.f == Function::reserve) {
      owner[next_reservation] = operation.user;
      traffic.finished(0, EntryType::ok, granted(next_reservation++));
    } else if (operation.user == owner.at(operation.reservation_id)) {
      traffic.finished(0, EntryType::ok, answered(200));
      owner.erase(operation.reservation_id);  // at() throws should it be named again
    } else {
      tried.insert(operation.f);
      traffic.finished(0, EntryType::fail, answered(404));
    }
  }
  EXPECT_EQ(tried, (std::set<Function>{Function::purchase, Function::cancel}));
  EXPECT_LT(owner.size(), 150u) << "the owners' own attempts go on";
}

TEST(Traffic, PurchasesBeyondTheBoundAreCancels) {
  LoadPlan plan = plan_of(4, 4);
  plan.mix = {.reserve = 1, .purchase = 1, .cancel = 1};
  plan.user_choice = UserChoice::stay;
  plan.purchases_max = 7;
  std::atomic<std::int64_t> process{4};
  Traffic first(plan, 0, 2, process), second(plan, 1, 2, process);
  std::map<std::size_t, int> purchases;  // of each connection of the plan
  int cancels = 0;
  std::int64_t reservation = 0;
  for (int i = 0; i < 400; ++i) {
    for (std::size_t number = 0; number < 4; ++number) {
      Traffic& traffic = number % 2 == 0 ? first : second;
      const Operation operation = traffic.next(number / 2);
      purchases[number] += operation.f == Function::purchase;
      cancels += operation.f == Function::cancel;
      const bool reserve = operation.f == Function::reserve;
      traffic.finished(number / 2, EntryType::ok, reserve ? granted(++reservation) : answered(200));
    }
  }
  EXPECT_EQ(purchases, (std::map<std::size_t, int>{{0, 2}, {1, 2}, {2, 2}, {3, 1}}));
  EXPECT_GT(cancels, 100);
}

TEST(Traffic, TellsHowManyRoundsOfItsUsersAreUsed) {
  LoadPlan plan = plan_of(2, 20);
  std::atomic<std::int64_t> process{2};
  Traffic traffic(plan, 0, 1, process);
  EXPECT_EQ(traffic.user_rounds(), 1u);
  std::size_t last = 0;
  for (int i = 1; i <= 3; ++i) {
    last = traffic.next(1).user;
    traffic.finished(1, EntryType::ok, granted(i));
  }
  EXPECT_LT(last, traffic.user_rounds() * plan.connections);
  EXPECT_GE(traffic.next(1).user + plan.connections, traffic.user_rounds() * plan.connections);
}

TEST(Traffic, ARepeatIsTheLastReserveWithItsRequestId) {
  LoadPlan plan = plan_of(1, 5);
  plan.mix = {.reserve = 1, .repeat = 1};
  plan.quantity_max = 3;
  std::atomic<std::int64_t> process{1};
  Traffic traffic(plan, 0, 1, process);
  Operation last = traffic.next(0);
  EXPECT_FALSE(last.repeated) << "there is nothing yet to repeat";
  traffic.finished(0, EntryType::ok, granted(1));
  int repeated = 0;
  for (int i = 2; i < 200; ++i) {
    const Operation operation = traffic.next(0);
    ASSERT_EQ(operation.f, Function::reserve);
    repeated += operation.repeated;
    if (operation.repeated) {
      EXPECT_EQ(std::tie(operation.request_id, operation.user, operation.event_id),
                std::tie(last.request_id, last.user, last.event_id));
      EXPECT_EQ(operation.quantity, last.quantity);
    } else {
      EXPECT_NE(operation.request_id, last.request_id);
      last = operation;
    }
    traffic.finished(0, EntryType::ok, operation.repeated ? answered(200) : granted(i));
  }
  EXPECT_GT(repeated, 50);
}

TEST(Traffic, WhatWasLostIsRepeatedOnlyWhereTheRowsWillTell) {
  LoadPlan plan = plan_of(1, 5);
  plan.mix = {.reserve = 1e-9, .repeat = 1};
  for (const bool rows : {false, true}) {
    plan.repeats_lost = rows;
    std::atomic<std::int64_t> process{1};
    Traffic traffic(plan, 0, 1, process);
    const std::string id = traffic.next(0).request_id;
    traffic.finished(0, EntryType::info, {});
    EXPECT_EQ(traffic.next(0).request_id == id, rows);
  }
}

TEST(Traffic, WithoutAHoldItReservesOrReads) {
  LoadPlan plan = plan_of(1, 5);
  plan.mix = {.reserve = 0, .purchase = 1, .cancel = 1};
  std::atomic<std::int64_t> process{1};
  Traffic reading(plan, 0, 1, process);
  EXPECT_EQ(reading.next(0).f, Function::read);
  plan.mix.reserve = 1e-9;
  Traffic reserving(plan, 0, 1, process);
  EXPECT_EQ(reserving.next(0).f, Function::reserve);
}

TEST(Traffic, TheMixFollowsItsWeights) {
  LoadPlan plan = plan_of(1, 5);
  plan.mix = {.reserve = 3, .read = 1};
  std::atomic<std::int64_t> process{1};
  Traffic traffic(plan, 0, 1, process);
  int reserves = 0;
  for (int i = 0; i < 10'000; ++i) reserves += traffic.next(0).f == Function::reserve;
  EXPECT_NEAR(reserves, 7500, 200);
}

TEST(Traffic, QuantitiesSpreadFromOneToTheMaximum) {
  LoadPlan plan = plan_of(1, 5);
  plan.quantity_max = 4;
  std::atomic<std::int64_t> process{1};
  Traffic traffic(plan, 0, 1, process);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(traffic.next(0).quantity);
  EXPECT_EQ(seen, (std::set<std::int64_t>{1, 2, 3, 4}));
}

std::vector<int> picks(const Skew& skew, std::size_t events) {
  const EventChoice choice(skew, events);
  std::vector<int> counts(events);
  for (std::uint64_t i = 0; i < 100'000; ++i) ++counts[choice.pick(Seeded(1, 2, i).next_unit())];
  return counts;
}

TEST(EventChoice, Skews) {
  for (const int count : picks({.kind = SkewKind::uniform}, 10)) EXPECT_NEAR(count, 10'000, 500);
  // Zipf with theta 1 over 3 events: weights 1, 1/2, 1/3 of 11/6.
  const auto zipf = picks({.kind = SkewKind::zipf, .theta = 1}, 3);
  EXPECT_NEAR(zipf[0], 54'545, 700);
  EXPECT_NEAR(zipf[1], 27'273, 700);
  EXPECT_NEAR(zipf[2], 18'182, 700);
  const auto hot = picks({.kind = SkewKind::hot, .hot_events = 2, .hot_share = 0.8}, 4);
  EXPECT_NEAR(hot[0], 40'000, 700);
  EXPECT_NEAR(hot[1], 40'000, 700);
  EXPECT_NEAR(hot[2], 10'000, 700);
  EXPECT_NEAR(hot[3], 10'000, 700);
  EXPECT_EQ(EventChoice({.kind = SkewKind::zipf}, 1).pick(0.99), 0u);
}

}  // namespace
}  // namespace boxoffice::load
