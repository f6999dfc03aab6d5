// What decides about figures, as its user runs it: self-comparison, the regression gate, the search
// for a rate. Short runs: that they name no winner is part of what is checked.
#include <gmock/gmock.h>

#include "tests/e2e/harness_run.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::HasSubstr;

class Figures : public HarnessTest {};

TEST_F(Figures, SelfComparisonAndTheGateOverItsRun) {
  const Ran self = run("compare", {"--self", "--plant", "400%", "-c", "1", "--rounds", "2", "-d",
                                   "200ms", "--seed", "7"});
  EXPECT_EQ(0, self.code) << self.out << self.err;
  EXPECT_THAT(self.out, HasSubstr("noise: pessimistic against itself with a planted slowdown of"));
  const auto made = only_run();
  const auto summary = json_of(made / "summary.json");
  const auto& pairs = summary.at("self").as_array();
  ASSERT_EQ(1U, pairs.size());
  EXPECT_EQ("indicative", pairs[0].at("conclusion").as_string());
  // Of five requests one counts: so much that no busy machine hides it from two rounds.
  EXPECT_GT(pairs[0].at("ratio").to_number<double>(), 1.2);
  EXPECT_TRUE(summary.at("pairs").as_array().empty());

  const Ran few = run_program(workspace_, "boxoffice", {"diff", made, made});
  EXPECT_EQ(11, few.code) << few.err;
  EXPECT_THAT(few.out, HasSubstr("UNDECIDED"));
  expect_one_line(
      run_program(workspace_, "boxoffice", {"diff", made, made, "--threshold", "speed>-5%"}), 64,
      "speed>-5%");
  expect_one_line(run_program(workspace_, "boxoffice", {"diff", made, "nowhere"}), 64, "nowhere");
}

TEST_F(Figures, SearchFindsARateWithAVerdict) {
  const Ran ran = run("search", {"-L", "p99<5s", "--errors", "<1%", "--from", "50", "--to", "100",
                                 "--repeats", "1", "-c", "8", "-d", "300ms", "-w", "0s"});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("at least 100/s meets p99<5s: that is --to"));
  EXPECT_THAT(ran.out, HasSubstr("verdict: pass"));
  const auto found = json_of(only_run() / "search.json");
  EXPECT_EQ(100, found.at("met_per_s").to_number<double>());
  EXPECT_TRUE(found.at("missed_per_s").is_null());
  EXPECT_EQ("memory", found.at("conditions").at("storage").as_string());
  EXPECT_EQ(2U, found.at("measurements").as_array().size());
}

TEST_F(Figures, AnObjectiveOutOfReachIs13) {
  const Ran ran = run("search", {"-L", "max<0ms", "--from", "1", "--to", "8", "--repeats", "1",
                                 "-c", "1", "-d", "1500ms", "-w", "0s"});
  EXPECT_EQ(13, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("no rate was found"));
}

TEST_F(Figures, WhatMakesNoSenseIs64) {
  expect_one_line(run("search", {"-L", "speed<5ms"}), 64, "speed<5ms");
  expect_one_line(run("search", {"-L", "errors<1%"}), 64, "errors<1%");
  expect_one_line(run("search", {"-L", "p99<5ms", "--repeats", "2"}), 64, "--repeats");
  const std::vector<std::string> nobody_there = {
      "search", "-L", "p99<5ms", "--target", "http://127.0.0.1:1", "--path", "/"};
  expect_one_line(run_program(workspace_, "boxoffice", nobody_there), 64, "127.0.0.1:1");
  expect_one_line(run("compare", {"--self", "--plant", "15%", "--scenarios", "few-hot-tickets"}),
                  64, "few-hot-tickets");
  expect_one_line(run("compare", {"--plant", "15%"}), 64, "--self");
  expect_one_line(run("compare", {"--self", "--instances", "3"}), 64, "--instances");
  expect_one_line(run_program(workspace_, "boxoffice", {"overload", "-o", "runs"}), 64, "-o");
  EXPECT_TRUE(entries_of(runs()).empty());
}

}  // namespace
}  // namespace boxoffice::tests
