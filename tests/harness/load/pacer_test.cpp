// The pacer in virtual time.
#include "harness/load/pacer.hpp"

#include <gtest/gtest.h>

#include "harness/load/clock.hpp"

namespace boxoffice::load {
namespace {

constexpr std::int64_t k_ms = 1'000'000;

TEST(Pacer, ClosedLoopSendsAgainOnceAConnectionIsBack) {
  Pacer pacer({.connections = 2});
  pacer.begin(0, 100 * k_ms);
  EXPECT_EQ(pacer.take(0)->connection, 0u);
  EXPECT_EQ(pacer.take(0)->connection, 1u);
  EXPECT_FALSE(pacer.take(0));
  EXPECT_EQ(pacer.next_ns(), k_never_ns);
  pacer.give_back(1, 5 * k_ms);
  const auto start = pacer.take(6 * k_ms);
  ASSERT_TRUE(start);
  EXPECT_EQ(start->connection, 1u);
  EXPECT_EQ(start->intended_ns, 6 * k_ms);
  EXPECT_EQ(start->possible_ns, 5 * k_ms);  // a millisecond was the generator's own
}

TEST(Pacer, ClosedLoopThinks) {
  Pacer pacer({.connections = 1, .think_ns = 10 * k_ms});
  pacer.begin(0, 100 * k_ms);
  ASSERT_TRUE(pacer.take(0));
  pacer.give_back(0, 3 * k_ms);
  EXPECT_FALSE(pacer.take(12 * k_ms));
  EXPECT_EQ(pacer.next_ns(), 13 * k_ms);
  EXPECT_TRUE(pacer.take(13 * k_ms));
}

TEST(Pacer, TheFirstRequestsOfManyConnectionsAreNoLag) {
  Pacer pacer({.connections = 3});
  pacer.begin(0, 100 * k_ms);
  for (int i = 0; i < 3; ++i) {
    const auto start = pacer.take(50 * k_ms);
    EXPECT_EQ(start->possible_ns, 50 * k_ms);
  }
}

TEST(Pacer, OpenLoopFollowsItsScheduleWhateverTheReplies) {
  Pacer pacer({.connections = 10, .rate_per_s = 1000});
  pacer.begin(0, 100 * k_ms);
  for (std::int64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(pacer.next_ns(), i * k_ms);
    const auto start = pacer.take(i * k_ms);
    ASSERT_TRUE(start);
    EXPECT_EQ(start->intended_ns, i * k_ms);
    EXPECT_FALSE(pacer.take(i * k_ms));  // the next one is not due
  }
}

TEST(Pacer, OpenLoopCountsFromTheScheduleWhenAllConnectionsAreBusy) {
  Pacer pacer({.connections = 1, .rate_per_s = 1000});
  pacer.begin(0, 100 * k_ms);
  ASSERT_TRUE(pacer.take(0));
  EXPECT_FALSE(pacer.take(5 * k_ms));
  EXPECT_EQ(pacer.next_ns(), k_never_ns);  // only a reply can help
  pacer.give_back(0, 7 * k_ms);
  const auto start = pacer.take(7 * k_ms);
  ASSERT_TRUE(start);
  EXPECT_EQ(start->intended_ns, 1 * k_ms);  // its response time has run for 6 ms already
  EXPECT_EQ(start->possible_ns, 7 * k_ms);  // but that is not the generator's lag
}

TEST(Pacer, OpenLoopLagIsMeasuredFromTheFirstMomentThatWasPossible) {
  Pacer pacer({.connections = 2, .rate_per_s = 1000});
  pacer.begin(0, 100 * k_ms);
  ASSERT_TRUE(pacer.take(0));
  const auto late = pacer.take(20 * k_ms);  // due at 1 ms, with a free connection all the time
  EXPECT_EQ(late->possible_ns, 1 * k_ms);
}

TEST(Pacer, ThreadsShareOneSchedule) {
  for (std::size_t thread = 0; thread < 3; ++thread) {
    Pacer pacer({.connections = 5, .rate_per_s = 1000, .thread = thread, .threads = 3});
    pacer.begin(0, 100 * k_ms);
    for (std::size_t i = 0; i < 5; ++i) {
      const auto due = static_cast<std::int64_t>(thread + 3 * i) * k_ms;
      EXPECT_EQ(pacer.take(50 * k_ms)->intended_ns, due);
    }
  }
}

TEST(Pacer, ScheduleDoesNotDriftAtAnOddRate) {
  Pacer pacer({.connections = 1, .rate_per_s = 3});
  constexpr std::int64_t k_late_ns = 2000 * std::int64_t{1'000'000'000};
  pacer.begin(0, k_late_ns + 1);
  std::int64_t intended = 0;
  for (int i = 0; i < 3001; ++i) {
    intended = pacer.take(k_late_ns)->intended_ns;
    pacer.give_back(0, 0);
  }
  EXPECT_EQ(intended, 1000 * std::int64_t{1'000'000'000});
}

TEST(Pacer, NothingStartsBehindTheWindowAndWhatNeverLeftIsCounted) {
  Pacer pacer({.connections = 1, .rate_per_s = 1000});
  pacer.begin(0, 10 * k_ms);
  ASSERT_TRUE(pacer.take(0));
  EXPECT_EQ(pacer.unsent(10 * k_ms), 9u);
  EXPECT_EQ(pacer.unsent(3 * k_ms), 2u);
  pacer.give_back(0, 10 * k_ms);
  EXPECT_FALSE(pacer.take(10 * k_ms));
}

TEST(Pacer, ANewWindowForgetsTheBacklog) {
  Pacer pacer({.connections = 1, .rate_per_s = 1000});
  pacer.begin(0, 10 * k_ms);
  ASSERT_TRUE(pacer.take(0));
  pacer.begin(20 * k_ms, 30 * k_ms);
  EXPECT_EQ(pacer.take(20 * k_ms)->intended_ns, 20 * k_ms);
}

}  // namespace
}  // namespace boxoffice::load
