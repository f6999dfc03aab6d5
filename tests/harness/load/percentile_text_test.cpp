// latency.hdr against the definition of HdrHistogram's percentile text, as its plotters read it.
//
// The definition is that of AbstractHistogram.outputPercentileDistribution (HdrHistogram 2.1,
// Java): a heading, an empty line, rows "value percentile total-count 1/(1-percentile)" of which
// the last has no fourth column, and a footer of three lines. The plotters (plotFiles.html, wrk2's,
// those of other languages) take every line of four numbers that does not begin with '#', the first
// for the y axis and the fourth for the x axis. The values are checked against the samples
// themselves.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <regex>
#include <sstream>

#include "harness/load/histogram.hpp"

namespace boxoffice::load {
namespace {

struct Percentile {
  double value = 0, percentile = 0;
  std::uint64_t total = 0;
  double beyond = 0;  ///< 1/(1-percentile); infinite in the last
};

struct PercentileText {
  std::vector<Percentile> rows;
  double mean = 0, deviation = 0, max = 0;
  std::uint64_t total = 0;
};

double number(const std::ssub_match& text) {
  return std::stod(text.str());
}

/// Takes nothing that is not in the definition.
PercentileText read(const std::string& text) {
  static const std::regex heading(R"( *Value +Percentile +TotalCount +1/\(1-Percentile\))");
  static const std::regex row(R"( *(\d+\.\d+) ([01]\.\d{12}) +(\d+)(?: +(\d+\.\d\d))?)");
  static const std::regex mean(R"(#\[Mean    = +(\d+\.\d+), StdDeviation   = +(\d+\.\d+)\])");
  static const std::regex max(R"(#\[Max     = +(\d+\.\d+), Total count    = +(\d+)\])");
  static const std::regex buckets(R"(#\[Buckets = +\d+, SubBuckets     = +\d+\])");
  PercentileText read;
  std::istringstream lines(text);
  std::string line;
  std::smatch part;
  EXPECT_TRUE(std::getline(lines, line) && std::regex_match(line, heading)) << line;
  EXPECT_TRUE(std::getline(lines, line) && line.empty()) << line;
  while (std::getline(lines, line) && std::regex_match(line, part, row)) {
    read.rows.push_back({number(part[1]), number(part[2]), std::stoull(part[3].str()),
                         part[4].matched ? number(part[4]) : HUGE_VAL});
  }
  EXPECT_TRUE(std::regex_match(line, part, mean)) << line;
  read.mean = number(part[1]);
  read.deviation = number(part[2]);
  EXPECT_TRUE(std::getline(lines, line) && std::regex_match(line, part, max)) << line;
  read.max = number(part[1]);
  read.total = std::stoull(part[2].str());
  EXPECT_TRUE(std::getline(lines, line) && std::regex_match(line, part, buckets)) << line;
  EXPECT_FALSE(std::getline(lines, line)) << "text after the footer: " << line;
  return read;
}

/// Latencies with a long tail, in ns, sorted; fixed by the seed.
std::vector<std::int64_t> samples(std::size_t count) {
  std::mt19937_64 random(20250101);
  std::lognormal_distribution<double> latency(std::log(2e6), 1.1);
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(static_cast<std::int64_t>(latency(random)));
  std::ranges::sort(values);
  return values;
}

class PercentileTextTest : public testing::Test {
 protected:
  PercentileTextTest() {
    for (const std::int64_t value : values) histogram.record(value);
    text = read(histogram.percentile_text());
  }
  const std::vector<std::int64_t> values = samples(50'000);
  Histogram histogram;
  PercentileText text;
};

TEST_F(PercentileTextTest, each_row_is_true_of_the_samples) {
  for (const Percentile& row : text.rows) {
    // A bucket is at most 0.1% wide: some samples up to that much above a true value count to it.
    const auto below =
        std::ranges::upper_bound(values, static_cast<std::int64_t>(row.value * 1e6)) -
        values.begin();
    EXPECT_EQ(static_cast<std::uint64_t>(below), row.total) << row.value;
    EXPECT_GE(static_cast<double>(row.total), row.percentile * 50'000 - 1e-6);
    const auto rank = static_cast<std::size_t>(std::ceil(row.percentile * 50'000 - 1e-6));
    const double exact = static_cast<double>(values[std::max<std::size_t>(1, rank) - 1]) / 1e6;
    EXPECT_GE(row.value, exact - 1e-6);
    EXPECT_LE(row.value, exact * 1.001 + 1e-6);
  }
}

TEST_F(PercentileTextTest, percentiles_rise_by_five_steps_for_each_halving_of_the_rest) {
  for (std::size_t i = 0; i + 2 < text.rows.size(); ++i) {
    const double percent = 100 * text.rows[i].percentile;
    const double halvings = std::floor(std::log2(100 / (100 - percent)) + 1e-9) + 1;
    EXPECT_NEAR(100 * text.rows[i + 1].percentile, percent + 100 / (5 * std::exp2(halvings)), 1e-7);
  }
  EXPECT_EQ(text.rows.front().percentile, 0);
  EXPECT_EQ(text.rows.back().percentile, 1);
}

TEST_F(PercentileTextTest, a_plotter_finds_its_axes) {
  std::size_t points = 0;
  for (const Percentile& row : text.rows) {
    if (std::isinf(row.beyond)) continue;  // three columns: a plotter leaves the last one out
    EXPECT_NEAR(row.beyond, 1 / (1 - row.percentile), 0.005 + 1e-9 * row.beyond) << row.percentile;
    ++points;
  }
  EXPECT_EQ(points, text.rows.size() - 1);
  EXPECT_GT(points, 60U);
}

TEST_F(PercentileTextTest, the_footer_is_true_of_the_samples) {
  double sum = 0, squares = 0;
  for (const std::int64_t value : values) sum += static_cast<double>(value) / 1e6;
  const double mean = sum / 50'000;
  for (const std::int64_t value : values)
    squares += std::pow(static_cast<double>(value) / 1e6 - mean, 2);
  EXPECT_EQ(text.total, 50'000U);
  EXPECT_NEAR(text.max, static_cast<double>(values.back()) / 1e6, 1e-6);
  EXPECT_NEAR(text.mean, mean, 0.001 * mean);
  EXPECT_NEAR(text.deviation, std::sqrt(squares / 50'000), 0.002 * text.deviation);
  EXPECT_EQ(text.rows.back().total, 50'000U);
  EXPECT_EQ(text.rows.back().value, text.max);
}

TEST(PercentileTextOfFew, has_a_row_for_one_sample_and_none_for_no_sample) {
  Histogram one;
  one.record(1'500'000);
  const PercentileText single = read(one.percentile_text());
  ASSERT_EQ(single.rows.size(), 1U);
  EXPECT_EQ(single.rows[0].percentile, 1);
  EXPECT_NEAR(single.rows[0].value, 1.5, 0.0015);
  const PercentileText none = read(Histogram().percentile_text());
  EXPECT_TRUE(none.rows.empty());
  EXPECT_EQ(none.total, 0U);
}

}  // namespace
}  // namespace boxoffice::load
