// boxoffice verify, from end to end: sound strategies pass (side by side, so that two runs on one
// machine are seen not to meet), a broken one is refuted with what a reader needs to see it again;
// and what was stored is judged and rendered again to the same result.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <vector>

#include "tests/e2e/harness_run.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class Verify : public HarnessTest {};

TEST_F(Verify, SoundStrategiesPassSideBySide) {
  // Two at a time: of three on two slow cores, one may see too little happen for a verdict.
  using Side = std::vector<const char*>;
  for (const Side& strategies : {Side{"pessimistic", "optimistic"}, Side{"atomic"}}) {
    std::vector<Program> programs;
    for (const char* strategy : strategies) {
      // Whatever the environment says of the server, what is judged is what holds now.
      programs.push_back(
          start("verify", {"--strategy", strategy, "--time", "1s"},
                {{"BOXOFFICE_SERVER_EVENT_CACHE", "1m"},
                 {"BOXOFFICE_SERVER_REPLICA_DATABASE", "postgresql://127.0.0.1:1/x"}}));
    }
    for (Program& program : programs) {
      const Ran ran = program.wait(120s);
      EXPECT_EQ(0, ran.code) << ran.out << ran.err;
      EXPECT_THAT(ran.out, HasSubstr("PASS"));
    }
  }
  EXPECT_EQ(3U, entries_of(runs()).size());
  std::size_t reads = 0, aged = 0;
  for (const auto& file : fs::recursive_directory_iterator(runs())) {
    if (file.path().filename() != "history.jsonl") continue;
    const std::string history = text_of(file);
    reads += history.find("\"f\":\"read\"") != std::string::npos;
    aged += history.find("aged_reply") != std::string::npos;
  }
  EXPECT_GT(reads, 0U);
  EXPECT_EQ(0U, aged);
  expect_empty_tmp();
}

// One history and one audit of all: what is sound stays so, and a lock in the memory of a server,
// which is one on its own, is none between two.
TEST_F(Verify, SeveralInstancesAreJudgedAsOne) {
  const auto on = [this](const char* instances, const char* strategy) {
    return run("verify", {"--strategy", strategy, "--instances", instances, "--scenarios",
                          "verify-churn", "--time", "0s", "--seed", "1"});
  };
  const Ran sound = on("2", "optimistic");
  EXPECT_EQ(0, sound.code) << sound.out << sound.err;
  EXPECT_THAT(sound.out, HasSubstr("PASS: optimistic, 2 instances, on "));
  const fs::path trial = entries_of(only_run() / "trials").at(0);
  EXPECT_EQ(2, json_of(trial / "trial.json").at("instances").as_int64());
  EXPECT_TRUE(fs::exists(trial / "server-2.log"));
  EXPECT_FALSE(fs::exists(trial / "port-2"));
  const Ran alone = on("1", "locks_in_memory");
  EXPECT_EQ(0, alone.code) << alone.out << alone.err;
  const Ran two = on("2", "locks_in_memory");
  EXPECT_EQ(10, two.code) << two.out << two.err;
  EXPECT_THAT(two.out, ContainsRegex("VIOLATION (H5|H2|D1)"));
  EXPECT_THAT(two.out, ContainsRegex("replay: .* --instances 2"));
  expect_empty_tmp();
}

/// A trial of a moment, that needs no evidence.
std::string short_scenario(const Workspace& workspace) {
  const auto file = workspace.path() / "short.toml";
  std::ofstream(file) << "name = \"short\"\nusers = 100\n[events]\ntickets = 50\n"
                         "[load]\nconnections = [4]\nduration = \"200ms\"\n"
                         "[server]\nhold = \"1s\"\nsweep_interval = \"100ms\"\n";
  return file.string();
}

TEST_F(Verify, AScenarioIsRunAgainUntilTheTimeIsOver) {
  const Ran ran = run("verify", {"--time", "6s", "--scenarios", short_scenario(workspace_)});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_GE(entries_of(only_run() / "trials").size(), 2U);
  EXPECT_EQ(0, run_program(workspace_, "boxoffice", {"analyze", only_run().string()}).code);
}

TEST_F(Verify, ADatabaseThatIsThereIsUsedAndLeftAsItWas) {
  const auto databases = [] {
    return harness::Sql(shared_postgresql().url())
        .text("SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database");
  };
  const std::string before = databases();
  std::string url = shared_postgresql().url();
  url.insert(url.find('@'), ":sesame");
  const Ran ran =
      run("verify", {"--time", "0s", "--database", url, "--scenarios", short_scenario(workspace_)});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_EQ(before, databases());
  EXPECT_EQ(std::string::npos, (ran.out + ran.err).find("sesame"));
  for (const auto& entry : fs::recursive_directory_iterator(only_run())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(std::string::npos, text_of(entry).find("sesame")) << entry;
  }
}

