// No password gets into a run directory, wherever in a --database it stands; and no directory that
// something was recorded in is taken back.
#include "harness/manifest.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "harness/commands/options.hpp"
#include "harness/database/url_text.hpp"
#include "harness/process/keeper.hpp"
#include "harness/run_directory.hpp"

namespace boxoffice::harness {
namespace {

TEST(WithoutPassword, KeepsTheRest) {
  EXPECT_EQ("mysql://ann:***@h:1/x?tls=off", without_password("mysql://ann:sesame@h:1/x?tls=off"));
  EXPECT_EQ("--database=postgresql://ann:***@h/x",
            without_password("--database=postgresql://ann:sesame@h/x"));
  EXPECT_EQ("postgresql://ann@h/x?password=***&a=b",
            without_password("postgresql://ann@h/x?password=sesame&a=b"));
}

TEST(WithoutPassword, LooksIntoWhatALibrarySaysOfAUrl) {
  EXPECT_EQ("no \"]\" in URI: \"postgresql://u:***@[bad\"",
            without_password("no \"]\" in URI: \"postgresql://u:geheim@[bad\""));
}

TEST(OneLine, HasNoLineEndsAndNoTabs) {
  EXPECT_EQ("connection refused Is it running?",
            one_line("connection refused\n\tIs it running?\n"));
  EXPECT_EQ("", one_line("\n"));
}

TEST(WithoutPassword, LeavesAloneWhatHasNone) {
  for (const char* text : {"mariadb", "postgresql,mariadb", "mysql://ann@h:3306/x?socket=/a:b@c",
                           "postgresql://h1:1,h2:2/x", "http://127.0.0.1:80"}) {
    EXPECT_EQ(text, without_password(text));
  }
}

TEST(WithoutPassword, LooksIntoEachUrlOfAList) {
  EXPECT_EQ("mariadb,mysql://a:***@h/x,postgresql://b:***@h1,h2/y,mysql",
            without_password("mariadb,mysql://a:one@h/x,postgresql://b:two@h1,h2/y,mysql"));
}

TEST(Environment, IsNamedWhereItGaveAFlag) {
  setenv("BOXOFFICE_ROUNDS", "12", 1);
  setenv("BOXOFFICE_CONNECTIONS", "4,8", 1);
  setenv("BOXOFFICE_THREADS", "2", 1);
  setenv("BOXOFFICE_SEED", "5", 1);
  const auto given = [](const std::vector<std::string>& argv) {
    CLI::App app;
    RunOptions run;
    std::int64_t rounds = 3, threads = 1;
    std::vector<std::string> connections;
    add_run_options(app, run);
    add_count(app, "--rounds", rounds, 1, "");
    add_count(app, "-t,--threads", threads, 1, "");
    add_list(app, "-c,--connections", connections, "");
    app.parse(std::vector<std::string>(argv.rbegin(), argv.rend() - 1));
    return given_by_environment(app, argv);
  };
  using Texts = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ((Texts{{"rounds", "12"}, {"threads", "2"}, {"connections", "4,8"}}),
            given({"boxoffice"}));
  EXPECT_EQ((Texts{{"threads", "2"}}), given({"boxoffice", "--rounds=12", "-c", "4,8"}));
  const auto manifest =
      make_manifest("r", "compare", 1, {{}, {"boxoffice"}, given({"boxoffice"})}, {});
  EXPECT_EQ("12", manifest.at("environment").at("rounds").as_string());
  for (const char* name : {"ROUNDS", "CONNECTIONS", "THREADS", "SEED"})
    unsetenv((std::string("BOXOFFICE_") + name).c_str());
}

TEST(Environment, IsForgottenWhereTheModeDoesNotUseIt) {
  setenv("BOXOFFICE_DATABASE", "mariadb", 1);
  CLI::App app;
  DatabaseChoice choice;
  add_database_options(app, choice);
  app.parse(std::vector<std::string>{});
  Context context{{}, {"boxoffice"}, {{"database", "mariadb"}, {"rounds", "12"}}};
  refuse_flags(app, context, {"--database"}, "of another mode");
  using Texts = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ((Texts{{"rounds", "12"}}), context.environment);
  unsetenv("BOXOFFICE_DATABASE");
}

TEST(RunDirectory, IsTakenBackOnlyWhereNothingWasRecorded) {
  const TemporaryDirectory scratch(temporary_root(), "directory");
  const auto taken_back = [&](const std::string& history) {
    RunDirectory run(scratch.path(), "verify");
    const auto trial = run.make_trial(1, "any");
    if (!history.empty()) write_file(trial / "history.jsonl", history);
    const bool gone = run.remove_unmeasured();
    EXPECT_EQ(gone, !std::filesystem::exists(run.path()));
    return gone;
  };
  EXPECT_TRUE(taken_back(""));
  EXPECT_TRUE(taken_back("{\"schema\":\"boxoffice.history/1\"}\n")) << "a header only";
  EXPECT_FALSE(taken_back("{\"schema\":\"boxoffice.history/1\"}\n{\"index\":0}\n"));
}

}  // namespace
}  // namespace boxoffice::harness
