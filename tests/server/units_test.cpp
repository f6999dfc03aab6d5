#include "server/units.hpp"

#include <gtest/gtest.h>

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;

TEST(Units, DurationsHaveAUnit) {
  EXPECT_EQ(parse_duration("200ms"), 200ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("1d"), 24h);
  EXPECT_EQ(parse_duration("7us"), 7us);
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(Units, OtherDurationsAreRefused) {
  for (const auto* text : {"", "5", "s", "-1s", "1.5s", " 1s", "1s ", "1 s", "1S",
                           "99999999999999999999s", "9223372036854775807s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Units, CountsHaveASuffixWhereWanted) {
  EXPECT_EQ(parse_count("0"), 0);
  EXPECT_EQ(parse_count("10k"), 10'000);
  EXPECT_EQ(parse_count("2M"), 2'000'000);
  for (const auto* text : {"", "k", "-1", "1e3", "1K", "9223372036854775807k", "0x10"}) {
    EXPECT_FALSE(parse_count(text)) << text;
  }
}

TEST(Units, DigitsEndAtTheLargestNumber) {
  EXPECT_EQ(parse_digits("9223372036854775807"), 9223372036854775807);
  EXPECT_FALSE(parse_digits("9223372036854775808"));
  EXPECT_FALSE(parse_digits("18446744073709551617"));
  EXPECT_FALSE(parse_digits("+1"));
}

TEST(Units, TextOfADurationReadsBack) {
  for (const Duration duration :
       {Duration(0), Duration(1), Duration(200ms), Duration(90s), Duration(5min)}) {
    EXPECT_EQ(parse_duration(to_text(duration)), duration) << to_text(duration);
  }
  EXPECT_EQ(to_text(5min), "5m");
  EXPECT_EQ(to_text(90s), "90s");
}

}  // namespace
}  // namespace boxoffice::server
