// Who is refused since the line is too long: with a clock that the test moves, so that a run is
// exactly as long as it is said to be.
#include <gtest/gtest.h>

#include "held_job.hpp"
#include "manual_clock.hpp"
#include "server/run_times.hpp"

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;
using test::g_time;
using test::HeldJob;
using test::manual_now;
using test::no_database;
using test::Record;

/// Its threads, or the slots of its lane, are all at work, and a job is known to run `each`.
class BusyExecutor {
 public:
  BusyExecutor(int threads, int per_key, Clock::duration each)
      : executor_(ExecutorLimits{threads, 10'000, per_key, 500ms}, no_database, manual_now) {
    executor_.start([](strategies::Connection&) {});
    HeldJob known(record_, -1, k_key);
    executor_.submit(known);
    record_.wait_for(1);
    pass(each);
    known.let_go();
    known.ended.wait();
    for (int i = 0; i < (per_key > 0 ? per_key : threads); ++i) run_one(k_key);
  }
  ~BusyExecutor() {
    for (auto& job : jobs_) job->let_go();
    for (auto& job : jobs_) job->ended.wait();
  }

  static void pass(Clock::duration time) { g_time = g_time.load() + time; }
  /// Whether it may wait, with five seconds to its deadline.
  bool takes(std::int64_t key) { return !submit(key).refused; }
  std::int64_t taken_of(int newcomers, std::int64_t key) {
    for (int i = 0; i < newcomers; ++i) submit(key);
    return executor_.waiting();
  }
  void run_one(std::int64_t key) {
    submit(key);
    record_.wait_for(1);
  }
  /// The oldest one that was taken and still runs ends; the next begins.
  void end_one() {
    jobs_[ended_]->let_go();
    jobs_[ended_]->ended.wait();
    ++ended_;
    record_.wait_for(1);
  }

  static constexpr std::int64_t k_key = 1;

 private:
  HeldJob& submit(std::int64_t key) {
    jobs_.push_back(std::make_unique<HeldJob>(record_, static_cast<int>(jobs_.size()), key));
    jobs_.back()->deadline = manual_now() + 5s;
    executor_.submit(*jobs_.back());
    return *jobs_.back();
  }

  Record record_;
  Executor executor_;
  std::vector<std::unique_ptr<HeldJob>> jobs_;
  std::size_t ended_ = 0;
};

TEST(QueueWait, ARushIsTakenAsFarAsItCanBeServed) {
  BusyExecutor executor(1, 0, 10ms);
  EXPECT_EQ(executor.taken_of(1000, 0), 400) << "four of the five seconds that they have";
}

TEST(QueueWait, ARushOnOneEventIsTakenAsFarAsItsLineMoves) {
  BusyExecutor executor(8, 2, 10ms);
  EXPECT_EQ(executor.taken_of(2000, BusyExecutor::k_key), 800) << "two at a time";
  EXPECT_TRUE(executor.takes(2)) << "the other events do not wait for it";
}

TEST(QueueWait, ALineThatLastsIsAsLongAsItsWaitMayBe) {
  BusyExecutor executor(1, 0, 10ms);
  EXPECT_EQ(executor.taken_of(100, 0), 100);
  BusyExecutor::pass(999ms);
  EXPECT_TRUE(executor.takes(0)) << "still a rush";
  BusyExecutor::pass(1ms);
  EXPECT_FALSE(executor.takes(0)) << "a second's work";
}

TEST(QueueWait, ALineOfOneEventThatLastsIsAsLongAsItsWaitMayBe) {
  BusyExecutor executor(8, 2, 10ms);
  EXPECT_EQ(executor.taken_of(110, BusyExecutor::k_key), 110);
  BusyExecutor::pass(1s);
  EXPECT_FALSE(executor.takes(BusyExecutor::k_key));
  EXPECT_TRUE(executor.takes(2));
}

TEST(QueueWait, AfterALineWasEmptyTheNextIsARushAgain) {
  BusyExecutor executor(1, 0, 600ms);
  EXPECT_TRUE(executor.takes(0));
  BusyExecutor::pass(1s);
  EXPECT_FALSE(executor.takes(0));
  executor.end_one();
  EXPECT_TRUE(executor.takes(0));
}

TEST(QueueWait, WhereAnyWaitIsFineNobodyIsRefusedForIt) {
  Record record;
  Executor executor(ExecutorLimits{1, 100, 0, 0ms}, no_database, manual_now);
  executor.start([](strategies::Connection&) {});
  HeldJob first(record, 0), second(record, 1), third(record, 2);
  executor.submit(first);
  record.wait_for(1);
  BusyExecutor::pass(1h);
  first.let_go();
  first.ended.wait();
  executor.submit(second);
  record.wait_for(1);
  third.deadline = manual_now() + 5s;
  executor.submit(third);
  EXPECT_FALSE(third.refused);
  for (auto* job : {&second, &third}) job->let_go();
  for (auto* job : {&second, &third}) job->ended.wait();
}

TEST(RunTimes, AreThoseOfLate) {
  RunTimes times;
  EXPECT_EQ(times.mean(), 0ms);
  EXPECT_EQ(times.supposed().mean(), 0ms);
  for (int i = 0; i < 5000; ++i) times.add(10ms);
  EXPECT_EQ(times.mean(), 10ms);
  for (int i = 0; i < 16; ++i) times.add(200ms);
  EXPECT_LT(times.mean(), 17ms) << "a stall of all threads is no new pace";
  for (int i = 0; i < 200; ++i) times.add(200ms);
  EXPECT_GT(times.mean(), 150ms) << "a slow database is";
  EXPECT_EQ(times.supposed().mean(), times.mean());
}

}  // namespace
}  // namespace boxoffice::server
