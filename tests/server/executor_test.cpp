// Jobs here wait on latches and semaphores, and time is a number that the test hands in: nothing
// sleeps.
#include "server/executor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "held_job.hpp"

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;
using test::HeldJob;
using test::no_database;
using test::Record;

std::unique_ptr<Executor> started(int threads, std::int64_t queue, int per_key) {
  auto executor = std::make_unique<Executor>(ExecutorLimits{threads, queue, per_key}, no_database);
  executor->start([](strategies::Connection&) {});
  return executor;
}

TEST(Executor, AdmitsKOfAKeyAndKeepsTheOthersInOrder) {
  Record record;
  const auto executor = started(4, 100, 2);
  std::vector<std::unique_ptr<HeldJob>> jobs;
  for (int i = 0; i < 6; ++i) jobs.push_back(std::make_unique<HeldJob>(record, i, 1));
  for (auto& job : jobs) executor->submit(*job);
  record.wait_for(2);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    EXPECT_EQ(record.begun_now().size(), std::min<std::size_t>(i + 2, 6));
    jobs[i]->let_go();
    jobs[i]->ended.wait();
    if (i + 2 < jobs.size()) record.wait_for(1);
  }
  auto begun = record.begun_now();
  std::sort(begun.begin(), begun.begin() + 2);  // the first two begin at once
  EXPECT_EQ(begun, (std::vector{0, 1, 2, 3, 4, 5}));
}

TEST(Executor, AHotKeyLeavesThreadsToOthers) {
  Record record;
  const auto executor = started(2, 100, 1);
  HeldJob hot(record, 0, 1), hot_next(record, 1, 1), other(record, 2, 2), keyless(record, 3);
  executor->submit(hot);
  executor->submit(hot_next);
  record.wait_for(1);
  executor->submit(other);
  record.wait_for(1);
  EXPECT_EQ(record.begun_now(), (std::vector{0, 2}));
  other.let_go();
  executor->submit(keyless);
  record.wait_for(1);
  EXPECT_EQ(record.begun_now(), (std::vector{0, 2, 3}));
  for (auto* job : {&hot, &hot_next, &keyless}) job->let_go();
  for (auto* job : {&hot, &hot_next, &other, &keyless}) job->ended.wait();
}

TEST(Executor, WhatWaitsIsTurnedAwayAndWhatComesLaterIsNot) {
  Record record;
  const auto executor = started(1, 100, 1);
  HeldJob running(record, 0, 1), in_line(record, 1, 1), keyless(record, 2), later(record, 3, 1);
  executor->submit(running);
  record.wait_for(1);
  executor->submit(in_line);
  executor->submit(keyless);
  executor->turn_away(Refused::database_away);
  EXPECT_EQ(in_line.refused, Refused::database_away);
  EXPECT_EQ(keyless.refused, Refused::database_away);
  executor->submit(later);
  running.let_go();
  later.let_go();
  later.ended.wait();
  EXPECT_EQ(record.begun_now(), (std::vector{0, 3}));
  EXPECT_FALSE(running.refused || later.refused);
}

TEST(Executor, AHotKeyTakesTurnsWhereThereIsOneThread) {
  Record record;
  const auto executor = started(1, 100, 1);
  HeldJob first(record, 0, 1), second(record, 1, 1), third(record, 2, 1), other(record, 9, 2);
  for (auto* job : {&first, &second, &third, &other}) executor->submit(*job);
  for (auto* job : {&first, &second, &third, &other}) job->let_go();
  for (auto* job : {&first, &second, &third, &other}) job->ended.wait();
  EXPECT_EQ(record.begun_now(), (std::vector{0, 9, 1, 2}));
}

TEST(Executor, TheThreadThatEndsAJobTakesTheNextOfItsKey) {
  Record record;
  const auto executor = started(8, 100, 1);
  std::vector<std::unique_ptr<HeldJob>> jobs;
  for (int i = 0; i < 20; ++i) jobs.push_back(std::make_unique<HeldJob>(record, i, 1));
  for (auto& job : jobs) executor->submit(*job);
  for (auto& job : jobs) job->let_go();
  for (auto& job : jobs) job->ended.wait();
  EXPECT_EQ(record.threads.size(), 1U);
}

TEST(Executor, UnlimitedMeansAllAtOnce) {
  Record record;
  const auto executor = started(4, 100, 0);
  std::vector<std::unique_ptr<HeldJob>> jobs;
  for (int i = 0; i < 4; ++i) jobs.push_back(std::make_unique<HeldJob>(record, i, 1));
  for (auto& job : jobs) executor->submit(*job);
  record.wait_for(4);
  for (auto& job : jobs) job->let_go();
  for (auto& job : jobs) job->ended.wait();
}

