// What a threshold is held against, and when it is held against nothing.
#include "harness/thresholds.hpp"

#include <gmock/gmock.h>

#include "harness/failure.hpp"

namespace boxoffice::harness {
namespace {

using load::Outcome;
using ::testing::HasSubstr;

load::LoadResult of_successes(std::uint64_t count, std::int64_t response_ns) {
  load::LoadResult result;
  result.started = count;
  result.outcomes[Outcome::success] = count;
  for (std::uint64_t i = 0; i < count; ++i)
    result.latency[load::index_of(Outcome::success)].response.record(response_ns);
  return result;
}

bool held(const std::string& text, const load::LoadResult& result) {
  return measure(parse_threshold(text), result).held;
}

TEST(Thresholds, WhatWasGivenUpAfterTheWindowIsAnError) {
  load::LoadResult result = of_successes(900, 1'000'000);
  EXPECT_TRUE(held("errors<1%", result));
  result.late_outcomes[Outcome::indeterminate] = 64;  // a server that hangs, and all connections
  EXPECT_FALSE(held("errors<1%", result));
  EXPECT_NEAR(64.0 / 964, error_share(result), 1e-9);
  EXPECT_NEAR(64.0 / 964, failed_share(result, {}), 1e-9);
}

TEST(Thresholds, ASaturatedGeneratorMeasuredNothing) {
  load::LoadResult result = of_successes(900, 1'000'000);
  EXPECT_EQ("", why_not_measured(parse_threshold("p99<50ms"), result));
  result.figure_valid = false;
  result.figure_why = "a generator thread was busy";
  for (const char* text : {"p99<50ms", "goodput>1", "errors<1%"})
    EXPECT_EQ("a generator thread was busy", why_not_measured(parse_threshold(text), result));
}

TEST(Thresholds, OfWhatWasNeverSentNoResponseTimeIsKnown) {
  load::LoadResult result = of_successes(980, 1'000'000);
  result.unsent = 9;
  EXPECT_EQ("", why_not_measured(parse_threshold("p99<50ms"), result))
      << "one in a hundred at most";
  result.unsent = 20;
  EXPECT_THAT(why_not_measured(parse_threshold("p99<50ms"), result),
              HasSubstr("20 of 1000 requests that were due were never sent"));
  EXPECT_EQ("", why_not_measured(parse_threshold("goodput>1"), result)) << "that is what it is";
}

TEST(Thresholds, ALowerBoundBeyondTheBoundIsEnough) {
  load::LoadResult result = of_successes(900, 1'000'000);
  result.unsent = 100;
  for (int i = 0; i < 100; ++i)  // as Tally::never_sent counts them
    result.latency[load::index_of(Outcome::success)].response.record(800'000'000);
  const Threshold reached = parse_threshold("p99<50ms");
  EXPECT_EQ("", why_not_measured(reached, result)) << "it would only be longer";
  EXPECT_FALSE(measure(reached, result).held);
  EXPECT_THAT(measure(reached, result).value, HasSubstr("at least 80"));
  EXPECT_NE("", why_not_measured(parse_threshold("p99<900ms"), result));
  EXPECT_NE("", why_not_measured(parse_threshold("p50<50ms"), result)) << "or it is longer, too";
}

/// Read as 50 seconds and as all requests, they would be held by any server.
TEST(Thresholds, ABareNumberIsNoTimeAndNoPercentage) {
  for (const char* text : {"p99<50", "max<1", "p50<", "errors<1", "errors<5", "errors<150%"})
    EXPECT_THROW(parse_threshold(text), UsageError) << text;
  EXPECT_EQ(parse_threshold("p99<50ms").bound, 50);
  EXPECT_EQ(parse_threshold("p99<1s").bound, 1000);
  EXPECT_EQ(parse_threshold("errors<1%").bound, 0.01);
  EXPECT_EQ(parse_threshold("errors<0.01").bound, 0.01);
  EXPECT_EQ(parse_threshold("goodput>1000").bound, 1000);
}

}  // namespace
}  // namespace boxoffice::harness
