// How many of one key's jobs run, as its line narrows and widens: on a clock that the test moves.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>

#include "held_job.hpp"

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;
using test::HeldJob;
using test::no_database;
using test::Record;

std::atomic<Clock::duration> g_clock{0s};

Clock::time_point clock_of_test() {
  return Clock::time_point{} + g_clock.load();
}

/// A line of one key of which the oldest that runs is ended, again and again.
class Line {
 public:
  Line(Executor& executor, int jobs) : executor_(executor) {
    for (int i = 0; i < jobs; ++i) jobs_.emplace_back(record_, i, 1);
    for (HeldJob& job : jobs_) executor.submit(job);
    await_begun();
  }
  ~Line() {
    for (HeldJob& job : jobs_) job.let_go();
    for (HeldJob& job : jobs_) job.ended.wait();
  }
  std::size_t running() const { return running_; }
  /// After `alone`, or after `together` where several ran.
  void end_one(Clock::duration alone, Clock::duration together) {
    g_clock = g_clock.load() + (running_ == 1 ? alone : together);
    HeldJob& oldest = jobs_[static_cast<std::size_t>(record_.begun_now()[ended_++])];
    oldest.let_go();
    oldest.ended.wait();
    await_begun();
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
  std::deque<HeldJob> jobs_;
  std::size_t ended_ = 0, running_ = 0;
};

TEST(ExecutorWidth, ALineNarrowsToTheQuickerWidthAndWidensAgain) {
  g_clock = 0s;
  Executor executor(ExecutorLimits{4, 10'000, 2, 0ms}, no_database, clock_of_test);
  executor.start([](strategies::Connection&) {});
  Line line(executor, 6000);
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

/// Ends by itself, after a time that has nothing to do with how many run.
class QuickJob : public Job {
 public:
  QuickJob(std::atomic<int>& running, std::atomic<int>& most, std::atomic<int>& ended)
      : running_(running), most_(most), ended_(ended) {
    key = 1;
  }
  void run(strategies::Connection&) override {
    const int now = ++running_;
    for (int seen = most_; seen < now && !most_.compare_exchange_weak(seen, now);) {
    }
    g_clock = g_clock.load() + std::chrono::microseconds(now * 1000 + ended_ % 7);
    --running_;
    ++ended_;
  }
  void refuse(Refused) override { ADD_FAILURE() << "nobody is refused here"; }

 private:
  std::atomic<int>&running_, &most_, &ended_;
};

TEST(ExecutorWidth, EachRunsOnceAndNeverMoreThanTheLimitAtOnce) {
  constexpr int k_submitters = 4, k_each = 2000;
  g_clock = 0s;
  std::atomic<int> running = 0, most = 0, ended = 0;
  std::deque<QuickJob> jobs;
  for (int i = 0; i < k_submitters * k_each; ++i) jobs.emplace_back(running, most, ended);
  {
    Executor executor(ExecutorLimits{6, 1'000'000, 3, 0ms}, no_database, clock_of_test);
    executor.start([](strategies::Connection&) {});
    std::vector<std::thread> submitters;
    for (int s = 0; s < k_submitters; ++s) {
      submitters.emplace_back([&, s] {
        for (int i = 0; i < k_each; ++i)
          executor.submit(jobs[static_cast<std::size_t>(s * k_each + i)]);
      });
    }
    for (auto& submitter : submitters) submitter.join();
    while (executor.unfinished() > 0) std::this_thread::yield();
  }
  EXPECT_EQ(ended, k_submitters * k_each);
  EXPECT_LE(most, 3);
}

}  // namespace
}  // namespace boxoffice::server