TEST(Executor, AFullQueueRefusesAtOnce) {
  Record record;
  const auto executor = started(1, 2, 1);
  HeldJob running(record, 0, 1), ready(record, 1, 2), lined_up(record, 2, 1),
      too_many(record, 3, 3);
  executor->submit(running);
  record.wait_for(1);
  executor->submit(ready);
  executor->submit(lined_up);
  executor->submit(too_many);
  too_many.ended.wait();
  EXPECT_EQ(too_many.refused, Refused::overloaded);
  for (auto* job : {&running, &ready, &lined_up}) job->let_go();
  for (auto* job : {&running, &ready, &lined_up}) job->ended.wait();
}

TEST(Executor, RefusesWhatHasWaitedTooLongAndNothingElse) {
  Record record;
  const auto executor = started(1, 100, 1);
  const Clock::time_point start{};
  HeldJob running(record, 0, 1), late(record, 1, 1), later(record, 2, 1), early(record, 3, 2);
  running.deadline = start + 1s;
  later.deadline = start + 20s;
  late.deadline = start + 10s;
  early.deadline = start + 5s;
  executor->submit(running);
  record.wait_for(1);
  for (auto* job : {&later, &late, &early}) executor->submit(*job);
  executor->expire(start + 4s);
  EXPECT_EQ(executor->unfinished(), 4);
  executor->expire(start + 10s);
  EXPECT_EQ(late.refused, Refused::overloaded);
  EXPECT_EQ(early.refused, Refused::overloaded);
  EXPECT_FALSE(running.refused);
  EXPECT_FALSE(later.refused);
  running.let_go();
  record.wait_for(1);
  later.let_go();
  later.ended.wait();
  EXPECT_EQ(record.begun_now(), (std::vector{0, 2}));
}

TEST(Executor, AnAdmittedJobThatExpiresMakesRoomForTheNextOfItsKey) {
  Record record;
  const auto executor = started(1, 100, 1);
  HeldJob running(record, 0), admitted(record, 1, 1), lined_up(record, 2, 1);
  admitted.deadline = Clock::time_point{} + 1s;
  executor->submit(running);
  record.wait_for(1);
  executor->submit(admitted);
  executor->submit(lined_up);
  executor->expire(Clock::time_point{} + 2s);
  EXPECT_TRUE(admitted.refused);
  running.let_go();
  record.wait_for(1);
  EXPECT_EQ(record.begun_now(), (std::vector{0, 2}));
  lined_up.let_go();
  lined_up.ended.wait();
}

std::int64_t observed(const LatencyHistogram& histogram) {
  std::int64_t count = 0;
  for (const auto of_bucket : histogram.buckets()) count += of_bucket;
  return count;
}

TEST(Executor, EachWaitIsObservedOnceWhereItWasSpent) {
  Record record;
  const auto executor = started(1, 100, 1);
  HeldJob running(record, 0, 1), in_line(record, 1, 1), keyless(record, 2), late(record, 3, 1);
  executor->submit(running);
  record.wait_for(1);
  EXPECT_EQ(observed(executor->admission_wait()), 1) << "no wait is a wait of nothing";
  EXPECT_EQ(observed(executor->pool_wait()), 1);
  late.deadline = Clock::time_point{} + 1s;
  for (auto* job : {&in_line, &keyless, &late}) executor->submit(*job);
  const auto full = executor->state();
  EXPECT_EQ(full.running, 1);
  EXPECT_EQ(full.waiting, 3);
  EXPECT_EQ(full.ready, 1) << "the two others wait for admission";

  executor->expire(Clock::time_point{} + 2s);
  ASSERT_TRUE(late.refused);
  EXPECT_EQ(observed(executor->admission_wait()), 2) << "of one that was refused, too";
  EXPECT_EQ(observed(executor->pool_wait()), 1) << "it never came so far";
  for (auto* job : {&running, &in_line, &keyless}) job->let_go();
  for (auto* job : {&running, &in_line, &keyless}) job->ended.wait();
  EXPECT_EQ(observed(executor->admission_wait()), 3) << "keyless has none";
  EXPECT_EQ(observed(executor->pool_wait()), 3);
  EXPECT_GT(executor->admission_wait().sum_s(), 0);
}

TEST(Executor, StoppingRefusesWhatWaitsAndEndsWhatRuns) {
  Record record;
  auto executor = started(1, 100, 1);
  HeldJob running(record, 0, 1), waiting(record, 1, 1), late(record, 2);
  executor->submit(running);
  record.wait_for(1);
  executor->submit(waiting);
  executor->refuse_waiting();
  EXPECT_EQ(waiting.refused, Refused::shutting_down);
  executor->submit(late);
  EXPECT_EQ(late.refused, Refused::shutting_down);
  running.let_go();
  executor->stop();
  EXPECT_FALSE(running.refused);
  EXPECT_EQ(executor->unfinished(), 0);
}

TEST(Executor, AConnectionThatFailsAtTheStartIsThrown) {
  Executor executor(ExecutorLimits{4, 10, 1}, no_database);
  std::atomic<int> tried = 0;
  EXPECT_THROW(executor.start([&](strategies::Connection&) {
    if (++tried == 3) throw std::runtime_error("too many clients");
  }),
               std::runtime_error);
  EXPECT_EQ(tried, 4);
}

}  // namespace
}  // namespace boxoffice::server
