// The histogram at its edges; percentiles against exact sorting are in histogram_property.cpp.
#include "harness/load/histogram.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace boxoffice::load {
namespace {

TEST(Histogram, EmptySaysNothing) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_FALSE(histogram.percentile_ns(50));
  EXPECT_EQ(histogram.max_ns(), 0);
}

TEST(Histogram, APercentileNeedsTheSamplesThatCarryIt) {
  Histogram histogram;
  for (int i = 0; i < 99; ++i) histogram.record(1000);
  EXPECT_TRUE(histogram.percentile_ns(50));
  EXPECT_FALSE(histogram.percentile_ns(99));
  histogram.record(1000);
  EXPECT_TRUE(histogram.percentile_ns(99));
  EXPECT_FALSE(histogram.percentile_ns(99.9));
  for (int i = 100; i < 9'999; ++i) histogram.record(1000);
  EXPECT_FALSE(histogram.percentile_ns(99.99));
  histogram.record(1000);
  EXPECT_TRUE(histogram.percentile_ns(99.99));
}

TEST(Histogram, RanksAreExact) {
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(i);
  EXPECT_EQ(histogram.percentile_ns(50), 500);
  EXPECT_EQ(histogram.percentile_ns(99), 990);
  EXPECT_EQ(histogram.percentile_ns(99.9), 999);
  EXPECT_EQ(histogram.value_at_ns(100), 1000);
}

TEST(Histogram, OutOfRangeIsClamped) {
  Histogram histogram;
  histogram.record(-5);
  histogram.record(INT64_MAX);
  EXPECT_EQ(histogram.min_ns(), 0);
  EXPECT_EQ(histogram.max_ns(), Histogram::k_value_ns_max);
  EXPECT_EQ(histogram.value_at_ns(100), Histogram::k_value_ns_max);
}

TEST(Histogram, DifferentPrecisionsDoNotMix) {
  Histogram fine;
  EXPECT_THROW(fine.merge(Histogram(5)), std::logic_error);
}

TEST(Histogram, PercentileText) {
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(i * 1'000'000);
  std::istringstream text(histogram.percentile_text());
  std::string line;
  std::getline(text, line);
  EXPECT_NE(line.find("Value"), std::string::npos);
  EXPECT_NE(line.find("1/(1-Percentile)"), std::string::npos);
  std::getline(text, line);
  double last_value = 0, last_percentile = -1;
  std::uint64_t last_count = 0;
  int rows = 0;
  while (std::getline(text, line) && !line.starts_with("#")) {
    std::istringstream row(line);
    double value = 0, percentile = 0;
    std::uint64_t count = 0;
    ASSERT_TRUE(row >> value >> percentile >> count) << line;
    EXPECT_GE(value, last_value);
    EXPECT_GT(percentile, last_percentile);
    EXPECT_GE(count, last_count);
    last_value = value;
    last_percentile = percentile;
    last_count = count;
    ++rows;
  }
  EXPECT_GT(rows, 20);
  EXPECT_EQ(last_percentile, 1.0);
  EXPECT_EQ(last_count, 1000u);
  EXPECT_NEAR(last_value, 1000, 1e-6);
}

}  // namespace
}  // namespace boxoffice::load
