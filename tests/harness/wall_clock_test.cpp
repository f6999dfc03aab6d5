// The wall clock against the monotonic one.
#include "harness/wall_clock.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "harness/target.hpp"

namespace boxoffice::harness {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(WallClock, ThatNobodySetIsNothingToSpeakOf) {
  EXPECT_EQ(properties::Breakage{}, WallClock().set_meanwhile(5'000));
}

/// A clock that stands at each of these in turn: at the first one when the run begins, at the last
/// one when it ends.
properties::Breakage seen(std::vector<std::int64_t> offsets_ms, std::int64_t slack_us = 5'000) {
  std::size_t looks = 0;
  WallClock clock([&] { return offsets_ms.at(looks++) * 1'000'000; });
  while (looks + 1 < offsets_ms.size()) clock.sample();
  return clock.set_meanwhile(slack_us);
}

TEST(WallClock, AStepInEitherDirectionIsSaid) {
  const properties::Breakage ahead = seen({7, 2'007});
  EXPECT_THAT(ahead.why, HasSubstr("+2.000"));
  EXPECT_EQ(2'000'000, ahead.clock_moved_us);
  const properties::Breakage back = seen({500, 0});
  EXPECT_THAT(back.why, HasSubstr("-0.500"));
  EXPECT_EQ(-500'000, back.clock_moved_us);
  EXPECT_EQ("", seen({500, 0}, 600'000).why) << "within the slack";
}

TEST(WallClock, AStepThatIsUndoneBeforeTheEndIsSaid) {
  EXPECT_EQ(3'000'000, seen({0, 0, 3'000, 3'000, 0}).clock_moved_us);
  EXPECT_EQ(3'000'000, seen({0, -3'000, 0}).clock_moved_us);
  EXPECT_EQ(4'000'000, seen({0, 3'000, -1'000, 0}).clock_moved_us)
      << "a hold may have been made at the one and have ended at the other";
  EXPECT_EQ(properties::Breakage{}, seen({0, 2, -2, 1}));
}

TEST(WallClock, OfAnotherMachineMayDriftWithTheHold) {
  EXPECT_EQ(6'000, clock_slack_us(1s));
  EXPECT_EQ(305'000, clock_slack_us(5min));
}

}  // namespace
}  // namespace boxoffice::harness
