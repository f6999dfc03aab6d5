// How the servers start, or say in one line why they do not: 64 for what the caller got wrong, 69
// for what is not there.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include "harness/variant.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

class Start : public ServerTest {
 protected:
  void expect_refusal(const std::vector<std::string>& arguments, int code,
                      const std::string& about) {
    SCOPED_TRACE(fmt::format("{}", fmt::join(arguments, " ")));
    const Ran ran = run_program(workspace_, "boxoffice-server", arguments);
    EXPECT_EQ(code, ran.code);
    EXPECT_EQ(1U, count_lines(ran.err)) << ran.err;
    EXPECT_TRUE(ran.err.starts_with("boxoffice-server: ")) << ran.err;
    EXPECT_NE(std::string::npos, ran.err.find(about)) << ran.err;
    EXPECT_EQ("", ran.out);
  }
};

TEST_F(Start, UsageMistakesAre64AndOneLine) {
  expect_refusal({"--database", url_, "--strategy", "naive"}, 64, "naive");
  expect_refusal({"--database", url_, "--strategy", "none"}, 64, "pessimistic");
  expect_refusal({"--database", url_, "--no-such-flag"}, 64, "--no-such-flag");
  expect_refusal({"--database", url_, "--hold", "soon"}, 64, "--hold");
  expect_refusal({"--database", url_, "--port", "70000"}, 64, "--port");
  expect_refusal({"--database", url_, "--host", "nowhere.example"}, 64, "--host");
  expect_refusal({"--database", url_, "--port-file", "/nonexistent/port", "--port", "0"}, 64,
                 "/nonexistent/port");
  expect_refusal({}, 64, "BOXOFFICE_DATABASE");
  expect_refusal({"--database", "oracle://x/y"}, 64, "database");
  expect_refusal({"--database", "not a url"}, 64, "database");
  expect_refusal({"--database", "postgresql://localhost:notaport/x"}, 64, "port");
  expect_refusal({"--database", shared_postgresql().url(), "--port", "0"}, 64, "migrate");
}

TEST_F(Start, ADatabaseThatIsAwayIs69) {
  expect_refusal({"--database", "postgresql://nobody@127.0.0.1:1/x", "--port", "0"}, 69,
                 "database");
  expect_refusal({"migrate", "--database", "postgresql://nobody@127.0.0.1:1/x"}, 69, "database");
  expect_refusal({"seed", "--database", "postgresql://nobody@127.0.0.1:1/x"}, 69, "database");
}

TEST_F(Start, ASecretOfTheUrlIsNeverSaid) {
  const Ran ran =
      run_program(workspace_, "boxoffice-server",
                  {"--database", "postgresql://nobody:sesame@127.0.0.1:1/x", "--port", "0"});
  EXPECT_EQ(69, ran.code);
  EXPECT_EQ(std::string::npos, (ran.out + ran.err).find("sesame"));
}

TEST_F(Start, APortInUseIs69) {
  RunningServer first = serve();
  expect_refusal({"--database", url_, "--port", std::to_string(first.port())}, 69,
                 std::to_string(first.port()));
  expect_refusal(
      {"--database", url_, "--port", "0", "--operations-port", std::to_string(first.port())}, 69,
      fmt::format("port {}", first.port()));
  EXPECT_EQ(200, first.client().ask("GET", "/livez").status());
}

TEST_F(Start, TheVersionNamesItsCommit) {
  for (const char* name : {"boxoffice", "boxoffice-server", "boxoffice-server-broken"}) {
    const Ran ran = run_program(workspace_, name, {"--version"});
    EXPECT_EQ(0, ran.code);
    EXPECT_EQ(1U, count_lines(ran.out));
    EXPECT_THAT(ran.out, ::testing::ContainsRegex("\\([0-9a-f]{7,40}"));
    EXPECT_EQ("", ran.err);
  }
}

TEST_F(Start, HelpSucceeds) {
  const Ran ran = run_program(workspace_, "boxoffice-server", {"--help"});
  EXPECT_EQ(0, ran.code);
  for (const char* flag : {"--strategy", "--hold", "--drain", "migrate", "seed"}) {
    EXPECT_NE(std::string::npos, ran.out.find(flag)) << flag;
  }
}

TEST_F(Start, NoSecretIsInWhatItPrintsOfItself) {
  const Environment secret = {{"BOXOFFICE_DATABASE", "postgresql://u:hunter2@127.0.0.1/x"}};
  for (const char* flag : {"--help", "--print-config", "--check-config"}) {
    const Ran ran = run_program(workspace_, "boxoffice-server", {flag}, secret);
    EXPECT_EQ(0, ran.code) << flag << ran.err;
    EXPECT_EQ(std::string::npos, (ran.out + ran.err).find("hunter2")) << flag;
  }
}

TEST_F(Start, EachStrategyOfTheHarnessIsOneOfTheServers) {
  for (const std::string& strategy : harness::sound_strategies()) {
    RunningServer server = serve({"--strategy", strategy});
    EXPECT_EQ(strategy, server.client().ask("GET", "/version").text("/strategy"));
    EXPECT_EQ(201, server.client(tokens_[1]).reserve(add_event(1)).status()) << strategy;
  }
  for (const std::string& strategy : harness::negative_controls()) {
    RunningServer server(workspace_, url_, {"--strategy", strategy}, "boxoffice-server-broken");
    EXPECT_EQ(strategy, server.client().ask("GET", "/version").text("/strategy"));
    EXPECT_EQ(201, server.client(tokens_[1]).reserve(add_event(1)).status()) << strategy;
    expect_refusal({"--database", url_, "--strategy", strategy}, 64, strategy);
  }
}

TEST_F(Start, MigratingTwiceChangesNothing) {
  const Ran again = run_program(workspace_, "boxoffice-server", {"migrate", "--database", url_});
  EXPECT_EQ(0, again.code) << again.err;
  EXPECT_EQ(std::string::npos, again.out.find("applied")) << again.out;
}

}  // namespace
}  // namespace boxoffice::tests
