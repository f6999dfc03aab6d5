// The stored forms: names and nulls are what other programs read.
#include "harness/load/trial_figures.hpp"

#include <gtest/gtest.h>

#include "harness/load/summary.hpp"
#include "harness/load/tally.hpp"

namespace boxoffice::load {
namespace {

TEST(TrialFields, CarryTheDocumentedNames) {
  LoadPlan plan;
  plan.connections = 64;
  LoadResult result;
  result.outcomes[Outcome::success] = 3;
  result.goodput_per_s = 1.5;
  for (int i = 0; i < 200; ++i) {
    result.latency[index_of(Outcome::success)].response.record(2'000'000);
  }
  const boost::json::object fields = trial_fields(plan, result);
  EXPECT_EQ(fields.at("loop").as_string(), "closed");
  EXPECT_TRUE(fields.at("offered_per_s").is_null());
  EXPECT_TRUE(fields.at("time_to_sell_out_s").is_null());
  EXPECT_EQ(fields.at("connections").to_number<int>(), 64);
  EXPECT_EQ(fields.at("outcomes").as_object().size(), k_outcome_count);
  EXPECT_EQ(fields.at("outcomes").at("success").to_number<int>(), 3);
  const auto& response = fields.at("latency_ms").at("response").as_object();
  EXPECT_EQ(response.at("count").to_number<int>(), 200);
  EXPECT_NEAR(response.at("p99").as_double(), 2.0, 0.002);
  EXPECT_TRUE(response.at("p999").is_null());  // 200 samples do not carry it
  EXPECT_TRUE(fields.at("latency_ms").at("service").at("max").is_null());
}

TEST(TrialFields, TimeseriesHasALineAStep) {
  LoadResult result;
  result.timeseries.push_back({.t_s = 1, .started = 5, .success = 3, .p50_ms = 1.25});
  EXPECT_EQ(timeseries_csv(result),
            "t_s,started,success,sold_out,other,in_flight,p50_ms,p99_ms\n"
            "1.000,5,3,0,0,0,1.250,\n");
}

TEST(TrialFields, ReadsAreNoChanges) {
  LoadResult result;
  result.outcomes[Outcome::success] = 100;
  result.late_outcomes[Outcome::success] = 7;
  result.by_function[static_cast<std::size_t>(properties::Function::read)][Outcome::success] = 40;
  result.late_reads = 3;
  EXPECT_EQ(result.changes(), 64u);
}

TEST(Figure, IsInvalidWhereTheGeneratorWasTheLimit) {
  const LoadPlan plan;
  LoadResult result;
  result.measured_s = 1;
  judge_figure(plan, result);
  EXPECT_TRUE(result.figure_valid);
  EXPECT_EQ(result.figure_why, "");
  result.lagging_share = 0.011;
  result.cpu_share_max = 0.97;
  judge_figure(plan, result);
  EXPECT_FALSE(result.figure_valid);
  EXPECT_EQ(result.figure_why,
            "the generator sent 1.1% of the requests more than 10 ms late; "
            "a generator thread was busy 97% of the time: use more threads");
}

TEST(Figure, IsInvalidWhereTheGeneratorWaitedForAProcessor) {
  const LoadPlan plan;
  LoadResult result;
  result.measured_s = 1;
  result.cpu_share_max = 0.5;
  result.busy_share_max = 0.94;
  judge_figure(plan, result);
  EXPECT_TRUE(result.figure_valid);
  result.busy_share_max = 0.97;
  judge_figure(plan, result);
  EXPECT_EQ(result.figure_why,
            "a generator thread worked, or waited for a processor, 97% of the time: this machine "
            "has too few");
}

// With no user left every further reserve is the idempotent 200: goodput becomes the number of
// users over the length of the load, the same for every strategy.
TEST(Figure, IsOfNoUseWhereUsersRanOut) {
  LoadPlan plan;
  LoadResult result;
  OutcomeCounts& reserves =
      result.by_function[static_cast<std::size_t>(properties::Function::reserve)];
  reserves[Outcome::success] = 990;
  reserves[Outcome::existing] = 10;
  EXPECT_EQ(users_ran_out(plan, result), "");
  ++reserves[Outcome::existing];
  EXPECT_EQ(users_ran_out(plan, result),
            "users ran out: 11 of 1001 reserves found a hold that their user had already, so that "
            "the fastest has the fewest left to sell to: more users, or a shorter load");
  plan.user_choice = UserChoice::stay;
  EXPECT_EQ(users_ran_out(plan, result), "");
}

TEST(Figure, IsOfNoUseWhereTicketsRanOut) {
  LoadResult result;
  result.outcomes[Outcome::success] = 990;
  result.outcomes[Outcome::sold_out] = 10;
  EXPECT_EQ(tickets_ran_out(result), "");
  ++result.outcomes[Outcome::sold_out];
  EXPECT_NE(tickets_ran_out(result), "") << "the popular event ran out";
  result.outcomes[Outcome::sold_out] = 0;
  result.time_to_sell_out_s = 0.2;
  EXPECT_NE(tickets_ran_out(result), "");
}

constexpr std::int64_t k_ns_per_ms = 1'000'000;

/// Ten seconds at 100 requests a second, each answered in a millisecond, but the server stands
/// still for the last one.
LoadResult stood_still() {
  Tally tally(250 * k_ns_per_ms, 10 * k_ns_per_ms, {{100, 100, std::chrono::seconds(10)}});
  constexpr std::int64_t k_t0 = k_ns_per_ms, k_end = k_t0 + 10'000 * k_ns_per_ms;
  tally.begin_measuring(k_t0);
  for (std::int64_t i = 0; i < 1000; ++i) {
    const std::int64_t due = k_t0 + i * 10 * k_ns_per_ms;
    if (i < 900) {
      tally.started(due, due);
      Finished finished;
      finished.intended_ns = finished.sent_ns = due;
      finished.done_ns = due + k_ns_per_ms;
      tally.finished(finished, k_end);
    } else {
      tally.never_sent({.due_ns = due}, k_end);
    }
  }
  LoadResult result;
  std::vector<Step> steps;
  tally.add_to(result, steps);
  result.measured_s = 10;
  return result;
}

// Left out of the percentiles, those that waited would flatter exactly the server that stands
// still.
TEST(Unsent, CountWithTheTimeThatTheyHadWaited) {
  const LoadResult result = stood_still();
  EXPECT_EQ(result.unsent, 100U);
  EXPECT_EQ(result.outcomes.total(), 900U) << "nobody knows how they would have gone";
  const Latency& latency = result.success_latency();
  EXPECT_EQ(latency.service.count(), 900U);
  EXPECT_EQ(latency.response.count(), 1000U);
  EXPECT_NEAR(static_cast<double>(*latency.response.percentile_ns(50)), k_ns_per_ms,
              0.01 * k_ns_per_ms);
  EXPECT_NEAR(static_cast<double>(*latency.response.percentile_ns(99)), 900 * k_ns_per_ms,
              12 * k_ns_per_ms);
  EXPECT_GT(*latency.schedule_lag.percentile_ns(99), 880 * k_ns_per_ms);
  ASSERT_EQ(result.stages.size(), 1U);
  EXPECT_EQ(result.stages[0].unsent, 100U);
  EXPECT_EQ(result.stages[0].latency.response, latency.response);
}

TEST(Unsent, WhatHadAConnectionIsTheGeneratorsOwnFault) {
  constexpr std::int64_t k_end = 1000 * k_ns_per_ms;
  Tally tally(250 * k_ns_per_ms, 10 * k_ns_per_ms);
  tally.begin_measuring(1);
  tally.never_sent({k_end - 50 * k_ns_per_ms, k_end - 20 * k_ns_per_ms}, k_end);
  tally.never_sent({k_end - 5 * k_ns_per_ms, k_end - 5 * k_ns_per_ms}, k_end);
  EXPECT_EQ(tally.lagging(), 1U) << "the other one was not late yet";
  EXPECT_EQ(tally.left_lying(), 1U);
  LoadResult result;
  std::vector<Step> steps;
  tally.add_to(result, steps);
  EXPECT_EQ(result.unsent, 0U);
  EXPECT_EQ(result.success_latency().response.count(), 0U);
}

// How much was sold is known: a variant that did not keep up is compared in those rounds as well.
TEST(Unsent, ManyOfThemLeaveTheResponseTimesWithoutAFigure) {
  LoadResult result = stood_still();
  judge_figure({}, result);
  EXPECT_TRUE(result.figure_valid) << "the generator did what it could";
  const boost::json::object fields = trial_fields({}, result);
  EXPECT_TRUE(fields.at("figure_valid").as_bool());
  EXPECT_EQ(fields.at("latency_why").as_string(),
            "100 of 1000 requests that were due were never sent, for all connections were waiting: "
            "response times are lower bounds");
  result.unsent = 9;
  EXPECT_EQ(trial_fields({}, result).at("latency_why").as_string(), "");
}

/// Two stages of ten seconds, ten requests a second in the first; each is answered after `late_ms`.
LoadResult answered_after(std::int64_t late_ms) {
  using std::chrono::seconds;
  Tally tally(250 * k_ns_per_ms, 10 * k_ns_per_ms, {{10, 10, seconds(10)}, {0, 0, seconds(10)}});
  constexpr std::int64_t k_t0 = k_ns_per_ms, k_end = k_t0 + 20'000 * k_ns_per_ms;
  tally.begin_measuring(k_t0);
  for (std::int64_t i = 0; i < 100; ++i) {
    Finished finished;
    finished.intended_ns = finished.sent_ns = k_t0 + i * 100 * k_ns_per_ms;
    finished.done_ns = finished.intended_ns + late_ms * k_ns_per_ms;
    tally.started(finished.sent_ns, finished.sent_ns);
    tally.finished(finished, k_end);
  }
  LoadResult result;
  std::vector<Step> steps;
  tally.add_to(result, steps);
  for (StageFigures& stage : result.stages) stage.measured_s = 10;
  return result;
}

// A rush that was answered after it was over is no throughput of the rush.
TEST(Stages, GoodputIsOfWhatSucceededWhileTheyLasted) {
  const auto goodput = [](const LoadResult& result, std::size_t stage) {
    return trial_fields({}, result).at("stages").at(stage).at("goodput_per_s").to_number<double>();
  };
  const LoadResult late = answered_after(10'150);
  EXPECT_EQ(goodput(late, 0), 0);
  EXPECT_EQ(goodput(late, 1), 99 / 10.0) << "the last one came after the window";
  EXPECT_EQ(late.stages[0].outcomes[Outcome::success], 100U) << "those that were due in it";
  EXPECT_EQ(late.stages[0].latency.response.count(), 100U);
  EXPECT_EQ(late.stages[1].outcomes.total(), 0U);
  const LoadResult soon = answered_after(1);
  EXPECT_EQ(goodput(soon, 0), 10);
  EXPECT_EQ(goodput(soon, 1), 0);
}

TEST(Stages, OneThatWasNotReachedHasNoGoodput) {
  LoadResult result = answered_after(1);
  result.stages[1].measured_s = 0;
  EXPECT_TRUE(trial_fields({}, result).at("stages").at(1).at("goodput_per_s").is_null());
}

}  // namespace
}  // namespace boxoffice::load
