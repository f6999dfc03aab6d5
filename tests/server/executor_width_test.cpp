// How many of one key's jobs run, as its line narrows and widens: on a clock that the test moves.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <set>

#include "held_job.hpp"
#include "manual_clock.hpp"

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;
using test::g_time;
using test::HeldJob;
using test::manual_now;
using test::no_database;
using test::Record;

/// A line of one key of which the oldest that runs is ended, again and again.
class Line {
 public:
  Line(Executor& executor, int jobs, std::int64_t key) : executor_(executor) {
    for (int i = 0; i < jobs; ++i) jobs_.emplace_back(record_, i, key);
    for (HeldJob& job : jobs_) executor.submit(job);
    await_begun();
  }
  ~Line() {
    for (auto* jobs : {&jobs_, &newcomers_}) {
      for (HeldJob& job : *jobs) job.let_go();
    }
    for (auto* jobs : {&jobs_, &newcomers_}) {
      for (HeldJob& job : *jobs) job.ended.wait();
    }
  }
  std::size_t running() const { return running_; }
  /// After `alone`, or after `together` where several ran.
  void end_one(Clock::duration alone, Clock::duration together) {
    g_time = g_time.load() + (running_ == 1 ? alone : together);
    HeldJob& oldest = jobs_[static_cast<std::size_t>(record_.begun_now()[ended_++])];
    oldest.let_go();
    oldest.ended.wait();
    await_begun();
  }
  /// How many wait.
  std::size_t length() const { return jobs_.size() - ended_ - running_; }
  /// Whether one more may wait. Who may joins the line, which nothing else is asked of then.
  bool takes_a_newcomer() {
    HeldJob& job = newcomers_.emplace_back(record_, 0, 1);
    executor_.submit(job);
    return !job.refused;
  }

 private:
  /// Until all who are let in have begun: those who are not are still in the line.
  void await_begun() {
    for (;;) {
      const auto begun = record_.begun_now().size();
      const auto state = executor_.state();
      const auto waiting = jobs_.size() - begun;
      running_ = begun - ended_;
      if (state.ready == 0 && state.running == static_cast<std::int64_t>(running_) &&
          state.waiting == static_cast<std::int64_t>(waiting)) {
        return;
      }
      std::this_thread::yield();
    }
  }

  Executor& executor_;
  Record record_;
  std::deque<HeldJob> jobs_, newcomers_;
  std::size_t ended_ = 0, running_ = 0;
};

TEST(ExecutorWidth, ALineNarrowsToTheQuickerWidthAndWidensAgain) {
  g_time = 0s;
  Executor executor(ExecutorLimits{4, 10'000, 2, 0ms}, no_database, manual_now);
  executor.start([](strategies::Connection&) {});
  Line line(executor, 6000, 1);
  EXPECT_EQ(line.running(), 2U);
  EXPECT_EQ(executor.width(), 2);
  const auto alone_of = [&](int jobs, Clock::duration alone, Clock::duration together) {
    int is_alone = 0;
    for (int i = 0; i < jobs; ++i) {
      line.end_one(alone, together);
      EXPECT_GE(line.running(), 1U) << "the line stands: somebody is let in";
      EXPECT_LE(line.running(), 2U);
      is_alone += line.running() == 1 ? 1 : 0;
    }
    return is_alone;
  };
  alone_of(400, 1ms, 2ms);
  EXPECT_EQ(executor.width(), 1);
  EXPECT_GT(alone_of(600, 1ms, 2ms), 500);
  alone_of(3500, 2ms, 1ms);
  EXPECT_EQ(executor.width(), 2);
  EXPECT_LT(alone_of(600, 2ms, 1ms), 100) << "others were woken for those who were let in beside";
}

/// A crowd without a row, as listings are: its lane is as wide as the limit, whatever is learnt.
TEST(ExecutorWidth, ACrowdWithoutARowNeitherLearnsNorTeaches) {
  g_time = 0s;
  Executor executor(ExecutorLimits{4, 10'000, 2, 0ms}, no_database, manual_now);
  executor.start([](strategies::Connection&) {});
  {
    Line line(executor, 600, -1);
    for (int i = 0; i < 500; ++i) {
      line.end_one(1ms, 2ms);
      EXPECT_EQ(line.running(), 2U);
    }
  }
  EXPECT_EQ(executor.width(), 2);
  {
    Line line(executor, 600, 1);
    for (int i = 0; i < 400; ++i) line.end_one(1ms, 2ms);
  }
  ASSERT_EQ(executor.width(), 1);
  Line listings(executor, 10, -1);
  EXPECT_EQ(listings.running(), 2U);
}

// Two at a time take as long each as two in turn: a place in the line costs the same, and nobody is
// refused, or let in, for the width that is being tried.
TEST(ExecutorWidth, WhatANewcomerMustExpectDoesNotHangOnTheWidthOfTheMoment) {
  g_time = 0s;
  Executor executor(ExecutorLimits{4, 10'000, 2, 1s}, no_database, manual_now);
  executor.start([](strategies::Connection&) {});
  Line line(executor, 340, 1);
  std::set<std::size_t> widths;
  for (int i = 0; i < 101; ++i) {  // then it is no rush any more
    line.end_one(10ms, 10ms);
    widths.insert(line.running());
  }
  EXPECT_EQ(widths, (std::set<std::size_t>{1, 2}));
  while (line.length() > 1 && !line.takes_a_newcomer()) line.end_one(10ms, 10ms);
  EXPECT_NEAR(static_cast<double>(line.length()), 100, 5) << "of 10 ms: the second that it may be";
}

/// Leaves the others time to run beside it; the first ones wait until as many as may do.
class MeetingJob : public Job {
 public:
  MeetingJob(std::atomic<int>& running, std::atomic<int>& most, std::atomic<int>& ended)
      : running_(running), most_(most), ended_(ended) {
    key = 1;
  }
  bool run(strategies::Connection&) override {
    const int now = ++running_;
    for (int seen = most_; seen < now && !most_.compare_exchange_weak(seen, now);) {
    }
    for (int i = 0; i < 20 || (most_ < 3 && i < 1'000'000); ++i) std::this_thread::yield();
    --running_;
    ++ended_;
    return true;
  }
  void refuse(Refused) override { ADD_FAILURE() << "nobody is refused here"; }

 private:
  std::atomic<int>&running_, &most_, &ended_;
};

TEST(ExecutorWidth, EachRunsOnceAndNeverMoreThanTheLimitAtOnce) {
  constexpr int k_jobs = 4000;
  std::atomic<int> running = 0, most = 0, ended = 0;
  std::deque<MeetingJob> jobs;
  for (int i = 0; i < k_jobs; ++i) jobs.emplace_back(running, most, ended);
  Record record;
  HeldJob first(record, 0, 1);
  {
    Executor executor(ExecutorLimits{6, 1'000'000, 3, 0ms}, no_database);
    executor.start([](strategies::Connection&) {});
    executor.submit(first);
    record.wait_for(1);
    for (MeetingJob& job : jobs) executor.submit(job);
    first.let_go();
    while (executor.unfinished() > 0) std::this_thread::yield();
  }
  EXPECT_EQ(ended, k_jobs);
  EXPECT_EQ(most, 3);
}

}  // namespace
}  // namespace boxoffice::server
