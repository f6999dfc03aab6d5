// Ends that nobody planned: Ctrl-C, kill -9, a database that dies, a disk that is full. The exit
// code says which, and nothing is left: no process, no directory, wherever the run was.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/database/sql.hpp"
#include "tests/e2e/harness_run.hpp"

namespace boxoffice::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

// Parts of command lines: a server that serves (not one that migrates), and the database's first
// process.
constexpr const char* k_server = "--port-file";
constexpr const char* k_database = "/postgres -D";

class Interruption : public HarnessTest {
 protected:
  Program start_long(const std::string& command) {
    if (command == "verify") return start("verify", {"--time", "60s", "--seed", "1"});
    return start("compare", {"--rounds", "9", "--seed", "1"});
  }
};

/// What runs below `command` when it is interrupted: a comparison begins with its reference line,
/// and to wait for its first trial each time would take long.
const char* first_work_of(const std::string& command) {
  return command == "compare" ? "/pgbench " : k_server;
}

class CtrlC : public Interruption, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Commands, CtrlC, ::testing::Values("verify", "compare"),
                         [](const auto& test) { return std::string(test.param); });

TEST_P(CtrlC, InATrialKeepsTheRunAndCleansUp) {
  Program harness = start_long(GetParam());
  const Family family = family_with(harness, k_server);
  harness.interrupt();
  const Ran ran = harness.wait(20s);
  EXPECT_EQ(130, ran.code) << ran.err;
  expect_nothing_left(family, 1s);
  EXPECT_THAT(text_of(only_run() / "manifest.json"), HasSubstr("\"interrupted\":true"));
  EXPECT_THAT(ran.out, HasSubstr("INTERRUPTED"));
  EXPECT_THAT(text_of(only_run() / "summary.json"), HasSubstr("interrupted"));
  EXPECT_THAT(text_of(only_run() / "report.html"), HasSubstr("nterrupted"));
  EXPECT_EQ(0, run_program(workspace_, "boxoffice", {"report", only_run().string()}).code);
}

TEST_P(CtrlC, WhileTheDatabaseIsPreparedIsNoFailureOfIt) {
  Program harness = start_long(GetParam());
  const Family family = family_with(harness, "boxoffice-server migrate");
  harness.interrupt();
  const Ran ran = harness.wait(20s);
  EXPECT_EQ(130, ran.code) << ran.err;
  expect_nothing_left(family, 1s);
}

TEST_P(CtrlC, BeforeTheDatabaseIsThereLeavesNothing) {
  Program harness = start_long(GetParam());
  const Family family = family_with(harness, "initdb");
  harness.interrupt();
  const Ran ran = harness.wait(20s);
  EXPECT_EQ(130, ran.code) << ran.err;
  expect_nothing_left(family, 1s);
  const Ran reported = run_program(workspace_, "boxoffice", {"report", only_run().string()});
  EXPECT_EQ(0, reported.code) << reported.err;
}

