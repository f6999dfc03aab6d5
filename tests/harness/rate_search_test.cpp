// The search against made-up servers whose limit is known.
#include "harness/rate_search.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace boxoffice::harness {
namespace {

struct Searched {
  FoundRate found;
  int measurements = 0;
};

Searched search(const RateSearchOptions& options, const std::function<bool(double)>& meets) {
  RateSearch search(options);
  int measurements = 0;
  while (const auto rate = search.next()) {
    search.note(meets(*rate));
    if (++measurements > 1000) ADD_FAILURE() << "does not end";
    if (measurements > 1000) break;
  }
  return {search.found(), measurements};
}

TEST(RateSearch, FindsAKnownLimitFromBothSides) {
  for (const double limit : {3.0, 90.0, 1234.0, 40'000.0}) {
    const auto [found, measurements] = search({}, [limit](double rate) { return rate <= limit; });
    ASSERT_TRUE(found.met && found.missed) << limit;
    EXPECT_LE(*found.met, limit);
    EXPECT_GT(*found.missed, limit);
    EXPECT_LE(*found.missed / *found.met, 1.05);
    EXPECT_EQ(found.met, found.certain);
    EXPECT_EQ(found.missed, found.impossible);
    EXPECT_LE(measurements, 40);
  }
}

TEST(RateSearch, OutOfReachAtBothEnds) {
  const auto none = search({.least_per_s = 10}, [](double) { return false; }).found;
  EXPECT_FALSE(none.met);
  EXPECT_EQ(none.missed, 10);
  const auto all = search({.most_per_s = 5000}, [](double) { return true; }).found;
  EXPECT_EQ(all.met, 5000);
  EXPECT_FALSE(all.missed);
}

TEST(RateSearch, ANoisyEdgeIsAnIntervalAroundTheLimit) {
  // Met with a probability that falls from 1 to 0 between 900 and 1,100 a second.
  std::mt19937_64 random(5);
  int wider = 0;
  for (int i = 0; i < 200; ++i) {
    const auto found = search({}, [&random](double rate) {
                         const double share =
                             static_cast<double>(random() >> 11) / 9007199254740992.0;
                         return share > (rate - 900) / 200;
                       }).found;
    ASSERT_TRUE(found.certain && found.impossible);
    EXPECT_LE(*found.certain, *found.impossible);
    EXPECT_GT(*found.met, 750);
    EXPECT_LT(*found.met, 1100);
    if (*found.impossible / *found.certain > 1.05) ++wider;
  }
  EXPECT_GT(wider, 20);  // where repeats disagreed, the interval shows it
}

TEST(RateSearch, AGeneratorAtItsEndStopsIt) {
  RateSearch search({.first_per_s = 1000, .repeats = 1});
  search.note(true);
  ASSERT_EQ(search.next(), 2000);
  search.stop();
  EXPECT_FALSE(search.next());
  EXPECT_EQ(search.found().met, 1000);
  EXPECT_FALSE(search.found().missed);
}

// 200 was met twice; of 400 one measurement is known when the search is ended.
TEST(RateSearch, OnlyRatesThatWereDecidedFormTheInterval) {
  for (const bool met : {true, false}) {
    RateSearch search({.first_per_s = 200});
    search.note(true);
    search.note(true);
    ASSERT_EQ(search.next(), 400);
    search.note(met);
    search.stop();
    const FoundRate found = search.found();
    EXPECT_EQ(found.met, 200);
    EXPECT_EQ(found.certain, 200) << "no interval above its answer";
    EXPECT_FALSE(found.missed || found.impossible);
  }
}

}  // namespace
}  // namespace boxoffice::harness
