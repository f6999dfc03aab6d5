// The harness on MariaDB and on MySQL: sound strategies pass, a broken one is caught, engines stand
// side by side in one report, and nothing is left of a server whatever the end was.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <map>
#include <memory>
#include <set>

#include "harness/database/private_database.hpp"
#include "tests/e2e/harness_run.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string title_of(const std::string& product) {
  return product == "mariadb" ? "MariaDB " : "MySQL ";
}

class Engine : public HarnessTest, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (GetParam() != std::string("mysql")) return;  // MariaDB is everywhere (cmake/setup)
    const std::string missing = harness::why_not_installed(GetParam(), {});
    if (!missing.empty()) GTEST_SKIP() << "NOT TESTED: " << missing;
  }

  /// One that all tests of an engine share, reached by its URL.
  static const harness::PrivateDatabase& server() {
    static std::map<std::string, std::unique_ptr<harness::PrivateDatabase>> servers;
    auto& made = servers[GetParam()];
    if (!made) {
      made =
          harness::start_private_database(GetParam(), {.durability = harness::Durability::relaxed,
                                                       .storage = harness::Storage::memory,
                                                       .connections_max = 200});
    }
    return *made;
  }

  Ran verify(const std::string& strategy, const std::string& database) {
    return run("verify", {"--strategy", strategy, "--database", database, "--scenarios",
                          "verify-churn", "--time", "0s", "--seed", "1"});
  }
};
INSTANTIATE_TEST_SUITE_P(Products, Engine, ::testing::Values("mariadb", "mysql"),
                         [](const auto& test) { return std::string(test.param); });

TEST_P(Engine, PassesSoundStrategies) {
  for (const char* strategy : {"pessimistic", "optimistic", "atomic"}) {
    const Ran ran = verify(strategy, server().url());
    EXPECT_EQ(0, ran.code) << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr(fmt::format("PASS: {} on {}", strategy, title_of(GetParam()))));
  }
  expect_empty_tmp();
}

TEST_P(Engine, CatchesABrokenStrategyAndSaysHowToRepeatIt) {
  const Ran ran = verify("naive", GetParam());
  EXPECT_EQ(10, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("naive on " + title_of(GetParam())), HasSubstr("H5"),
                             HasSubstr(fmt::format("--database {} ", GetParam()))));
  EXPECT_EQ(GetParam(), json_of(only_run() / "manifest.json").at("database").at("engine"));
  expect_empty_tmp();
}

TEST_P(Engine, LeavesNothingWhenTheHarnessIsKilled) {
  Program harness = start("verify", {"--time", "60s", "--seed", "1", "--database", GetParam()});
  const Family family = family_with(harness, "--port-file");
  ASSERT_NE(0, family.find("--datadir=/dev/shm/"));
  harness.process().signal(SIGKILL);
  EXPECT_EQ(128 + SIGKILL, harness.wait(5s).code);
  expect_nothing_left(family);
}

TEST_P(Engine, RefusesWrongCredentialsInOneLine) {
  const std::string url = fmt::format("mysql://root:sesame@127.0.0.1:{}/mysql", server().port());
  const Ran ran = run("verify", {"--database", url});
  expect_one_line(ran, 64, "Access denied");
  EXPECT_THAT(ran.err, Not(HasSubstr("sesame")));
}

class Engines : public HarnessTest {};

TEST_F(Engines, KillNineDuringTheInstallationLeavesNothing) {
  Program harness = start("verify", {"--database", "mariadb"});
  const Family family = family_with(harness, "--bootstrap");
  harness.process().signal(SIGKILL);
  EXPECT_EQ(128 + SIGKILL, harness.wait(5s).code);
  expect_nothing_left(family);
}

TEST_F(Engines, StandSideBySideEachBesideItsOwnReferenceLine) {
  const Ran ran =
      run("compare", {"--database", "postgresql,mariadb", "--rounds", "1", "--scenarios",
                      "hot-event", "--strategies", "pessimistic", "-c", "8", "-d", "500ms"});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("of postgresql alone ("), HasSubstr("of mariadb alone ("),
                             HasSubstr("Engines are not held against each other")));
  const boost::json::value manifest = json_of(only_run() / "manifest.json");
  ASSERT_EQ(2U, manifest.at("database").as_array().size());
  EXPECT_EQ("mariadb", manifest.at("database").at(1).at("engine"));
  std::set<std::string> lines, controls;
  for (const auto& line : manifest.at("reference").as_array()) {
    EXPECT_GT(line.at("per_s").to_number<double>(), 0);
    lines.insert(fmt::format("{} {}", line.at("database").as_string().c_str(),
                             line.at("name").as_string().c_str()));
  }
  EXPECT_THAT(lines, ::testing::ElementsAre("mariadb sysbench", "postgresql pgbench"));
  const boost::json::value summary = json_of(only_run() / "summary.json");
  for (const auto& trial : summary.at("trials").as_array()) {
    if (trial.at("control").as_bool() && trial.at("verdict") == "violation")
      controls.insert(trial.at("database").as_string().c_str());
  }
  EXPECT_THAT(controls, ::testing::ElementsAre("mariadb", "postgresql"));
  expect_empty_tmp();
}

TEST_F(Engines, ThatCannotBeHadAreRefusedInOneLine) {
  const auto refusal = [&](const std::string& command, const std::vector<std::string>& flags,
                           const std::string& about) {
    SCOPED_TRACE(command + " " + flags.at(1));
    expect_one_line(run(command, flags), 64, about);
    EXPECT_TRUE(entries_of(runs()).empty()) << "an empty run directory is left behind";
  };
  refusal("verify", {"--database", "oracle"}, "postgresql, mariadb, mysql");
  refusal("verify", {"--database", "postgresql,mariadb"}, "takes one");
  refusal("compare", {"--database", "mariadb,mariadb"}, "twice");
  refusal("compare", {"--database", "postgresql,oracle"}, "oracle");
  refusal("verify", {"--database", "mysql", "--mysql-root", "/nonexistent"}, "/nonexistent");
  refusal("verify", {"--database", "mysql://nobody@127.0.0.1:1/x"}, "--database");
  refusal("verify", {"--database", "mysql://127.0.0.1/x"}, "user");
  const std::vector<std::string> floor = {"floor", "--database",  // stores no run: it has no -o
                                          "mysql://a@127.0.0.1:1/x?charset=latin1"};
  expect_one_line(run_program(workspace_, "boxoffice", floor), 64, "charset");
  expect_empty_tmp();
}

}  // namespace
}  // namespace boxoffice::tests
