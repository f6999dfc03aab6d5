// What one can type wrong: exit 64, exactly one line on stderr that names it, nothing started and
// nothing left behind.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <fstream>

#include "tests/e2e/harness_run.hpp"

namespace boxoffice::tests {
namespace {

class Usage : public HarnessTest {
 protected:
  void expect_refusal(const std::string& command, const std::vector<std::string>& flags,
                      const std::string& about) {
    SCOPED_TRACE(fmt::format("{} {}", command, fmt::join(flags, " ")));
    const Ran ran = run(command, flags);
    expect_one_line(ran, 64, about);
    EXPECT_EQ("", ran.out);
    expect_empty_tmp();
    EXPECT_TRUE(entries_of(runs()).empty()) << "an empty run directory is left behind";
    std::filesystem::remove_all(runs());
  }
  std::string file(const std::string& text) {
    const auto path = workspace_.path() / "scenario.toml";
    std::ofstream(path) << text;
    return path.string();
  }
};

TEST_F(Usage, WrongFlags) {
  expect_refusal("verify", {"--no-such-flag"}, "--no-such-flag");
  expect_refusal("verify", {"--strategy", "hopeful"}, "hopeful");
  expect_refusal("verify", {"--strategy", ""}, "unknown strategy");
  expect_refusal("verify", {"--time", "soon"}, "soon");
  expect_refusal("verify", {"--time", "-1s"}, "-1s");
  expect_refusal("verify", {"--time", "99999999999h"}, "--time");
  expect_refusal("verify", {"--pool", "0"}, "--pool");
  expect_refusal("verify", {"--instances", "0"}, "--instances");
  expect_refusal("verify", {"--instances", "9", "--strategy", "atomic"}, "max_connections is 300");
  expect_refusal("verify", {"--instances", "2", "--target", "http://h"},
                 "--instances: of a server");
  expect_refusal("verify", {"--seed", "x"}, "--seed");
  expect_refusal("verify", {"--durability", "none"}, "--durability");
  expect_refusal("selftest",
                 {"--controls", "retry_after_lost_commit", "--database", "postgresql://h/d"},
                 "retry_after_lost_commit needs the fault lost-commit");
  expect_refusal("compare", {"--rounds", "0"}, "--rounds");
  expect_refusal("compare", {"-c", "many"}, "many");
  expect_refusal("compare", {"--controls", "atomic"}, "sound");
  expect_refusal("compare", {"--controls", "retry_after_lost_commit"}, "needs the fault");
  expect_refusal("compare", {"--strategies", "atomic,atomik"}, "atomik");
  expect_refusal("compare", {"--strategies", "atomic,atomic"}, "twice");
  expect_refusal("compare", {"--scenarios", "hot-event,hot-event"}, "twice");
  expect_refusal("compare", {"-c", "8,8"}, "twice");
  expect_refusal("compare", {"-c", "0"}, "--connections: '0'");
  expect_refusal("compare", {"-c", "20001"}, "users = 20000 for 20001 connections");
  expect_refusal("search", {"-L", "p99>50ms"}, "upper bound");
  expect_refusal("search", {"-L", "p99<50"}, "lacks a unit");
  expect_refusal("search", {"-L", "p99<50ms", "--errors", "2"}, "--errors");
  expect_refusal("search", {"-L", "p99<50ms", "--from", "500", "--to", "100"}, "--from");
  expect_refusal("search", {"-L", "p99<50ms", "--from", "1", "--to", "3"}, "--to");
  expect_refusal("load", {"--target", "http://127.0.0.1:1", "--reserve", "-1"},
                 "'-1' is no number from 0 up");
  expect_refusal("nothing", {}, "'nothing'");
}

TEST_F(Usage, WrongScenarios) {
  expect_refusal("verify", {"--scenarios", "no-such"}, "no-such");
  expect_refusal("compare", {"--scenarios", "no-such"}, "no-such");
  expect_refusal("verify", {"--scenarios", file("name = 'x'\nuser = 5\n")}, "'user'");
  expect_refusal("verify", {"--scenarios", file("name = 'x'\n[load]\nrate_per_s = -5\n")},
                 "rate_per_s");
  expect_refusal("verify", {"--scenarios", file("name = 'x'\n[load]\nduration = 'soon'\n")},
                 "duration");
  const std::string few = file("name = 'x'\nusers = 3\n[load]\nconnections = [8]\n");
  for (const char* command : {"verify", "compare"})
    expect_refusal(command, {"--scenarios", few}, "users = 3 for 8 connections");
  expect_refusal("search", {"--scenario", few, "-L", "p99<50ms"}, "users = 3 for 64 connections");
  expect_refusal("verify", {"--scenarios", file("name = \n")}, "line 1");
  expect_refusal("verify", {"--scenarios", "/"}, "/");
  expect_refusal("compare",
                 {"--scenarios", "hot-event," + file("name = 'hot-event'\nusers = 2000\n")},
                 "two of them have the name 'hot-event'");
  expect_refusal("verify", {"--faults", "kill-server", "--scenarios", "doors-open"},
                 "stages of doors-open");
  expect_refusal("search", {"-L", "p99<1s", "--scenario", "seed-100"}, "users of seed-100 leave");
}

/// More connections than the machine allows are no bug, and what ran before is reported.
TEST_F(Usage, FewerDescriptorsThanConnections) {
  std::vector<std::string> arguments = {"-c",
                                        "ulimit -n 300; exec \"$@\"",
                                        "limited",
                                        built_program("boxoffice").string(),
                                        "compare",
                                        "-c",
                                        "500",
                                        "--scenarios",
                                        "hot-event",
                                        "--strategies",
                                        "atomic",
                                        "--controls",
                                        "naive",
                                        "--rounds",
                                        "1",
                                        "--storage",
                                        "memory",
                                        "--durability",
                                        "relaxed",
                                        "-o",
                                        runs().string()};
  std::string program = "/bin/sh";
  if (geteuid() == 0) {  // who may raise the limit again
    arguments.insert(arguments.begin(),
                     {"--bounding-set=-sys_resource", "--inh-caps=-sys_resource", "/bin/sh"});
    program = "/usr/bin/setpriv";
  }
  const Ran ran = run_program(workspace_, program, arguments);
  EXPECT_EQ(12, ran.code) << ran.out << ran.err;
  EXPECT_NE(std::string::npos, ran.err.find("file descriptors are needed")) << ran.err;
  EXPECT_TRUE(std::filesystem::exists(only_run() / "report.html"));
  expect_empty_tmp();
}

TEST_F(Usage, ThingsThatAreNotThere) {
  expect_refusal("verify", {"--postgresql-bin", "/nonexistent"}, "/nonexistent");
  expect_refusal("compare", {"--postgresql-bin", "/nonexistent"}, "/nonexistent");
  expect_refusal("verify", {"--database", "postgresql://nobody@127.0.0.1:1/x"}, "--database");
  expect_refusal("compare", {"--database", "postgresql://nobody@127.0.0.1:1/x"}, "--database");
  expect_refusal("verify", {"--database", "oracle://x"}, "oracle");
  expect_refusal("verify", {"--config", "/nonexistent.toml"}, "/nonexistent.toml");
}

TEST_F(Usage, AnOutputThatCannotBeWritten) {
  std::ofstream(workspace_.path() / "file") << "not a directory";
  const std::string below = (workspace_.path() / "file" / "runs").string();
  for (const char* command : {"verify", "compare"}) {
    const Ran ran = run_program(workspace_, "boxoffice", {command, "-o", below});
    expect_one_line(ran, 64, "-o");
    expect_empty_tmp();
  }
}

TEST_F(Usage, ATemporaryDirectoryThatIsNotThere) {
  const Ran ran = run_program(workspace_, "boxoffice", {"verify", "-o", runs().string()},
                              {{"TMPDIR", "/nonexistent"}});
  expect_one_line(ran, 64, "/nonexistent");
}

TEST_F(Usage, ASecretOfTheUrlIsNeverSaid) {
  const Ran ran = run("verify", {"--database", "postgresql://nobody:sesame@127.0.0.1:1/x"});
  EXPECT_EQ(64, ran.code);
  EXPECT_EQ(std::string::npos, (ran.out + ran.err).find("sesame"));
}

TEST_F(Usage, EnvironmentAndConfigurationFileAreReadAlike) {
  Ran ran = run("verify", {}, {{"BOXOFFICE_STRATEGY", "from-environment"}});
  expect_one_line(ran, 64, "from-environment");
  std::ofstream(workspace_.path() / "boxoffice.toml") << "[verify]\nstrategy = \"from-file\"\n";
  ran = run_program(workspace_, "boxoffice", {"--config", "boxoffice.toml", "verify"});
  expect_one_line(ran, 64, "from-file");
  std::ofstream(workspace_.path() / "boxoffice.toml") << "[verify]\nstrateggy = \"atomic\"\n";
  ran = run_program(workspace_, "boxoffice", {"--config", "boxoffice.toml", "verify"});
  expect_one_line(ran, 64, "boxoffice.toml: line 2: unknown key 'verify.strateggy'");
}

}  // namespace
}  // namespace boxoffice::tests
