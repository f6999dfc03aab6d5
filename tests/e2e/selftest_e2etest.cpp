// boxoffice selftest: controls are caught by the invariant named for their bug, sound strategies
// pass beside them, and what is not caught is no pass.
#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "harness/controls.hpp"
#include "harness/database/private_database.hpp"
#include "tests/e2e/harness_run.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class Selftest : public HarnessTest {};

TEST_F(Selftest, CatchesControlsBesideSoundStrategies) {
  const Ran ran = run("selftest", {"--controls", "naive,skips_locked_event,leaks_other_users_hold",
                                   "--sound", "1", "--seed", "1", "--database", "postgresql"});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(ContainsRegex("naive +postgresql +.*H5"),
                             HasSubstr("  read, check, write back: a lost update\n"),
                             ContainsRegex("skips_locked_event +postgresql +.*H3"),
                             ContainsRegex("leaks_other_users_hold +postgresql +.*X7"),
                             HasSubstr("PASS: 3 of 3 controls caught; 3 sound trials, seed 1")));
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(line.starts_with("report:") || line.size() <= 80U) << line;
  }
  EXPECT_TRUE(std::filesystem::exists(only_run() / "junit.xml"));
  expect_empty_tmp();
}

// Those that neither the test above runs, nor that of the faults, nor that of several servers, and
// that plans alone break only with luck (tests/strategies/concurrent_property.cpp).
class RareControls : public Selftest, public ::testing::WithParamInterface<std::string> {};

INSTANTIATE_TEST_SUITE_P(Selftest, RareControls,
                         ::testing::Values("stale_version,double_release,unguarded_update,"
                                           "sweep_reads_before_lock,loses_locked_event",
                                           "finds_ended_hold,sold_out_before_own_hold,"
                                           "acknowledges_before_commit,cancels_for_anyone,"
                                           "reserves_again"));

TEST_P(RareControls, AreCaught) {
  const Ran ran = run("selftest", {"--controls", GetParam(), "--sound", "0", "--seed", "1",
                                   "--database", "postgresql"});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("PASS: 5 of 5 controls caught"));
}

TEST_F(Selftest, NothingTestedIsNoPass) {
  const Ran ran =
      run("selftest", {"--controls", "none", "--sound", "0", "--database", "postgresql"});
  EXPECT_EQ(12, ran.code) << "nothing ran: nothing is proved\n" << ran.out << ran.err;
}

TEST_F(Selftest, WithoutTimeAControlHasOneTrialToBeCaughtIn) {
  const Ran ran = run("selftest", {"--controls", "naive", "--sound", "0", "--time", "0s",
                                   "--database", "postgresql"});
  const bool caught = ran.out.find("1 of 1 controls caught") != std::string::npos;
  EXPECT_EQ(caught ? 0 : 12, ran.code) << ran.out << ran.err;
  EXPECT_EQ(1U, entries_of(only_run() / "trials").size());
}

// A fault that is only done to a private database: that one bug is not tested there, and it says
// so.
TEST_F(Selftest, WhatIsLeftOutIsInTheTable) {
  const auto database = harness::start_private_database(
      "postgresql",
      {.durability = harness::Durability::relaxed, .storage = harness::Storage::memory});
  const Ran ran = run("selftest", {"--controls", "naive,retry_after_lost_commit", "--database",
                                   database->url(), "--sound", "0", "--seed", "1", "-q"});
  EXPECT_THAT(ran.out, ContainsRegex("retry_after_lost_commit +postgresql +LEFT OUT"));
  EXPECT_THAT(ran.out, HasSubstr("PASS: 1 of 1 controls caught, 1 left out"));
}

// What is installed here, all of it: MariaDB is beside PostgreSQL wherever this is tested.
TEST_F(Selftest, WithoutADatabaseNamedItIsEachThatIsInstalled) {
  const Ran ran = run("selftest", {"--controls", "naive", "--sound", "0", "--seed", "1"});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(ContainsRegex("naive +postgresql"), ContainsRegex("naive +mariadb")));
}

TEST_F(Selftest, AnUnknownControlIsSaidAndNothingIsStarted) {
  expect_one_line(run("selftest", {"--controls", "naive,sloppy"}), 64, "'sloppy'");
  EXPECT_FALSE(std::filesystem::exists(runs()));
}

// The harness knows the broken strategies by name only.
TEST_F(Selftest, TheServerHasExactlyTheControlsOfTheTable) {
  const Ran ran =
      run_program(workspace_, "boxoffice-server-broken",
                  {"--database", "postgresql://127.0.0.1:1/none", "--strategy", "none"});
  std::set<std::string> known;
  const auto list = ran.err.find("knows ");
  ASSERT_NE(list, std::string::npos) << ran.err;
  std::istringstream words(ran.err.substr(list + 6));
  for (std::string word; words >> word;) {
    if (word.ends_with(',')) word.pop_back();
    known.insert(word);
  }
  std::set<std::string> expected = {"pessimistic", "optimistic", "atomic"};
  for (const harness::Control& control : harness::controls()) expected.insert(control.name);
  EXPECT_EQ(known, expected);
}

}  // namespace
}  // namespace boxoffice::tests