/// A judge at work has nothing to end in order. The history never comes: it is a pipe, whose reader
/// shows that the judge has begun.
TEST_F(Interruption, EndsAJudgeAtTheFirstSignal) {
  const fs::path pipe = workspace_.path() / "history.jsonl";
  ASSERT_EQ(0, mkfifo(pipe.c_str(), 0600));
  Program judge(workspace_, "boxoffice", {"analyze", workspace_.path().string()});
  int writer = -1;
  ASSERT_TRUE(eventually([&] {
    writer = open(pipe.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return writer >= 0;
  })) << "nobody reads it";
  judge.process().signal(SIGTERM);
  EXPECT_EQ(130, judge.wait(10s).code);
  close(writer);
}

/// As `timeout` does, which signals its child and then the group that it is in.
TEST_P(CtrlC, TwiceAtOnceIsOneWish) {
  Program harness = start_long(GetParam());
  const Family family = family_with(harness, first_work_of(GetParam()));
  harness.process().signal(SIGTERM);
  harness.interrupt();
  const Ran ran = harness.wait(20s);
  EXPECT_EQ(130, ran.code) << ran.err;
  EXPECT_TRUE(fs::exists(only_run() / "report.html"));
  expect_nothing_left(family);
}

TEST_P(CtrlC, KillNineLeavesNothingEither) {
  Program harness = start_long(GetParam());
  const Family family = family_with(harness, first_work_of(GetParam()));
  ASSERT_NE(0, family.find(k_database));
  harness.process().signal(SIGKILL);
  EXPECT_EQ(128 + SIGKILL, harness.wait(5s).code);
  expect_nothing_left(family);
}

/// As the fault pause-database stops them: who is stopped hears of no end.
TEST_F(Interruption, KillNineWhileTheDatabaseStandsStillLeavesNothingOfIt) {
  Program harness = start_long("verify");
  const Family family = family_with(harness, k_server);
  const pid_t database = family.find(k_database);
  const Family sessions(database);
  ::kill(database, SIGSTOP);
  sessions.signal(SIGSTOP);
  harness.process().signal(SIGKILL);
  EXPECT_EQ(128 + SIGKILL, harness.wait(5s).code);
  expect_nothing_left(sessions, 15s);
  expect_nothing_left(family);
}

TEST_F(Interruption, ADatabaseThatDiesMakesTheRunInvalid) {
  Program harness = start_long("verify");
  const Family family = family_with(harness, k_server);
  ::kill(family.find(k_database), SIGKILL);
  const Ran ran = harness.wait(60s);
  EXPECT_EQ(12, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out + ran.err, HasSubstr("connection to server"));
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr("bug of this program")));
  expect_nothing_left(family);
}

/// Nobody drops it then: which of a server's databases it is must be known.
TEST_F(Interruption, KillNineOnAServerThatExistsLeavesADatabaseWhoseNameIsKnown) {
  Program server(workspace_, "boxoffice", {"db", "start", "--storage", "memory"});
  ASSERT_TRUE(eventually([&] { return server.out().ends_with('\n'); }, 30s)) << server.err();
  const std::string url = server.out().substr(0, server.out().size() - 1);
  Program harness = start("verify", {"--time", "60s", "--database", url});
  family_with(harness, k_server);
  harness.process().signal(SIGKILL);
  const Ran ran = harness.wait(5s);
  EXPECT_EQ(128 + SIGKILL, ran.code);
  const auto facts = json_of(only_run() / "manifest.json").at("database");
  const std::string name = facts.at("name").as_string().c_str();
  EXPECT_THAT(ran.err, HasSubstr("database " + name + " is made on that server"));
  EXPECT_EQ("1",
            harness::Sql(url).text("SELECT count(*) FROM pg_database WHERE datname = $1", {name}));
  server.interrupt();
  EXPECT_EQ(0, server.wait(20s).code);
}

TEST_F(Interruption, KillNineWithSeveralInstancesLeavesNoneOfThem) {
  Program harness = start("verify", {"--time", "60s", "--instances", "3"});
  const Family family = family_with(harness, "/port-3");
  ASSERT_NE(0, family.find("/port-2"));
  harness.process().signal(SIGKILL);
  EXPECT_EQ(128 + SIGKILL, harness.wait(5s).code);
  expect_nothing_left(family);
}

TEST_F(Interruption, AnInstanceThatDiesMakesTheRunInvalid) {
  Program harness = start("verify", {"--time", "60s", "--instances", "2"});
  const Family family = family_with(harness, "/port-2");
  ::kill(family.find("/port-2"), SIGKILL);
  const Ran ran = harness.wait(60s);
  EXPECT_EQ(12, ran.code) << ran.out << ran.err;
  // It may have died before it had its port.
  EXPECT_THAT(ran.out + ran.err, ::testing::ContainsRegex("server 2 ended by itself \\(exit 137|"
                                                          "instance 2, did not start \\(exit 137"));
  expect_nothing_left(family);
}

