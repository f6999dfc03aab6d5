// The test looks itself, in place of the thread: nothing waits.
#include "server/lock_watch.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;

TEST(LockWatch, KeepsTheLongestOfTheLastFifteenLooks) {
  strategies::LockWaits now{1, 0us, {}};
  LockWatch watch([&] { return now; });
  EXPECT_FALSE(watch.recent().has_value());
  now.longest = 700ms;
  watch.look();
  now = {0, 3ms, {}};
  for (int i = 0; i < 14; ++i) watch.look();
  EXPECT_EQ(700ms, watch.recent().value().longest);
  EXPECT_EQ(0, watch.recent()->waiting) << "as of the last look";
  watch.look();
  EXPECT_EQ(3ms, watch.recent().value().longest);
}

TEST(LockWatch, WhatIsNotKnownIsNotShown) {
  bool answers = true;
  LockWatch watch([&] {
    if (!answers) throw std::runtime_error("the database is away");
    return strategies::LockWaits{2, 900ms, {}};
  });
  watch.look();
  EXPECT_TRUE(watch.recent().has_value());
  answers = false;
  watch.look();
  EXPECT_FALSE(watch.recent().has_value());
}

TEST(LockWatch, AnEngineThatKeepsSumsHasNoLongest) {
  LockWatch watch([] { return strategies::LockWaits{0, {}, strategies::EndedLockWaits{5, 40ms}}; });
  watch.look();
  EXPECT_FALSE(watch.recent().value().longest.has_value());
  EXPECT_EQ(5, watch.recent()->ended.value().waits);
}

}  // namespace
}  // namespace boxoffice::server