/// One refuted run for all of what follows.
class Refuted : public HarnessTest {
 protected:
  static void SetUpTestSuite() {
    made_ = std::make_unique<Workspace>();
    ran_ = run_program(*made_, "boxoffice",
                       {"verify", "--strategy", "naive", "--time", "0s", "--durability", "relaxed",
                        "--storage", "memory", "--scenarios", "verify-rush", "--seed", "7", "-o",
                        (made_->path() / "runs").string()});
  }
  static void TearDownTestSuite() { made_.reset(); }

  /// A copy, for each test may damage its own.
  Refuted() {
    const auto found = entries_of(made_->path() / "runs");
    if (found.size() != 1) throw std::runtime_error("the run was not made: " + ran_.err);
    run_ = workspace_.path() / "run";
    fs::copy(found.front(), run_, fs::copy_options::recursive);
    trial_ = entries_of(run_ / "trials").at(0);
  }
  Ran ask(const std::string& command) {
    return run_program(workspace_, "boxoffice", {command, run_.string()});
  }

  static inline std::unique_ptr<Workspace> made_;
  static inline Ran ran_;
  fs::path run_, trial_;
};

TEST_F(Refuted, SaysWhatContradictsAndHowToSeeItAgain) {
  EXPECT_EQ(10, ran_.code) << ran_.err;
  EXPECT_THAT(ran_.out, ContainsRegex("VIOLATION H[1-5]"));
  EXPECT_THAT(ran_.out, HasSubstr("replay:  boxoffice verify --strategy naive"));
  EXPECT_THAT(ran_.out, HasSubstr("--seed 7"));
  EXPECT_THAT(ran_.out, HasSubstr("analyze: boxoffice analyze "));
  for (const char* file : {"manifest.json", "summary.json", "report.html", "junit.xml"}) {
    EXPECT_TRUE(fs::exists(run_ / file)) << file;
  }
  for (const char* file : {"trial.json", "history.jsonl", "audit.jsonl", "verdict.json",
                           "latency.hdr", "timeseries.csv", "server.log"}) {
    EXPECT_TRUE(fs::exists(trial_ / file)) << file;
  }
  EXPECT_EQ("violation", json_of(run_ / "summary.json").at("verdict").as_string());
  EXPECT_TRUE(entries_of(made_->tmp()).empty());
}

TEST_F(Refuted, ADifferentDatabaseIsNamedInTheReplay) {
  EXPECT_THAT(ran_.out, HasSubstr("--durability relaxed --storage memory"))
      << "a race that was seen on a fast disk may hide on a slow one";
}

TEST_F(Refuted, AnalyzeJudgesTheSame) {
  const Ran again = ask("analyze");
  EXPECT_EQ(10, again.code) << again.err;
  EXPECT_THAT(again.out, HasSubstr("violation"));
  EXPECT_THAT(again.out, ::testing::Not(HasSubstr("differs"))) << again.out.substr(0, 1000);
}

TEST_F(Refuted, ReportRendersTheSame) {
  const std::string before = text_of(run_ / "summary.json");
  for (const char* file : {"summary.json", "report.html", "junit.xml"}) fs::remove(run_ / file);
  const Ran again = ask("report");
  EXPECT_EQ(0, again.code) << again.err;
  EXPECT_EQ(before, text_of(run_ / "summary.json"));
  EXPECT_TRUE(fs::exists(run_ / "report.html"));
  EXPECT_TRUE(fs::exists(run_ / "junit.xml"));
}

TEST_F(Refuted, AHistoryThatIsCutInALineIsRefusedOrMarked) {
  const std::string text = text_of(trial_ / "history.jsonl");
  const auto middle = text.find('\n', text.size() / 2) + 20;
  std::ofstream(trial_ / "history.jsonl") << text.substr(0, middle) << text.substr(middle + 30);
  const Ran ran = ask("analyze");
  expect_one_line(ran, 64, "history.jsonl line ");
}

TEST_F(Refuted, AGarbageLineIsRefusedByItsNumber) {
  const std::string text = text_of(trial_ / "history.jsonl");
  const auto second = text.find('\n') + 1;
  std::ofstream(trial_ / "history.jsonl") << text.substr(0, second) << "garbage\n"
                                          << text.substr(second);
  expect_one_line(ask("analyze"), 64, "history.jsonl line 2: ");
}

TEST_F(Refuted, MissingPartsAreNamed) {
  std::ofstream(trial_ / "audit.jsonl") << "{";
  expect_one_line(ask("analyze"), 64, "audit.jsonl line 1");
  fs::remove(trial_ / "history.jsonl");
  expect_one_line(ask("analyze"), 64, "history.jsonl");
  fs::remove(run_ / "manifest.json");
  expect_one_line(ask("report"), 64, "manifest.json");
  expect_one_line(ask("analyze"), 64, "manifest.json");
  fs::remove_all(run_);
  expect_one_line(ask("analyze"), 64, "is no run directory");
  expect_one_line(ask("report"), 64, "is not a run directory");
}

}  // namespace
}  // namespace boxoffice::tests
