// The numbers are worked out by hand in the comments, from binomial coefficients.
#include "reports/sign_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace boxoffice::reports {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;

TEST(SignTest, p_value_is_the_doubled_binomial_tail) {
  // 7 of 7: 2 * C(7,0) / 2^7 = 2/128.
  EXPECT_DOUBLE_EQ(sign_test_p(7, 0), 0.015625);
  // 12 of 12: 2 / 4096.
  EXPECT_DOUBLE_EQ(sign_test_p(0, 12), 0.00048828125);
  // 10 against 2: 2 * (1 + 12 + 66) / 4096 = 158 / 4096.
  EXPECT_DOUBLE_EQ(sign_test_p(10, 2), 158.0 / 4096);
  // 3 of 3: 2 / 8.
  EXPECT_DOUBLE_EQ(sign_test_p(3, 0), 0.25);
}

TEST(SignTest, an_even_split_and_no_rounds_say_nothing) {
  EXPECT_DOUBLE_EQ(sign_test_p(6, 6), 1);
  EXPECT_DOUBLE_EQ(sign_test_p(0, 0), 1);
}

TEST(SignTest, interval_needs_six_values_at_95_percent) {
  // n = 5: even the whole sample covers with 1 - 2/32 = 0.9375 only.
  EXPECT_FALSE(median_interval(5, 0.95));
  EXPECT_FALSE(median_interval(0, 0.95));
  // n = 6: 1 - 2/64.
  const auto six = median_interval(6, 0.95);
  ASSERT_TRUE(six);
  EXPECT_EQ(six->low, 0U);
  EXPECT_EQ(six->high, 5U);
  EXPECT_DOUBLE_EQ(six->coverage, 0.96875);
}

TEST(SignTest, interval_of_twelve_runs_from_the_third_to_the_tenth) {
  // Cutting 2 on each side: 1 - 2 (1 + 12 + 66) / 4096 = 0.96143; cutting 3 adds C(12,3) = 220:
  // 0.8540.
  const auto twelve = median_interval(12, 0.95);
  ASSERT_TRUE(twelve);
  EXPECT_EQ(twelve->low, 2U);
  EXPECT_EQ(twelve->high, 9U);
  EXPECT_THAT(twelve->coverage, DoubleNear(0.96142578125, 1e-12));
}

TEST(SignTest, median_of_odd_and_even) {
  EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2);
  EXPECT_DOUBLE_EQ(median({4, 1, 3, 2}), 2.5);
}

TEST(Holm, multiplies_by_what_is_left_and_never_falls) {
  // The worked example of Wikipedia's "Holm-Bonferroni method": p = 0.01, 0.04, 0.03, 0.005 at 5%.
  // Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1 = 0.02, 0.03, 0.06, 0.04; the last rises to
  // 0.06.
  EXPECT_THAT(holm_adjusted({0.01, 0.04, 0.03, 0.005}),
              ElementsAre(DoubleNear(0.03, 1e-12), DoubleNear(0.06, 1e-12), DoubleNear(0.06, 1e-12),
                          DoubleNear(0.02, 1e-12)));
}

TEST(Holm, stays_a_probability) {
  EXPECT_THAT(holm_adjusted({0.9, 0.8}), ElementsAre(DoubleEq(1), DoubleEq(1)));
  EXPECT_TRUE(holm_adjusted({}).empty());
}

TEST(Holm, seven_of_seven_separates_three_pairs_and_six_of_six_does_not) {
  EXPECT_LE(holm_adjusted(std::vector<double>(3, sign_test_p(7, 0))).back(), 0.05);
  EXPECT_GT(holm_adjusted(std::vector<double>(3, sign_test_p(6, 0))).back(), 0.05);
}

}  // namespace
}  // namespace boxoffice::reports