TEST_F(Interruption, ADatabaseThatDiesMakesAComparisonInvalid) {
  Program harness = start_long("compare");
  const Family family = family_with(harness, first_work_of("compare"));
  ::kill(family.find(k_database), SIGKILL);
  const Ran ran = harness.wait(60s);
  EXPECT_EQ(12, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("INVALID"));
  EXPECT_THAT(ran.out, HasSubstr("broke off"));
  EXPECT_THAT(ran.out, Not(HasSubstr("INTERRUPTED")));
  expect_nothing_left(family);
}

/// Programs of its own, which a build might replace while they run.
class Rebuilt : public Interruption {
 protected:
  Rebuilt() {
    fs::create_directory(bin_);
    fs::copy_file(built_program("boxoffice"), bin_ / "boxoffice");
    for (const char* name : {"boxoffice-server", "boxoffice-server-broken"})
      fs::create_symlink(built_program(name), bin_ / name);
  }
  // Starts `command`, and takes the server away once a trial was measured.
  Ran without_server_after_a_trial(const std::vector<std::string>& command) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--durability", "relaxed", "--storage", "memory", "--quiet",
                                       "-o", runs().string()});
    Program harness(workspace_, (bin_ / "boxoffice").string(), arguments);
    EXPECT_TRUE(eventually([&] { return trials_measured() > 0; }, 60s)) << harness.err();
    fs::remove(bin_ / "boxoffice-server");
    return harness.wait(60s);
  }
  std::size_t trials_measured() const {
    std::size_t count = 0;
    for (const fs::path& run : entries_of(runs())) {
      for (const fs::path& trial : entries_of(run / "trials"))
        count += fs::exists(trial / "trial.json") ? 1 : 0;
    }
    return count;
  }

  const fs::path bin_ = workspace_.path() / "bin";
};

TEST_F(Rebuilt, WithoutAServerFromTheStartNothingIsLeft) {
  fs::remove(bin_ / "boxoffice-server");
  for (const char* command : {"compare", "verify", "selftest"}) {
    Program harness(workspace_, (bin_ / "boxoffice").string(),
                    {command, "--storage", "memory", "--quiet", "-o", runs().string()});
    expect_one_line(harness.wait(), 64, "boxoffice-server is missing");
    EXPECT_FALSE(fs::exists(runs())) << command;
  }
}

TEST_F(Rebuilt, AComparisonKeepsWhatItMeasuredBefore) {
  const Ran ran =
      without_server_after_a_trial({"compare", "--rounds", "9", "--scenarios", "many-events",
                                    "--connections", "4", "-d", "300ms"});
  EXPECT_EQ(12, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("boxoffice-server is missing beside this program"));
  EXPECT_THAT(ran.out, HasSubstr("broke off"));
  EXPECT_GE(json_of(only_run() / "summary.json").at("trials").as_array().size(), 1U);
}

TEST_F(Rebuilt, AVerificationKeepsWhatItMeasuredBefore) {
  const Ran ran = without_server_after_a_trial({"verify", "--time", "60s"});
  EXPECT_EQ(12, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("boxoffice-server is missing beside this program"));
  EXPECT_THAT(ran.out, HasSubstr("broke off"));
  EXPECT_GE(json_of(only_run() / "summary.json").at("trials").as_array().size(), 1U);
}

/// A file system with so little room that a run does not fit.
class FullDisk : public Interruption {
 protected:
  void SetUp() override {
    fs::create_directory(runs());
    if (::mount("tmpfs", runs().c_str(), "tmpfs", 0, "size=200k") != 0) {
      GTEST_SKIP() << "NOT TESTED: a full disk needs the right to mount a tmpfs";
    }
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) ::umount2(runs().c_str(), MNT_DETACH);
  }
  bool mounted_ = false;
};

TEST_F(FullDisk, IsSaidAndIsNoVerdict) {
  Program harness = start("verify", {"--time", "0s"});
  const Family family = family_with(harness, k_server);
  const Ran ran = harness.wait(60s);
  EXPECT_EQ(12, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out + ran.err,
              HasSubstr("the history could not be written: No space left on device"));
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr("bug of this program")));
  expect_nothing_left(family);
}

}  // namespace
}  // namespace boxoffice::tests
