// How old a replica is said to be, and when it is read: looks are made by the test, with a primary
// and a replica that are numbers.
#include "server/replica.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "eventually.hpp"

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;
using strategies::Follower;

class ReplicaTest : public testing::Test {
 protected:
  static constexpr auto k_bound = 10s;

  bool usable_in(Clock::duration later) const {
    return replica.usable_as_of(Clock::now() + later).has_value();
  }

  std::int64_t written = 5, applied = 5;
  bool primary_answers = true, replica_answers = true, is_replica = true;
  Replica replica{{[this] {
                     if (!primary_answers) throw std::runtime_error("no primary");
                     return std::to_string(written);
                   },
                   [this](const std::string& position) {
                     if (!replica_answers) throw std::runtime_error("no replica");
                     if (!is_replica) return Follower::none;
                     return applied >= std::stoll(position) ? Follower::applied : Follower::behind;
                   }},
                  k_bound,
                  ExecutorLimits{1, 10, 0},
                  [] {
                    return std::make_unique<strategies::Connection>(nullptr,
                                                                    strategies::SessionLimits{});
                  }};
};

TEST_F(ReplicaTest, IsNotReadBeforeItsAgeIsKnown) {
  EXPECT_FALSE(usable_in(0s));
  EXPECT_FALSE(replica.lag(Clock::now()));
  replica.look();
  EXPECT_TRUE(usable_in(0s));
  EXPECT_LT(*replica.lag(Clock::now()), 1s);
}

TEST_F(ReplicaTest, AnIdlePrimaryIsNoLag) {
  for (int i = 0; i < 3; ++i) {
    const auto before = Clock::now();
    replica.look();
    EXPECT_GE(*replica.usable_as_of(Clock::now()), before);
  }
}

TEST_F(ReplicaTest, IsAsOldAsTheLastMarkThatItHasApplied) {
  replica.look();
  const auto known = *replica.usable_as_of(Clock::now());
  written = 6;
  replica.look();
  EXPECT_EQ(*replica.usable_as_of(Clock::now()), known) << "6 is missing";
  const auto between = Clock::now();
  written = 7;
  replica.look();
  applied = 6;
  replica.look();  // the mark at 6 is applied, those at 7 are not
  EXPECT_GT(*replica.usable_as_of(Clock::now()), known);
  EXPECT_LT(*replica.usable_as_of(Clock::now()), between);
  applied = 7;
  replica.look();
  EXPECT_GT(*replica.usable_as_of(Clock::now()), between);
}

TEST_F(ReplicaTest, IsNotReadBeyondTheBoundEvenIfNobodyLooks) {
  replica.look();
  EXPECT_TRUE(usable_in(k_bound - 1s));
  EXPECT_FALSE(usable_in(k_bound + 1s));
}

TEST_F(ReplicaTest, GrowsOldWithoutItsPrimary) {
  replica.look();
  const auto known = *replica.usable_as_of(Clock::now());
  primary_answers = false;
  replica.look();
  EXPECT_EQ(*replica.usable_as_of(Clock::now()), known);
}

TEST_F(ReplicaTest, IsLostWhereItDoesNotAnswerOrReplicatesFromNowhere) {
  for (bool* const broken : {&replica_answers, &is_replica}) {
    replica.look();
    EXPECT_TRUE(usable_in(0s));
    *broken = false;
    replica.look();
    EXPECT_FALSE(usable_in(0s));
    EXPECT_FALSE(replica.lag(Clock::now()));
    *broken = true;
  }
  replica.look();
  EXPECT_TRUE(usable_in(0s)) << "and is back at the next look";
}

TEST_F(ReplicaTest, IsNotReadAfterADoubtUntilTheNextLook) {
  replica.look();
  replica.doubt("a read met nobody");
  EXPECT_FALSE(usable_in(0s));
  replica.look();
  EXPECT_TRUE(usable_in(0s));
}

// What a primary had written and its successor never got is not waited for for ever.
TEST_F(ReplicaTest, OutlivesAMarkThatIsNeverApplied) {
  written = 100;
  replica.look();
  EXPECT_FALSE(usable_in(0s));
  written = applied = 6;
  replica.look();
  EXPECT_TRUE(usable_in(0s));
}

TEST_F(ReplicaTest, KeepsFewMarksHoweverLongItIsBehind) {
  replica.look();
  const auto known = *replica.usable_as_of(Clock::now());
  written = 6;
  replica.look();
  const auto early = Clock::now();
  for (written = 7; written < 1000; ++written) replica.look();
  EXPECT_EQ(*replica.usable_as_of(Clock::now()), known);
  applied = 6;
  replica.look();
  EXPECT_GT(*replica.usable_as_of(Clock::now()), known) << "the oldest is kept";
  EXPECT_LT(*replica.usable_as_of(Clock::now()), early);
}

/// Says whether it was run or refused.
struct Read final : Job {
  bool run(strategies::Connection&) override {
    ran = true;
    return false;
  }
  void refuse(Refused why) override { refused = why; }
  std::atomic<bool> ran = false;
  std::optional<Refused> refused;
};

TEST(Lane, WhatWaitsForALostReplicaIsSentAway) {
  std::atomic<bool> held = true;
  struct Holding final : Job {
    explicit Holding(std::atomic<bool>& flag) : held(flag) {}
    bool run(strategies::Connection&) override {
      held.wait(true);
      return false;
    }
    void refuse(Refused) override {}
    std::atomic<bool>& held;
  } holding(held);
  Replica replica({[] { return std::string("1"); }, [](const auto&) { return Follower::behind; }},
                  1s, ExecutorLimits{1, 10, 0}, [] {
                    return std::make_unique<strategies::Connection>(nullptr,
                                                                    strategies::SessionLimits{});
                  });
  replica.start();
  replica.submit(holding);
  Read waiting;
  replica.submit(waiting);
  EXPECT_TRUE(test::eventually([&] { return replica.unfinished() == 2; }));
  replica.expire(Clock::now());  // it was never usable
  EXPECT_EQ(waiting.refused, Refused::overloaded);
  held = false;
  held.notify_all();
  replica.stop();
  EXPECT_FALSE(waiting.ran);
}

}  // namespace
}  // namespace boxoffice::server
