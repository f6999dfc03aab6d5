// What is kept and for how long, who reads and who waits, and that an edit is never followed by
// what was read before it.
#include "server/event_cache.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <thread>
#include <vector>

#include "eventually.hpp"

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;
using strategies::EventId;

struct Reader final : EventReader {
  void shown(const EventText& text, Clock::duration age_given) override {
    body = text.body;
    age = age_given;
    ++told;
  }
  void not_shown(ProblemCode why) override {
    problem = why;
    ++told;
  }
  std::string body;
  Clock::duration age{};
  std::optional<ProblemCode> problem;
  std::atomic<int> told = 0;
};

class EventCacheTest : public testing::Test {
 protected:
  std::string body_of(std::int64_t event, Clock::time_point now = Clock::now()) {
    std::string body = "none";
    cache->find(EventId{event}, now, [&](const EventText& text, auto) { body = text.body; });
    return body;
  }
  /// As a request that misses and reads.
  void read(std::int64_t event, const std::string& body, Clock::time_point at = Clock::now()) {
    Reader reader;
    auto flight = cache->join(reader, EventId{event});
    ASSERT_NE(flight, nullptr);
    cache->land(std::move(flight), {"\"1.1\"", body}, at);
    EXPECT_EQ(reader.told, 0) << "who reads has its reply already";
  }
  void use(const EventCacheLimits& limits) { cache.emplace(limits); }

  std::optional<EventCache> cache{std::in_place, EventCacheLimits{.time_to_live = 1s}};
};

TEST_F(EventCacheTest, WhatWasReadIsShownUntilItIsTooOld) {
  const auto at = Clock::now();
  read(7, "seven", at);
  Clock::duration age{};
  EXPECT_TRUE(cache->find(EventId{7}, at + 300ms, [&](const EventText& text, Clock::duration a) {
    EXPECT_EQ(text.etag, "\"1.1\"");
    age = a;
  }));
  EXPECT_EQ(age, 300ms);
  EXPECT_EQ(body_of(7, at + 999ms), "seven");
  EXPECT_EQ(body_of(7, at + 1s), "none");
  EXPECT_EQ(body_of(8, at), "none");
  EXPECT_EQ(cache->counts().hits.value(), 2);
  EXPECT_EQ(cache->counts().misses.value(), 1);
  EXPECT_EQ(cache->size().entries, 1);
  cache->expire(at + 1s);
  EXPECT_EQ(cache->size().entries, 0) << "memory is not held for what nobody may see";
  EXPECT_EQ(cache->size().bytes, 0);
}

TEST_F(EventCacheTest, OneReadsAndTheOthersAreToldHowOldItIs) {
  Reader first, second, third;
  auto flight = cache->join(first, EventId{7});
  ASSERT_NE(flight, nullptr);
  EXPECT_EQ(cache->join(second, EventId{7}), nullptr);
  EXPECT_EQ(cache->join(third, EventId{7}), nullptr);
  EXPECT_EQ(second.told, 0);
  cache->land(std::move(flight), {"\"1.1\"", "seven"}, Clock::now() - 200ms);
  for (const Reader* reader : {&second, &third}) {
    EXPECT_EQ(reader->told, 1);
    EXPECT_EQ(reader->body, "seven");
    EXPECT_GE(reader->age, 200ms);
  }
  EXPECT_EQ(first.told, 0);
  EXPECT_EQ(cache->counts().waits.value(), 2);
}

TEST_F(EventCacheTest, AReadingThatFailedIsTheAnswerToAllAndNothingIsKept) {
  Reader first, second;
  auto flight = cache->join(first, EventId{7});
  cache->join(second, EventId{7});
  cache->fail(std::move(flight), ProblemCode::event_not_found);
  EXPECT_EQ(second.problem, ProblemCode::event_not_found);
  EXPECT_EQ(body_of(7), "none");
  EXPECT_NE(cache->join(first, EventId{7}), nullptr) << "the next one reads again";
}

// The edit commits between the reading's statement and its landing.
TEST_F(EventCacheTest, AnEditIsNotFollowedByWhatWasReadBeforeIt) {
  read(7, "old");
  Reader before, joined, after;
  auto slow = cache->join(before, EventId{7});
  EXPECT_EQ(cache->join(joined, EventId{7}), nullptr);
  cache->drop(EventId{7});
  EXPECT_EQ(body_of(7), "none");
  auto fresh = cache->join(after, EventId{7});
  ASSERT_NE(fresh, nullptr) << "who asks after the edit does not wait for the old reading";
  cache->land(std::move(slow), {"\"1.1\"", "old"}, Clock::now());
  EXPECT_EQ(joined.body, "old") << "who asked before may see it";
  EXPECT_EQ(body_of(7), "none");
  cache->land(std::move(fresh), {"\"2.1\"", "new"}, Clock::now());
  EXPECT_EQ(body_of(7), "new");
}

