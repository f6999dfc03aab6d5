// The histogram against the exact answer, on generated samples.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "harness/load/histogram.hpp"

namespace boxoffice::load {
namespace {

constexpr std::int64_t k_hour_ns = std::int64_t{3600} * 1'000'000'000;

/// Durations from nanoseconds to an hour, every magnitude as likely as any other.
rc::Gen<std::int64_t> duration_ns() {
  return rc::gen::map(
      rc::gen::pair(rc::gen::inRange(0, 42), rc::gen::arbitrary<std::uint32_t>()), [](auto pair) {
        const double scale = 1.0 + static_cast<double>(pair.second) / 4294967296.0;
        return std::min(k_hour_ns, static_cast<std::int64_t>(std::ldexp(scale, pair.first)));
      });
}

Histogram histogram_of(const std::vector<std::int64_t>& values) {
  Histogram histogram;
  for (const std::int64_t value : values) histogram.record(value);
  return histogram;
}

TEST(HistogramProperty, PercentilesAreWithinATenthOfAPercentOfExactSorting) {
  EXPECT_TRUE(rc::check([](const double unit) {
    auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(duration_ns()));
    const double percent = std::fmod(std::abs(unit), 100.0);
    RC_PRE(std::isfinite(percent));
    const Histogram histogram = histogram_of(values);
    std::ranges::sort(values);
    const auto rank = static_cast<std::size_t>(
        std::max(1.0, std::ceil(percent / 100 * static_cast<double>(values.size()) - 1e-6)));
    const std::int64_t exact = values[rank - 1];
    const std::int64_t found = histogram.value_at_ns(percent);
    RC_ASSERT(found >= exact);
    RC_ASSERT(static_cast<double>(found - exact) <= 0.001 * static_cast<double>(exact));
  }));
}

TEST(HistogramProperty, MergingIsRecordingAllInOne) {
  EXPECT_TRUE(rc::check([] {
    const auto first = *rc::gen::container<std::vector<std::int64_t>>(duration_ns());
    const auto second = *rc::gen::container<std::vector<std::int64_t>>(duration_ns());
    std::vector<std::int64_t> all = first;
    all.insert(all.end(), second.begin(), second.end());
    Histogram merged = histogram_of(first);
    merged.merge(histogram_of(second));
    RC_ASSERT(merged == histogram_of(all));
  }));
}

TEST(HistogramProperty, MergingIsAssociativeAndCommutative) {
  EXPECT_TRUE(rc::check([] {
    const auto samples = rc::gen::container<std::vector<std::int64_t>>(duration_ns());
    const Histogram a = histogram_of(*samples), b = histogram_of(*samples),
                    c = histogram_of(*samples);
    const auto merged = [](Histogram into, const Histogram& other) {
      into.merge(other);
      return into;
    };
    RC_ASSERT(merged(merged(a, b), c) == merged(a, merged(b, c)));
    RC_ASSERT(merged(a, b) == merged(b, a));
  }));
}

// Thousands of samples of a few magnitudes, where ranks, not gaps, decide.
TEST(HistogramProperty, TheTailsOfManySamplesAreWithinATenthOfAPercent) {
  EXPECT_TRUE(rc::check([] {
    const auto count = static_cast<std::size_t>(*rc::gen::inRange(100, 12'000));
    auto values = *rc::gen::container<std::vector<std::int64_t>>(count, duration_ns());
    const Histogram histogram = histogram_of(values);
    std::ranges::sort(values);
    for (const double percent : {50.0, 90.0, 99.0, 99.9, 99.99}) {
      const auto found = histogram.percentile_ns(percent);
      const auto needed = static_cast<std::size_t>(std::llround(1 / (1 - percent / 100)));
      RC_ASSERT(found.has_value() == (count >= needed));
      if (!found) continue;
      const auto rank =
          static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(count) - 1e-6));
      const auto exact = static_cast<double>(values[rank - 1]);
      RC_ASSERT(static_cast<double>(*found) >= exact);
      RC_ASSERT(static_cast<double>(*found) <= 1.001 * exact);
    }
  }));
}

TEST(HistogramProperty, CountMinAndMaxAreExact) {
  EXPECT_TRUE(rc::check([] {
    const auto values =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(duration_ns()));
    const Histogram histogram = histogram_of(values);
    RC_ASSERT(histogram.count() == values.size());
    RC_ASSERT(histogram.min_ns() == *std::ranges::min_element(values));
    RC_ASSERT(histogram.max_ns() == *std::ranges::max_element(values));
  }));
}

}  // namespace
}  // namespace boxoffice::load
