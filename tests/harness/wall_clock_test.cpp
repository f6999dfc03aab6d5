// The wall clock against the monotonic one.
#include "harness/wall_clock.hpp"

#include <gmock/gmock.h>

#include "harness/target.hpp"

namespace boxoffice::harness {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(WallClock, ThatNobodySetIsNothingToSpeakOf) {
  EXPECT_EQ(properties::Breakage{}, WallClock().set_meanwhile(5'000));
}

TEST(WallClock, AStepInEitherDirectionIsSaid) {
  const std::int64_t now_ns = WallClock::offset_now_ns();
  const properties::Breakage ahead = WallClock(now_ns - 2'000'000'000).set_meanwhile(5'000);
  EXPECT_THAT(ahead.why, HasSubstr("+2.00"));
  EXPECT_NEAR(2'000'000, static_cast<double>(ahead.clock_moved_us), 5'000);
  const properties::Breakage back = WallClock(now_ns + 500'000'000).set_meanwhile(5'000);
  EXPECT_THAT(back.why, HasSubstr("-0.50"));
  EXPECT_NEAR(-500'000, static_cast<double>(back.clock_moved_us), 5'000);
  EXPECT_EQ("", WallClock(now_ns + 500'000'000).set_meanwhile(600'000).why) << "within the slack";
}

TEST(WallClock, OfAnotherMachineMayDriftWithTheHold) {
  EXPECT_EQ(6'000, clock_slack_us(1s));
  EXPECT_EQ(305'000, clock_slack_us(5min));
}

}  // namespace
}  // namespace boxoffice::harness
