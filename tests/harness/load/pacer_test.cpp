// The pacer in virtual time.
#include "harness/load/pacer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

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

TEST(Pacer, WhoPausesLongerKeepsNobodyWaiting) {
  Pacer pacer({.connections = 3, .think_ns = 1 * k_ms});
  pacer.begin(0, 100 * k_ms);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(pacer.take(0));
  pacer.give_back(0, 50 * k_ms);  // free after a pause that the others have not
  pacer.give_back(1, 4 * k_ms);
  pacer.give_back(2, 3 * k_ms);
  EXPECT_EQ(pacer.next_ns(), 4 * k_ms);
  EXPECT_EQ(pacer.take(20 * k_ms)->connection, 2U);
  EXPECT_EQ(pacer.take(20 * k_ms)->connection, 1U);
  EXPECT_FALSE(pacer.take(20 * k_ms));
  EXPECT_EQ(pacer.take(51 * k_ms)->connection, 0U);
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
  EXPECT_EQ(pacer.unsent(10 * k_ms).size(), 9u);
  const std::vector<Unsent> unsent = pacer.unsent(3 * k_ms);
  ASSERT_EQ(unsent.size(), 2u);
  EXPECT_EQ(unsent[0].due_ns, 1 * k_ms);
  EXPECT_EQ(unsent[1].due_ns, 2 * k_ms);
  EXPECT_EQ(unsent[1].possible_ns, k_never_ns) << "its only connection is waiting";
  pacer.give_back(0, 10 * k_ms);
  EXPECT_FALSE(pacer.take(10 * k_ms));
}

/// Who stands still with connections free is late himself: the server had no part in it.
TEST(Pacer, WhatNeverLeftThoughAConnectionWasFreeIsToldFromWhatHadNone) {
  Pacer pacer({.connections = 3, .rate_per_s = 1000});
  pacer.begin(0, 10 * k_ms);
  ASSERT_TRUE(pacer.take(0));
  ASSERT_TRUE(pacer.take(1 * k_ms));
  pacer.give_back(0, 4 * k_ms);
  const std::vector<Unsent> unsent = pacer.unsent(6 * k_ms);
  ASSERT_EQ(unsent.size(), 4u);
  EXPECT_EQ(unsent[0].possible_ns, 2 * k_ms) << "from when it was due";
  EXPECT_EQ(unsent[1].possible_ns, 4 * k_ms) << "from when there was a connection";
  EXPECT_EQ(unsent[2].possible_ns, k_never_ns);
}

TEST(Pacer, ANewWindowForgetsTheBacklog) {
  Pacer pacer({.connections = 1, .rate_per_s = 1000});
  pacer.begin(0, 10 * k_ms);
  ASSERT_TRUE(pacer.take(0));
  pacer.begin(20 * k_ms, 30 * k_ms);
  EXPECT_EQ(pacer.take(20 * k_ms)->intended_ns, 20 * k_ms);
}

constexpr std::int64_t k_s = 1'000 * k_ms;

Stage constant(double per_s, std::chrono::milliseconds length) {
  return {per_s, per_s, length};
}

TEST(Schedule, StagesFollowEachOther) {
  using namespace std::chrono_literals;
  const Schedule schedule({constant(100, 1s), constant(1000, 500ms)});
  EXPECT_EQ(schedule.due_ns(0), 0);
  EXPECT_EQ(schedule.due_ns(99), 990 * k_ms);
  EXPECT_EQ(schedule.due_ns(100), 1000 * k_ms);
  EXPECT_EQ(schedule.due_ns(101), 1001 * k_ms);
  EXPECT_EQ(schedule.due_ns(599), 1499 * k_ms);
  EXPECT_EQ(schedule.due_ns(700), 1600 * k_ms) << "the last one goes on";
}

TEST(Schedule, ARampIsTheIntegralOfItsRate) {
  using namespace std::chrono_literals;
  // From 0 to 200/s in 2 s: 200 requests, of which request x is due at sqrt(x / 50).
  const Schedule schedule({{0, 200, 2s}, constant(200, 1s)});
  EXPECT_EQ(schedule.due_ns(0), 0);
  EXPECT_NEAR(static_cast<double>(schedule.due_ns(50)), 1e9, 1);
  EXPECT_NEAR(static_cast<double>(schedule.due_ns(2)), 0.2e9, 1);
  EXPECT_NEAR(static_cast<double>(schedule.due_ns(200)), 2e9, 1);
  EXPECT_NEAR(static_cast<double>(schedule.due_ns(400)), 3e9, 1);
  const Schedule falling({{100, 0, 1s}});
  EXPECT_NEAR(static_cast<double>(falling.due_ns(49)), (1 - 0.1 * std::sqrt(2)) * 1e9, 1e3);
  EXPECT_EQ(falling.due_ns(51), k_never_ns);
}

TEST(Schedule, APauseIsAStageWithoutRequests) {
  using namespace std::chrono_literals;
  const std::vector<Stage> stages{constant(10, 1s), constant(0, 2s), constant(10, 1s)};
  EXPECT_EQ(Schedule(stages).due_ns(9), 900 * k_ms);
  EXPECT_EQ(Schedule(stages).due_ns(10), 3 * k_s);
  EXPECT_DOUBLE_EQ(mean_rate_per_s(stages), 5);
  EXPECT_EQ(stage_at(stages, k_s - 1), 0U);
  EXPECT_EQ(stage_at(stages, k_s), 1U);
  EXPECT_EQ(stage_at(stages, 99 * k_s), 2U);
}

TEST(Schedule, ThreadsShareTheStages) {
  using namespace std::chrono_literals;
  std::vector<std::int64_t> due;
  for (const std::size_t thread : {0U, 1U}) {
    Pacer pacer({.connections = 1000,
                 .stages = {constant(10, 1s), constant(20, 1s)},
                 .thread = thread,
                 .threads = 2});
    pacer.begin(0, 2 * k_s);
    while (const auto start = pacer.take(2 * k_s - 1)) due.push_back(start->intended_ns);
  }
  std::ranges::sort(due);
  ASSERT_EQ(due.size(), 30U);
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(due[i], static_cast<std::int64_t>(i) * (i < 10 ? 100 : 50) * k_ms +
                          (i < 10 ? 0 : 500 * k_ms));
  }
}

}  // namespace
}  // namespace boxoffice::load
