// One job at a time or as many as the limit: a line on a clock of its own, whose jobs take what the
// test says, with the noise of a shared machine.
#include "server/lane_width.hpp"

#include <gtest/gtest.h>

#include <random>

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;

/// A line that never ends. Times are from one job's end to the next one's, in milliseconds.
class StandingLine {
 public:
  explicit StandingLine(int limit) : limit_(limit), width_(limit, known_) {}

  /// How many of these jobs ended while a single one was let in.
  int alone_of(int jobs, double alone_ms, double together_ms) {
    int alone = 0;
    for (int i = 0; i < jobs; ++i) {
      const bool is_alone = width_.value() == 1;
      alone += is_alone ? 1 : 0;
      pass((is_alone ? alone_ms : together_ms) * noise_(random_));
      width_.job_ended(now_, known_);
    }
    return alone;
  }
  void pass(double ms) {
    now_ += std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double, std::milli>(ms));
  }
  void stop_measuring() { width_.stop_measuring(known_); }
  void end_idle_ones(int jobs) {
    for (int i = 0; i < jobs; ++i) width_.idle_job_ended(known_);
  }
  /// Until it tries the one that is known to be slower.
  bool reach_a_trial(double alone_ms, double together_ms) {
    const bool winner = known_.alone_is_quicker();
    for (int i = 0; i < 2000 && (width_.value() == 1) == winner; ++i)
      alone_of(1, alone_ms, together_ms);
    return (width_.value() == 1) != winner;
  }
  void begin_anew() { width_ = LaneWidth(limit_, known_); }
  int width() const { return width_.value(); }
  const WidthKnowledge& known() const { return known_; }

 private:
  int limit_;
  WidthKnowledge known_;
  LaneWidth width_;
  LaneWidth::TimePoint now_{1s};
  std::mt19937_64 random_{20261130};
  std::lognormal_distribution<double> noise_{0.0, 0.5};
};

TEST(LaneWidth, ALimitOfOneIsOne) {
  StandingLine line(1);
  EXPECT_EQ(line.alone_of(10'000, 2, 1), 10'000);
  EXPECT_TRUE(line.known().is_new()) << "there is nothing to learn";
}

TEST(LaneWidth, BeginsWithTheLimitAndTriesBoth) {
  StandingLine line(2);
  EXPECT_EQ(line.width(), 2);
  EXPECT_EQ(line.alone_of(30, 1, 1), 0);
  const int alone = line.alone_of(270, 1, 1);
  EXPECT_GT(alone, 90);
  EXPECT_LT(alone, 180);
}

TEST(LaneWidth, ASingleOneWhereThatIsAFifthQuicker) {
  StandingLine line(2);
  line.alone_of(1000, 1.0, 1.25);
  EXPECT_GT(line.alone_of(10'000, 1.0, 1.25), 9'200);
  EXPECT_TRUE(line.known().alone_is_quicker());
}

TEST(LaneWidth, TheLimitWhereThatIsAFifthQuicker) {
  StandingLine line(4);
  line.alone_of(1000, 1.25, 1.0);
  EXPECT_LT(line.alone_of(10'000, 1.25, 1.0), 800);
  EXPECT_FALSE(line.known().alone_is_quicker());
}

TEST(LaneWidth, ADatabaseThatBecomesSlowerSaysNothingOfWidths) {
  for (const double ratio : {1.3, 1 / 1.3}) {
    StandingLine line(2);
    line.alone_of(2000, 1, ratio);
    const bool chosen = line.known().alone_is_quicker();
    for (const double slower : {2.0, 10.0, 1.0}) {
      const int alone = line.alone_of(3000, slower, slower * ratio);
      EXPECT_GT(chosen ? alone : 3000 - alone, 2700) << ratio << ", " << slower;
    }
  }
}

TEST(LaneWidth, OneStallChangesNothing) {
  for (const bool in_a_trial : {false, true}) {
    StandingLine line(2);
    line.alone_of(2000, 1.0, 1.25);
    if (in_a_trial) {
      ASSERT_TRUE(line.reach_a_trial(1.0, 1.25));
    }
    line.pass(3000);
    EXPECT_GT(line.alone_of(3000, 1.0, 1.25), 2700) << in_a_trial;
  }
}

TEST(LaneWidth, WhatTheDatabaseLikesBetterLaterIsFound) {
  StandingLine line(2);
  line.alone_of(2000, 1.0, 1.3);
  ASSERT_TRUE(line.known().alone_is_quicker());
  line.alone_of(10'000, 1.3, 1.0);
  EXPECT_FALSE(line.known().alone_is_quicker());
}

TEST(LaneWidth, WithoutALineNothingIsLearnt) {
  StandingLine line(2);
  for (int i = 0; i < 200; ++i) {
    line.alone_of(20, 1, 3);
    line.stop_measuring();
  }
  EXPECT_TRUE(line.known().is_new());
  EXPECT_EQ(line.width(), 2);
}

TEST(LaneWidth, ATrialThatCannotGoOnIsGivenUp) {
  StandingLine line(4);
  line.alone_of(2000, 1.0, 1.5);
  for (const bool others_change_nothing : {false, true}) {
    ASSERT_TRUE(line.reach_a_trial(1.0, 1.5));
    if (others_change_nothing) {
      line.end_idle_ones(20);
      EXPECT_EQ(line.width(), 4) << "a few of them are in every sale";
      line.end_idle_ones(20);
    } else {
      line.stop_measuring();
    }
    EXPECT_EQ(line.width(), 1) << others_change_nothing;
  }
}

// Who is told that all are sold waits for no row: any number of them goes as quickly as one.
TEST(LaneWidth, ThoseWhoFindNothingLeftTeachNothing) {
  StandingLine line(2);
  line.alone_of(2000, 1.0, 1.5);
  line.end_idle_ones(100'000);
  EXPECT_TRUE(line.known().alone_is_quicker());
  EXPECT_EQ(line.width(), 1);
}

TEST(LaneWidth, TheNextLineBeginsWithWhatIsKnown) {
  StandingLine line(2);
  line.alone_of(2000, 1.0, 1.5);
  line.begin_anew();
  EXPECT_EQ(line.width(), 1);
  EXPECT_EQ(line.alone_of(300, 1.0, 1.5), 300) << "and tries the other in its turn only";
}

}  // namespace
}  // namespace boxoffice::server
