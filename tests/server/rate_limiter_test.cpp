// Windows with time from outside, and memory that made-up keys cannot fill.
#include "server/limits.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;
const Clock::time_point k_start{1000s};

TEST(RateLimiter, CountsDownAndRefusesAndStartsAgain) {
  RateLimiter limiter(2, 60s);
  EXPECT_EQ(limiter.take("a", k_start).remaining, 1);
  EXPECT_EQ(limiter.take("a", k_start + 10s).remaining, 0);
  const Allowance refused = limiter.take("a", k_start + 20500ms);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.limit, 2);
  EXPECT_EQ(refused.retry_after_s, 40) << "rounded up: earlier would be refused again";
  EXPECT_TRUE(limiter.take("b", k_start + 20s).allowed) << "keys are apart";
  const Allowance again = limiter.take("a", k_start + 60s);
  EXPECT_TRUE(again.allowed);
  EXPECT_EQ(again.remaining, 1);
}

TEST(RateLimiter, ARefusalDoesNotProlongTheWindow) {
  RateLimiter limiter(1, 60s);
  limiter.take("a", k_start);
  for (int i = 1; i < 60; ++i) EXPECT_FALSE(limiter.take("a", k_start + i * 1s).allowed);
  EXPECT_TRUE(limiter.take("a", k_start + 60s).allowed);
}

TEST(RateLimiter, WhatIsGivenBackIsThereAgainInItsOwnWindowOnly) {
  RateLimiter limiter(2, 60s);
  const auto first = limiter.take("a", k_start);
  limiter.take("a", k_start);
  limiter.give_back("a", first.window_end);
  EXPECT_TRUE(limiter.take("a", k_start).allowed);
  EXPECT_FALSE(limiter.take("a", k_start).allowed);
  EXPECT_EQ(limiter.take("a", k_start + 60s).remaining, 1);
  limiter.give_back("a", first.window_end);
  EXPECT_EQ(limiter.take("a", k_start + 60s).remaining, 0);
  limiter.give_back("nobody", first.window_end);
}

TEST(LoginThrottle, AnAttemptThatNeitherFailedNorSucceededIsNotCounted) {
  LoginThrottle throttle(2);
  const auto begin = [&](LoginAttempt& attempt) {
    return throttle.begin("ada@example.test", "127.0.0.1", k_start, attempt).allowed;
  };
  LoginAttempt failed, under_way, one_too_many;
  EXPECT_TRUE(begin(failed));
  failed.failed();
  EXPECT_TRUE(begin(under_way));
  EXPECT_FALSE(begin(one_too_many)) << "before any of them is done";
  under_way = {};
  LoginAttempt next;
  EXPECT_TRUE(begin(next));
  EXPECT_FALSE(begin(one_too_many)) << "the failed one counts";
}

TEST(RateLimiter, ZeroIsNoLimitAndALimitCanChange) {
  RateLimiter limiter(0, 60s);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.take("a", k_start).allowed);
  EXPECT_EQ(limiter.take("a", k_start).limit, 0);
  limiter.set_limit(1);
  EXPECT_TRUE(limiter.take("a", k_start).allowed);
  EXPECT_FALSE(limiter.take("a", k_start).allowed);
}

// Who floods it with other keys may make it forget the idle, not those who ask all the time.
TEST(RateLimiter, MadeUpKeysDoNotFreeOneThatKeepsAsking) {
  RateLimiter limiter(3, 60s, 1000);
  for (int i = 0; i < 3; ++i) limiter.take("guilty", k_start);
  for (int i = 0; i < 100'000; ++i) {
    limiter.take("made up " + std::to_string(i), k_start);
    if (i % 10 == 0) {
      ASSERT_FALSE(limiter.take("guilty", k_start).allowed) << i;
    }
  }
}

TEST(RateLimiter, ManyThreadsAreAllowedAsManyAsOne) {
  RateLimiter limiter(1000, 60s);
  std::atomic<int> allowed = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) allowed += limiter.take("a", k_start).allowed ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(allowed, 1000);
}

}  // namespace
}  // namespace boxoffice::server
