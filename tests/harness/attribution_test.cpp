// The server's histograms of reserves, read, subtracted and put into quantiles; and the live
// display as text.
#include "harness/attribution.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/live_frame.hpp"

namespace boxoffice::harness {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ResultOf;
using ::testing::SizeIs;

/// As the server writes it: `a` up to 1 ms, `b` in all, of which the rest is beyond every bound.
std::string metrics(double up_to_1ms, double up_to_2ms, double all, double sum_s) {
  const std::string name = "boxoffice_reserve_time_seconds_";
  const auto bucket = [&](const char* bound, double count) {
    return name + "bucket{part=\"locking\",strategy=\"atomic\",le=\"" + bound + "\"} " +
           std::to_string(count) + "\n";
  };
  return "# TYPE boxoffice_reserve_time_seconds histogram\n" + name +
         "count{part=\"locking\",strategy=\"atomic\"} " + std::to_string(all) + "\n" + name +
         "sum{part=\"locking\",strategy=\"atomic\"} " + std::to_string(sum_s) + "\n" +
         bucket("0.001", up_to_1ms) + bucket("0.002", up_to_2ms) + bucket("+Inf", all) +
         "boxoffice_pool_size{strategy=\"atomic\"} 4\n";
}

TEST(Attribution, QuantilesAreInterpolatedWithinTheirBucket) {
  const auto times = read_reserve_times(metrics(50, 100, 100, 0.12));
  ASSERT_THAT(times, SizeIs(1));
  const TimeBuckets& locking = times.at("locking");
  EXPECT_EQ(locking.count(), 100);
  EXPECT_DOUBLE_EQ(locking.mean_ms(), 1.2);
  EXPECT_DOUBLE_EQ(locking.quantile_ms(0.25).value(), 0.5);
  EXPECT_DOUBLE_EQ(locking.quantile_ms(0.5).value(), 1);
  EXPECT_DOUBLE_EQ(locking.quantile_ms(0.75).value(), 1.5);
  EXPECT_DOUBLE_EQ(locking.quantile_ms(0.99).value(), 1.98);
  EXPECT_FALSE(locking.quantile_ms(0.999)) << "of 100 samples none lies above it";
}

TEST(Attribution, NoQuantileIsMoreThanTheMeanAllows) {
  const auto nothing = read_reserve_times(metrics(100, 100, 100, 0)).at("locking");
  EXPECT_DOUBLE_EQ(nothing.quantile_ms(0.5).value(), 0) << "nobody waited at all";
  const auto little = read_reserve_times(metrics(100, 100, 100, 0.0001)).at("locking");
  EXPECT_DOUBLE_EQ(little.mean_ms(), 0.001);
  EXPECT_DOUBLE_EQ(little.quantile_ms(0.5).value(), 0.002);
  EXPECT_DOUBLE_EQ(little.quantile_ms(0.9).value(), 0.01);
}

TEST(Attribution, BeyondTheLastBoundIsTheLastBound) {
  EXPECT_DOUBLE_EQ(read_reserve_times(metrics(0, 0, 100, 5)).at("locking").quantile_ms(0.5).value(),
                   2);
}

TEST(Attribution, WhatWasThereBeforeIsSubtracted) {
  const auto before = read_reserve_times(metrics(1000, 1000, 1000, 0.5));
  const auto after = read_reserve_times(metrics(1000, 1100, 1100, 0.7));
  const auto measured = after - before;
  EXPECT_EQ(measured.at("locking").count(), 100);
  EXPECT_NEAR(measured.at("locking").mean_ms(), 2, 1e-9);
  EXPECT_DOUBLE_EQ(measured.at("locking").quantile_ms(0.5).value(), 1.5);
  const auto fields = reserve_times_fields(measured);
  EXPECT_EQ(fields.at("count").as_int64(), 100);
  EXPECT_DOUBLE_EQ(fields.at("parts").at("locking").at("p50").as_double(), 1.5);
}

TEST(Attribution, AServerThatStartedAnewIsNotKnown) {
  const auto before = read_reserve_times(metrics(1000, 1000, 1000, 0.5));
  EXPECT_TRUE((read_reserve_times(metrics(5, 5, 5, 0.1)) - before).empty());
  EXPECT_TRUE((read_reserve_times(metrics(5, 5, 5, 0.1)) - ReserveTimes()).empty());
  EXPECT_TRUE(read_reserve_times("another_family_sum 3\n").empty());
}

TEST(Attribution, OfSeveralInstancesIsTheirSum) {
  const auto one = read_reserve_times(metrics(50, 100, 100, 0.1));
  const auto other = read_reserve_times(metrics(0, 100, 300, 0.5));
  const auto both = sum_of({one, other});
  ASSERT_THAT(both, SizeIs(1));
  EXPECT_EQ(both.at("locking").count(), 400);
  EXPECT_DOUBLE_EQ(both.at("locking").mean_ms(), 1.5);
  EXPECT_DOUBLE_EQ(both.at("locking").quantile_ms(0.125).value(), 1);
  EXPECT_DOUBLE_EQ(both.at("locking").quantile_ms(0.5).value(), 2);
  EXPECT_TRUE(sum_of({one, {}}).empty()) << "half of the truth is none";
}

/// The server's counters beside its histograms; an older server has none.
std::string with_traffic(const std::string& text, int statements, int round_trips) {
  return text + "# TYPE boxoffice_reserve_statements_total counter\n" +
         "boxoffice_reserve_statements_total{strategy=\"atomic\"} " + std::to_string(statements) +
         "\nboxoffice_reserve_round_trips_total{strategy=\"atomic\"} " +
         std::to_string(round_trips) + "\n";
}

TEST(Attribution, WhatReservesSentIsTheDifferenceOfTwoReadings) {
  const auto before = read_server(with_traffic(metrics(5, 10, 10, 0.1), 60, 21));
  const auto after = read_server(with_traffic(metrics(5, 110, 110, 0.3), 660, 221));
  const auto measured = after - before;
  ASSERT_TRUE(measured.traffic);
  const auto fields = reserve_traffic_fields(*measured.traffic, 100);
  EXPECT_EQ(fields.at("count").as_int64(), 100);
  EXPECT_EQ(fields.at("statements").as_int64(), 600);
  EXPECT_EQ(fields.at("round_trips").as_int64(), 200);
  const auto both = sum_of({measured, measured});
  EXPECT_EQ(both.traffic.value().statements, 1200);
  EXPECT_EQ(both.times.at("locking").count(), 200);
}

TEST(Attribution, AServerThatDoesNotCountItsStatementsIsNotKnownToSendNone) {
  const auto older = read_server(metrics(5, 10, 10, 0.1));
  const auto newer = read_server(with_traffic(metrics(5, 110, 110, 0.3), 660, 221));
  EXPECT_FALSE(older.traffic);
  EXPECT_FALSE((newer - older).traffic);
  EXPECT_FALSE((newer - older).times.empty());
  EXPECT_FALSE(sum_of({newer, older}).traffic) << "half of the truth is none";
  EXPECT_FALSE((read_server(with_traffic(metrics(5, 5, 5, 0.1), 30, 10)) - newer).traffic)
      << "it started anew";
}

LiveState running() {
  LiveState state;
  state.what = "[3/24] hot-event  atomic  c=64";
  state.progress.elapsed_s = 1.5;
  state.progress.left_s = 0.5;
  state.progress.completed_per_s = 1234.4;
  state.progress.in_flight = 64;
  state.progress.p50_ms = 3.21;
  state.progress.outcomes[load::Outcome::success] = 12345;
  state.progress.outcomes[load::Outcome::conflict] = 3;
  state.rates = {10, 20, 40};
  state.run_left_s = 185;
  return state;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(LiveFrame, SaysHowItGoes) {
  const std::string text = joined(live_frame(running(), {.colour = false}));
  for (const char* part :
       {"[3/24] hot-event  atomic  c=64", "measuring", "1s left", "of the whole run 3m05s",
        "1,234/s", "in flight 64", "p50 3.21 ms", "p99 -", "success 12,345", "conflict 3"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("sold out"))) << "what never occurred takes no room";
  EXPECT_THAT(text, Not(HasSubstr("\033")));
}

TEST(LiveFrame, NamesThePhase) {
  LiveState state = running();
  const auto head = [&] { return live_frame(state, {.colour = false}).front(); };
  state.progress.stages = 3;
  state.progress.stage = 2;
  state.progress.due_per_s = 500;
  EXPECT_THAT(head(), HasSubstr("stage 2 of 3, 500/s"));
  state.progress.left_s = 0;
  EXPECT_THAT(head(), HasSubstr("last replies"));
  state.progress.warming_up = true;
  EXPECT_THAT(head(), HasSubstr("warming up"));
}

TEST(LiveFrame, OfAStepWithoutLoadOnlyTheNameIsShown) {
  LiveState state;
  state.what = "preparing the database";
  EXPECT_EQ(live_frame(state, {.colour = false}),
            std::vector<std::string>{"preparing the database"});
}

TEST(LiveFrame, FitsEveryWindow) {
  LiveState state = running();
  state.done = {"[1/24] one: 12/s, pass", "[2/24] two: 13/s, pass"};
  for (std::size_t columns = 2; columns < 130; ++columns) {
    for (const bool colour : {true, false}) {
      EXPECT_THAT(live_frame(state, {.columns = columns, .colour = colour}),
                  Each(ResultOf(places_of, ::testing::Lt(columns))));
    }
  }
  for (std::size_t rows = 2; rows < 12; ++rows)
    EXPECT_LT(live_frame(state, {.rows = rows}).size(), rows);
  EXPECT_THAT(live_frame(state, {.rows = 6, .colour = false}).front(), HasSubstr("[3/24]"))
      << "results give way first";
}

TEST(LiveFrame, ALineOfALogHasItAll) {
  EXPECT_EQ(live_line(running().progress),
            "2s: 1,234/s, p50 3.21 ms, p99 -, success 12,345, conflict 3");
}

}  // namespace
}  // namespace boxoffice::harness
