// Scenarios: the documented example, the shipped ones, and what is refused with its line.
#include "harness/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/failure.hpp"
#include "tests/documented.hpp"

namespace boxoffice::harness {
namespace {

using ::testing::HasSubstr;

std::string refusal(const std::string& toml) {
  try {
    parse_scenario(toml, "mine.toml");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "not refused";
}

TEST(Scenario, TheDocumentedExampleLoads) {
  const Scenario read = parse_scenario(tests::documented_toml("scenarios.md"), "docs");
  EXPECT_EQ(read.name, "friday-night");
  EXPECT_EQ(read.rate_per_s, std::nullopt);
  EXPECT_EQ(read.skew.kind, load::SkewKind::zipf);
  EXPECT_EQ(read.mix.purchase, 1);
  EXPECT_EQ(read.think, std::chrono::milliseconds(20));
  EXPECT_EQ(read.hold, std::chrono::minutes(5));
  EXPECT_EQ(read.connections, (std::vector<std::int64_t>{8, 64}));
}

TEST(Scenario, StagesAreAnOpenLoopThatLastsAsLongAsTheyDo) {
  using namespace std::chrono_literals;
  const Scenario read = parse_scenario(
      "name = \"x\"\n[load]\nstages = [\"100/s:500ms\", \"100..1.5k/s:2s\"]", "mine.toml");
  EXPECT_EQ(read.stages, (std::vector<load::Stage>{{100, 100, 500ms}, {100, 1500, 2s}}));
  EXPECT_EQ(read.duration, 2500ms);
  EXPECT_EQ(read.rate_per_s, std::nullopt);
}

TEST(Scenario, RatesAreOneOrAListOfWhichATrialOffersTheLast) {
  const auto rates_of = [](const std::string& rates) {
    return parse_scenario("name = \"x\"\n[load]\nrate_per_s = " + rates, "mine.toml");
  };
  EXPECT_EQ(rates_of("0").rates_per_s, std::vector<double>{});
  EXPECT_EQ(rates_of("250").rates_per_s, std::vector<double>{250});
  const Scenario read = rates_of("[100, 250.5, 1_000]");
  EXPECT_EQ(read.rates_per_s, (std::vector<double>{100, 250.5, 1000}));
  EXPECT_EQ(read.rate_per_s, 1000);
}

TEST(Scenario, AllShippedOnesLoadUnderTheirNames) {
  const auto names = shipped_scenarios();
  EXPECT_GE(names.size(), 14U);
  for (const std::string& name : names) EXPECT_EQ(load_scenario(name).name, name);
}

TEST(Scenario, WhatMakesNoSenseIsRefusedWithItsLine) {
  const std::string head = "name = \"x\"\n[load]\n";
  for (const auto& [body, line, about] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"speed = 3", "line 3", "unknown key 'speed'"},
           {"rate_per_s = -5", "line 3", "'rate_per_s' must be a number that is not negative"},
           {"mix = { reserve = 0 }", "line 3", "weights that sum to nothing"},
           {"mix = { reserve = 1, stranger = 1 }", "line 3", "strangers"},
           {"mix = { purchase = 1 }", "line 3", "has no reserve"},
           {"mix = { cancel = 1, stranger = 1, read = 5 }", "line 3", "has no reserve"},
           {"connections = [8, 64, 8]", "line 3", "'connections' has 8 twice"},
           {"[server]\nhold = \"0s\"", "line 4", "'hold' must be 1ms or longer"},
           {"mix = { resrve = 1 }", "line 3", "unknown key 'resrve'"},
           {"duration = \"soon\"", "line 3", "soon"},
           {"duration = 3", "line 3", "duration in quotes"},
           {"warmup = \"1s\"\nconnections = [0]", "line 4", "from 1 to 100000"},
           {"skew = { kind = \"zipff\" }", "line 3", "hot, uniform, zipf"},
           {"rate_per_s = nan", "line 3", "not negative"},
           {"stages = [\"100/s\"]", "line 3", "'100/s' is no stage such as 100/s:10s"},
           {"stages = [\"-1/s:1s\"]", "line 3", "'-1/s:1s' is no stage"},
           {"stages = [\"10../s:1s\"]", "line 3", "'10../s:1s' is no stage"},
           {"stages = [\"10/s:0s\"]", "line 3", "'10/s:0s' is no stage"},
           {"stages = [\"0/s:10s\"]", "line 3", "no request is due"},
           {"stages = []", "line 3", "no request is due"},
           {"stages = [100]", "line 3", "'stages' must be a list of texts"},
           {"rate_per_s = 5\nstages = [\"10/s:1s\"]", "line 3", "leave one of the two out"},
           {"duration = \"5s\"\nstages = [\"10/s:1s\"]", "line 3", "leave one of the two out"},
           {"skew = { hot_events = 5 }", "line 3", "'hot_events' is of kind \"hot\" only"},
           {"skew = { theta = 1.2 }", "line 3", "and the kind is \"uniform\""},
           {"skew = { kind = \"uniform\", hot_share = 0.5 }", "line 3", "'hot_share' is of kind"},
           {"skew = { kind = \"zipf\", hot_events = 1 }", "line 3", "'hot_events' is of kind"},
           {"skew = { kind = \"zipf\", hot_share = 0.9 }", "line 3", "'hot_share' is of kind"},
           {"skew = { kind = \"hot\", theta = 0.99 }", "line 3", "'theta' is of kind \"zipf\""},
           {"rate_per_s = 5\nthink = \"20ms\"", "line 4", "'think' is of a closed loop"},
           {"think = \"20ms\"\nstages = [\"5/s:1s\"]", "line 3", "'think' is of a closed loop"},
           {"rate_per_s = []", "line 3", "'rate_per_s' must have 1 to 50 rates"},
           {"rate_per_s = [100, 0]", "line 3", "a list of numbers above 0"},
           {"rate_per_s = [100, \"200\"]", "line 3", "a list of numbers above 0"},
           {"rate_per_s = [100, inf]", "line 3", "a list of numbers above 0"},
           {"rate_per_s = [100,\n250, 100]", "line 4", "'rate_per_s' has 100 twice"},
           {"rate_per_s = \"100\"", "line 3", "must be a number that is not negative"},
           {"rate_per_s = [5, 9]\nstages = [\"10/s:1s\"]", "line 3", "leave one of the two out"},
           {"rate_per_s = [5, 9]\nuser_choice = \"leave\"", "line 4", "for a closed loop"},
           {"rate_per_s = ", "line 3", ""}}) {
    const std::string said = refusal(head + body);
    EXPECT_THAT(said, HasSubstr("mine.toml: " + line)) << body;
    EXPECT_THAT(said, HasSubstr(about)) << body;
  }
  EXPECT_THAT(refusal("summary = \"x\""), HasSubstr("mine.toml: line 1: 'name' is missing"));
  std::string many = "1";
  for (int rate = 2; rate <= 51; ++rate) many += ", " + std::to_string(rate);
  EXPECT_THAT(refusal(head + "rate_per_s = [" + many + "]"), HasSubstr("1 to 50 rates"));
}

TEST(Scenario, WhereAllGetTicketsNobodyCanBeToldSoldOut) {
  const std::string head = "name = \"x\"\nusers = 100\nevidence = [\"sold_out\"]\n";
  const std::string said = refusal(head +
                                   "events = { tickets = 200 }\n"
                                   "load = { quantity_max = 2, connections = [8] }\n");
  EXPECT_THAT(said, HasSubstr("mine.toml: line 3"));
  EXPECT_THAT(said, HasSubstr("200 tickets are enough for 100 users with at most 2 each"));
  // One ticket less; or buyers who, once they have paid, may come again.
  EXPECT_NO_THROW(parse_scenario(
      head + "events = { tickets = 199 }\nload = { quantity_max = 2, connections = [8] }\n", "x"));
  EXPECT_NO_THROW(parse_scenario(head + "events = { tickets = 200 }\n"
                                        "load = { mix = { reserve = 1, purchase = 1 } }\n",
                                 "x"));
}

TEST(Scenario, ThinkTimeAndSkewThatAreUsedAreTaken) {
  for (const char* load : {"rate_per_s = 0\nthink = \"20ms\"", "rate_per_s = 5\nthink = \"0s\"",
                           "skew = { kind = \"zipf\", theta = 1.2 }",
                           "skew = { kind = \"hot\", hot_events = 2, hot_share = 0.5 }"})
    EXPECT_NO_THROW(parse_scenario("name = \"x\"\n[load]\n" + std::string(load), "x")) << load;
}

TEST(Scenario, WhatCannotSellOutHasNoTimeToDoSo) {
  const std::string head = "name = \"x\"\nmetric = \"time_to_sell_out\"\nusers = 100\n";
  const auto with = [&head](const std::string& rest) { return refusal(head + rest); };
  EXPECT_THAT(with("[load]\nwarmup = \"300ms\""), HasSubstr("mine.toml: line 5: 'warmup' sells"));
  EXPECT_THAT(with("[load]\nmix = { reserve = 0, read = 1 }"),
              HasSubstr("mine.toml: line 2: 'metric' is time_to_sell_out, but the mix has no"));
  EXPECT_THAT(with("events = { count = 3, tickets = 67 }\nload = { quantity_max = 2 }"),
              HasSubstr("mine.toml: line 2: 'metric' is time_to_sell_out, but 100 users with at "
                        "most 2 each cannot take 201 tickets"));
  // Just enough for all; or buyers who, once they have paid, may come again.
  for (const char* rest :
       {"events = { count = 2, tickets = 100 }\nload = { quantity_max = 2 }",
        "events = { count = 3, tickets = 67 }\nload = { mix = { reserve = 1, purchase = 1 } }",
        "[load]\nwarmup = \"0s\""})
    EXPECT_EQ(with(rest), "not refused") << rest;
}

/// It becomes a directory of the run.
TEST(Scenario, ANameIsAPlainWord) {
  for (const std::string& name :
       {std::string("../../x"), std::string(".hidden"), std::string(65, 'x'), std::string("a b"),
        std::string("a\\nb"), std::string("a/b")})
    EXPECT_THAT(refusal("name = \"" + name + "\""), HasSubstr("mine.toml: line 1: 'name' must"))
        << name;
  EXPECT_EQ(parse_scenario("name = \"" + std::string(64, 'x') + "\"", "x").name.size(), 64U);
  EXPECT_EQ(parse_scenario("name = \"A-b_1.2\"", "x").name, "A-b_1.2");
}

TEST(Scenario, AUserForEachConnection) {
  Scenario scenario = parse_scenario("name = \"x\"\nusers = 8", "mine.toml");
  EXPECT_NO_THROW(expect_users(scenario, 8));
  EXPECT_THROW(expect_users(scenario, 9), UsageError);
  scenario.mix = {.reserve = 0, .read = 1};
  EXPECT_NO_THROW(expect_users(scenario, 9)) << "who only looks needs no account";
}

/// X3, and what X7 says of purchase and cancel, would otherwise have nothing to look at.
TEST(Scenario, TheVerdictsOwnHaveStrangersAndRepeats) {
  for (const char* name : {"verify-ample", "verify-churn", "verify-rush"}) {
    const load::Mix mix = load_scenario(name).mix;
    EXPECT_GT(mix.stranger, 0) << name;
    EXPECT_GT(mix.repeat, 0) << name;
  }
}

/// A run in which everything was purchased before it could expire proves nothing about expiry: at
/// 50,000 requests a second a few dozen purchases would be enough for that.
TEST(Scenario, TheRushLeavesHoldsToExpireOnAFastMachine) {
  const Scenario rush = load_scenario("verify-rush");
  ASSERT_TRUE(rush.evidence.expiry);
  const load::Mix& mix = rush.mix;
  const double share = mix.purchase / mix.sum();
  const double purchases = share * 50'000 * seconds(rush.hold);
  const auto holds = static_cast<double>(rush.events * rush.tickets / rush.quantity_max);
  EXPECT_LT(purchases, holds);
}

}  // namespace
}  // namespace boxoffice::harness
