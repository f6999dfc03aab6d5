#include "reports/percentiles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/json_fields.hpp"

namespace boxoffice::reports {
namespace {

constexpr const char* k_text =
    "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
    "       1.000 0.000000000000         10           1.00\n"
    "       2.500 0.500000000000         60           2.00\n"
    "       2.500 0.600000000000         60           2.50\n"
    "      40.000 1.000000000000        100            inf\n"
    "#[Mean    =       17.600, StdDeviation   =       18.000]\n"
    "#[Max     =       40.000, Total count    =          100]\n";

TEST(Percentiles, counts_are_the_differences_of_the_cumulative_ones) {
  const auto histogram = parse_hdr(k_text, "latency.hdr");
  ASSERT_EQ(histogram.size(), 3U);
  EXPECT_DOUBLE_EQ(histogram[1].value_ms, 2.5);
  EXPECT_EQ(histogram[1].count, 50);
  EXPECT_EQ(sample_count(histogram), 100);
}

TEST(Percentiles, merging_adds_counts_by_value) {
  const auto histogram = parse_hdr(k_text, "latency.hdr");
  const auto twice = merged({histogram, histogram});
  ASSERT_EQ(twice.size(), 3U);
  EXPECT_EQ(twice[2].count, 80);
}

TEST(Percentiles, the_curve_ends_where_ten_samples_are_left) {
  // 100 samples: 10 lie beyond p90, the last point that ten samples carry.
  const auto curve = percentile_curve(parse_hdr(k_text, "latency.hdr"), 10);
  EXPECT_DOUBLE_EQ(curve.front().value_ms, 1);
  EXPECT_NEAR(curve.back().percentile, 0.9, 1e-9);
  EXPECT_DOUBLE_EQ(curve.back().value_ms, 40);
}

std::string fault_of(const std::string& text) {
  try {
    parse_hdr(text, "trials/1/latency.hdr");
  } catch (const DamagedRun& error) {
    return error.what();
  }
  return "";
}

TEST(Percentiles, a_damaged_line_is_named) {
  const std::string file = "trials/1/latency.hdr: ";
  EXPECT_EQ(fault_of("1.0 0.5 10 2.0\n1.5 abc\n"),
            file + "line 2: expected value, percentile, count");
  EXPECT_EQ(fault_of("1.0 0.5 10 2.0\n0.5 1.0 20 inf\n"),
            file + "line 2: values, percentiles and counts must rise");
  EXPECT_EQ(fault_of("1.0 0.5 10 2.0 7\n"), file + "line 1: expected 1/(1-percentile) last");
  EXPECT_EQ(fault_of("1.0 50 10 2.0\n"), file + "line 1: a percentile is from 0 to 1");
}

TEST(Percentiles, half_a_file_is_no_histogram) {
  const std::string file = "trials/1/latency.hdr: ", text = k_text;
  EXPECT_EQ(fault_of(""), file + "has no heading");
  EXPECT_EQ(fault_of(text.substr(0, text.find("      40.000"))),
            file + "is cut off: its footer has no total count");
  std::string shorter = text;
  shorter.erase(text.find("      40.000"), text.find('#') - text.find("      40.000"));
  EXPECT_EQ(fault_of(shorter), file + "has 60 samples, its footer says 100");
}

TEST(Percentiles, nothing_measured_has_no_curve) {
  EXPECT_TRUE(percentile_curve({}).empty());
  EXPECT_TRUE(parse_hdr("Value Percentile TotalCount 1/(1-Percentile)\n\n"
                        "#[Max     =        0.000, Total count    =            0]\n",
                        "x")
                  .empty());
}

}  // namespace
}  // namespace boxoffice::reports
