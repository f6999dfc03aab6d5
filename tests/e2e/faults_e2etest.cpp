// verify --faults: each fault lands under load and is healed, a broken strategy is still caught,
// and what cannot be done is said before anything starts.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "harness/database/small_disk.hpp"
#include "tests/e2e/harness_run.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class Faults : public HarnessTest {};

/// What libfaketime shares between threads, of all processes: name and pid.
std::set<std::string> shared_clocks() {
  std::set<std::string> found;
  for (const auto& path : entries_of("/dev/shm")) {
    const std::string name = path.filename().string();
    if (name.starts_with("faketime_shm_") || name.starts_with("sem.faketime_sem_"))
      found.insert(name);
  }
  return found;
}

class EachFault : public Faults, public ::testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(Faults, EachFault,
                         ::testing::Values("kill-server,kill-database,partition,lost-commit",
                                           "pause-server,pause-database,delay"),
                         [](const auto& test) {
                           return std::string(test.index == 0 ? "that_breaks" : "that_delays");
                         });

TEST_P(EachFault, LandsUnderLoadIsHealedAndLosesNothing) {
  const std::string faults = GetParam();
  const Ran ran = run_program(workspace_, "boxoffice",
                              {"verify", "--strategy", "atomic", "--faults", faults, "--time", "0s",
                               "--seed", "1", "--storage", "memory", "-o", runs().string()});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("PASS: atomic"));
  std::string landed;
  for (const auto& trial : entries_of(only_run() / "trials")) {
    std::ifstream history(trial / "history.jsonl");
    for (std::string line; std::getline(history, line);) {
      if (line.find("\"type\":\"fault\"") == std::string::npos) continue;
      landed += line + "\n";
      EXPECT_THAT(line, HasSubstr("\"landed\":true"));
    }
  }
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(faults, ',')) + 1, count_lines(landed));
  std::istringstream names(faults);
  for (std::string name; std::getline(names, name, ',');)
    EXPECT_THAT(landed, HasSubstr("\"" + name + "\""));
  EXPECT_EQ(0, run_program(workspace_, "boxoffice", {"analyze", only_run().string()}).code);
  expect_empty_tmp();
}

TEST_F(Faults, ASkewedClockLeavesNothingInSharedMemory) {
  const std::set<std::string> before = shared_clocks();
  const Ran ran = run("verify", {"--faults", "clock-skew", "--scenarios", "verify-churn", "--time",
                                 "0s", "--seed", "1"});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  std::ifstream history(entries_of(only_run() / "trials").front() / "history.jsonl");
  const std::string text(std::istreambuf_iterator<char>(history), {});
  EXPECT_THAT(text, ContainsRegex("the server's Date was 3[56][0-9][0-9] s ahead"));
  for (const std::string& name : shared_clocks()) {
    const std::string pid = name.substr(name.rfind('_') + 1);
    EXPECT_TRUE(before.contains(name) || std::filesystem::exists("/proc/" + pid)) << name;
  }
}

TEST_F(Faults, ACrashWhileTheClockIsSkewedIsNoPass) {
  Program harness = start("verify", {"--faults", "clock-skew", "--scenarios", "verify-churn",
                                     "--time", "0s", "--seed", "1"});
  pid_t skewed = 0;
  const auto find_skewed = [&] {
    const pid_t server = Family(harness.pid()).find("--strategy");
    const auto environment = text_of("/proc/" + std::to_string(server) + "/environ");
    if (server != 0 && environment.find("FAKETIME=+1h") != std::string::npos) skewed = server;
    return skewed != 0;
  };
  ASSERT_TRUE(eventually(find_skewed, 60s)) << harness.out() << harness.err();
  ::kill(skewed, SIGSEGV);
  const Ran ran = harness.wait();
  EXPECT_EQ(12, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("(exit 139)"));
  expect_empty_tmp();
}

// While nothing can be written, each refusal says so and promises that nothing was changed.
class FullDiskFault : public HarnessTest {};

TEST_F(FullDiskFault, IsRefusedAndForgotten) {
  if (const std::string why = harness::SmallDisk::why_not(); !why.empty())
    GTEST_SKIP() << "NOT TESTED: " << why;
  const Ran ran =
      run_program(workspace_, "boxoffice",
                  {"verify", "--faults", "disk-full", "--scenarios", "verify-churn", "--time", "0s",
                   "--seed", "1", "--storage", "memory", "-o", runs().string()});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  std::ifstream history(entries_of(only_run() / "trials").front() / "history.jsonl");
  const std::string text(std::istreambuf_iterator<char>(history), {});
  EXPECT_THAT(text, HasSubstr("times that no space is left"));
  EXPECT_THAT(text, HasSubstr(R"("code":"database_unavailable","http":503)"));
  expect_empty_tmp();
}

// Fifteen reservations a second: some 240 of them fit into pages that the files have, which takes a
// quarter of a minute. The readers keep requests in flight, without which no fault begins.
TEST_F(FullDiskFault, IsWaitedForWhereLittleIsWritten) {
  if (const std::string why = harness::SmallDisk::why_not(); !why.empty())
    GTEST_SKIP() << "NOT TESTED: " << why;
  const auto scenario = workspace_.path() / "slow.toml";
  std::ofstream(scenario) << R"(
    name = "slow"
    summary = "one event with tickets for all, few buyers among many readers"
    users = 2000
    evidence = []
    [events]
    count = 1
    tickets = 1000000
    [load]
    connections = [8]
    duration = "1500ms"
    think = "5ms"
    mix = { reserve = 1, read = 100 }
    [server]
    hold = "60s")";
  Program program(
      workspace_, "boxoffice",
      {"verify", "--database", "mariadb", "--faults", "disk-full", "--scenarios", scenario.string(),
       "--time", "0s", "--seed", "2", "--storage", "memory", "-o", runs().string()});
  const Ran ran = program.wait(120s);
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("PASS: pessimistic on MariaDB"));
}

TEST_F(Faults, WhatABlindRetryAfterALostCommitDoesIsSeen) {
  const Ran ran = run("selftest", {"--controls", "retry_after_lost_commit", "--sound", "0",
                                   "--seed", "1", "--database", "postgresql"});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, ContainsRegex("retry_after_lost_commit +postgresql +.*X4"));
}

TEST_F(Faults, DoNotHideABrokenStrategy) {
  const Ran ran = run("verify", {"--strategy", "naive", "--faults", "connection-reset",
                                 "--scenarios", "verify-churn", "--time", "0s", "--seed", "1"});
  EXPECT_EQ(10, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("VIOLATION"), HasSubstr("--faults connection-reset")));
}

TEST_F(Faults, WhatCannotBeDoneIsSaidFirst) {
  expect_one_line(run("verify", {"--faults", "earthquake"}), 64, "'earthquake'");
  for (const std::string fault :
       {"kill-database", "disk-full"}) {  // run() says --durability relaxed
    expect_one_line(run("verify", {"--faults", fault}), 64, fault + " needs --durability full");
  }
  expect_one_line(run("verify", {"--faults", "partition", "--database", "postgresql://h/d"}), 64,
                  "private database");
  EXPECT_FALSE(std::filesystem::exists(runs()));
}

}  // namespace
}  // namespace boxoffice::tests
