// What a trial says of its scenario: an edit under the same name has to show.
#include "harness/scenario_settings.hpp"

#include <gtest/gtest.h>

namespace boxoffice::harness {
namespace {

TEST(ScenarioSettings, AnEditOfTheFileShowsInThem) {
  const std::string plain = "name = \"x\"\n";
  const auto of = [](const std::string& toml) { return settings_of(parse_scenario(toml, "x")); };
  EXPECT_EQ(of(plain), of(plain + "summary = \"the same in other words\"\nusers = 1000\n"));
  for (const char* edit :
       {"users = 2000", "[events]\ncount = 2", "[events]\ntickets = 200",
        "[load]\nmix = { reserve = 1, read = 1 }", "[load]\nskew = { kind = \"zipf\" }",
        "[load]\nskew = { kind = \"hot\", hot_share = 0.5 }", "[load]\nquantity_max = 2",
        "[load]\nuser_choice = \"stay\"", "[load]\nthink = \"5ms\"",
        "[load]\nstages = [\"100/s:1s\", \"50..150/s:1s\"]", "[server]\nsweep_interval = \"1s\""}) {
    EXPECT_NE(of(plain), of(plain + edit)) << edit;
  }
}

TEST(ScenarioSettings, AreTextsForAReader) {
  const auto settings =
      settings_of(parse_scenario("name = \"x\"\n[load]\nmix = { reserve = 3, read = 0.5 }\n"
                                 "skew = { kind = \"hot\", hot_events = 2, hot_share = 0.8 }\n"
                                 "stages = [\"100/s:500ms\", \"100..150/s:2s\"]\n",
                                 "x"));
  EXPECT_EQ(settings.at("mix").as_string(), "reserve 3, read 0.5");
  EXPECT_EQ(settings.at("skew").as_string(), "hot, 0.8 to the first 2");
  EXPECT_EQ(settings.at("stages").as_string(), "100/s:500ms,100..150/s:2s");
  EXPECT_EQ(settings.at("think").as_string(), "0s");
}

}  // namespace
}  // namespace boxoffice::harness
