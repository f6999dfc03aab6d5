// The stored forms: names and nulls are what other programs read.
#include "harness/load/trial_figures.hpp"

#include <gtest/gtest.h>

#include "harness/load/summary.hpp"

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

}  // namespace
}  // namespace boxoffice::load