TEST_F(EventCacheTest, EntriesAndBytesAreBounded) {
  use({.time_to_live = 1h, .entries_max = 3});
  for (int event = 1; event <= 5; ++event) read(event, std::to_string(event));
  EXPECT_EQ(cache->size().entries, 3);
  EXPECT_EQ(body_of(2), "none") << "the oldest leave";
  EXPECT_EQ(body_of(5), "5");
  read(5, "again");
  EXPECT_EQ(cache->size().entries, 3);
  EXPECT_EQ(body_of(5), "again");

  use({.time_to_live = 1h, .bytes_max = 10'000});
  for (int event = 1; event <= 100; ++event) read(event, std::string(1000, 'x'));
  EXPECT_LE(cache->size().bytes, 10'000);
  EXPECT_GE(cache->size().entries, 7);
  read(1000, std::string(20'000, 'x'));
  EXPECT_EQ(cache->size().entries, 0) << "what is larger than the whole cache is not kept";
  EXPECT_EQ(cache->size().bytes, 0);
}

TEST_F(EventCacheTest, WhoWaitsLeavesAtItsDeadlineAndIsOneOfABoundedNumber) {
  use({.time_to_live = 1s, .waiting_max = 2});
  const auto now = Clock::now();
  Reader leads, late, patient, surplus;
  late.reader_deadline = now + 1s;
  patient.reader_deadline = now + 2s;
  auto flight = cache->join(leads, EventId{7});
  cache->join(late, EventId{7});
  cache->join(patient, EventId{7});
  EXPECT_EQ(cache->join(surplus, EventId{7}), nullptr);
  EXPECT_EQ(surplus.problem, ProblemCode::overloaded);
  cache->expire(now + 999ms);
  EXPECT_EQ(late.told, 0);
  cache->expire(now + 1s);
  EXPECT_EQ(late.problem, ProblemCode::overloaded);
  EXPECT_EQ(patient.told, 0);
  cache->refuse_waiting();
  EXPECT_EQ(patient.problem, ProblemCode::shutting_down);
  cache->land(std::move(flight), {"\"1.1\"", "seven"}, now);
  EXPECT_EQ(late.told, 1) << "nobody is told twice";
}

TEST_F(EventCacheTest, WithoutATimeToLiveThereIsNothing) {
  use({});
  EXPECT_FALSE(cache->is_on());
  EXPECT_EQ(body_of(7), "none");
}

// Everybody asks at once, again and again, while somebody edits: each is told exactly once, and the
// readings are few.
TEST_F(EventCacheTest, ACrowdAtAnExpiryReadsOnce) {
  use({.time_to_live = 20ms});
  constexpr int k_threads = 8, k_rounds = 300;
  std::atomic<int> readings = 0, under_way = 0, most = 0, answers = 0;
  std::latch start(k_threads);
  std::vector<std::jthread> crowd;
  for (int i = 0; i < k_threads; ++i) {
    crowd.emplace_back([&] {
      start.arrive_and_wait();
      for (int round = 0; round < k_rounds; ++round) {
        if (body_of(7) != "none") {
          ++answers;
          continue;
        }
        Reader reader;
        if (auto flight = cache->join(reader, EventId{7})) {
          most = std::max(most.load(), ++under_way);
          std::this_thread::yield();
          ++readings;
          --under_way;
          cache->land(std::move(flight), {"\"1.1\"", "seven"}, Clock::now());
        } else {
          if (!test::eventually([&] { return reader.told > 0; }))
            cache->refuse_waiting();  // or it would be told when it is no more
          EXPECT_EQ(reader.body, "seven");
        }
        ++answers;
      }
    });
  }
  crowd.clear();
  EXPECT_EQ(answers, k_threads * k_rounds);
  EXPECT_EQ(most, 1) << "never two readings of one event at a time";
  EXPECT_LT(readings, k_threads * k_rounds / 4);
  EXPECT_EQ(cache->counts().misses.value(), readings);
}

}  // namespace
}  // namespace boxoffice::server
