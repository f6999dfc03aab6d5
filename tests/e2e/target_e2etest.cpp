// verify --target: the same verdict about a server that the harness did not start, with and without
// its database; and what the flags lack is said before anything is sent.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "tests/e2e/harness_run.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Target : public ServerTest {
 protected:
  Ran verify(const RunningServer& server, const std::vector<std::string>& more) {
    std::ofstream tokens(workspace_.path() / "tokens");
    for (std::size_t i = 0; i < tokens_.size(); ++i) tokens << i + 1 << '\t' << tokens_[i] << '\n';
    tokens.close();
    std::vector<std::string> arguments = {
        "verify", "--target", fmt::format("http://127.0.0.1:{}", server.port()),
        "--time", "800ms",    "-c",
        "4",      "--seed",   "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(workspace_, "boxoffice", arguments);
  }
  RunningServer naive() {
    return RunningServer(workspace_, url_,
                         {"--strategy", "naive", "--event-concurrency", "unlimited"},
                         "boxoffice-server-broken");
  }
};

TEST_F(Target, ASoundServerPassesWithItsDatabase) {
  RunningServer server = serve();
  const auto event = std::to_string(add_event(1'000'000));
  const Ran ran =
      verify(server, {"--events", event, "--tokens", "tokens", "--audit-database", url_});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("PASS: http://127.0.0.1:"));
  EXPECT_THAT(ran.out, Not(HasSubstr("clients' view only")));
  expect_nothing_oversold();
}

TEST_F(Target, WithoutItsDatabaseTheVerdictIsTheClientsViewAndSaysSo) {
  RunningServer server = serve();
  const auto event = std::to_string(add_event(1'000'000));
  const Ran ran = verify(server, {"--events", event, "--tokens", "tokens"});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("the clients' view only: D and X were not checked"));
}

TEST_F(Target, ABrokenServerIsCaughtEitherWay) {
  RunningServer server = naive();
  const auto event = std::to_string(add_event(1'000'000));
  const Ran alone = verify(server, {"--events", event, "--tokens", "tokens"});
  EXPECT_EQ(10, alone.code) << alone.out << alone.err;
  EXPECT_THAT(alone.out, HasSubstr("boxoffice verify --target"));
  const auto another = std::to_string(add_event(1'000'000));
  EXPECT_EQ(
      10,
      verify(server, {"--events", another, "--tokens", "tokens", "--audit-database", url_}).code);
}

TEST_F(Target, WhatIsMissingIsSaidFirst) {
  RunningServer server = serve();
  const auto refused = [&](const std::vector<std::string>& flags, const std::string& about) {
    const Ran ran = verify(server, flags);
    EXPECT_EQ(64, ran.code) << ran.out;
    EXPECT_EQ(1U, count_lines(ran.err)) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(about));
    EXPECT_TRUE(entries_of(workspace_.path() / "runs").empty());
  };
  refused({"--events", "1"}, "--tokens");
  refused({"--tokens", "tokens"}, "events");
  refused({"--tokens", "tokens", "--events", "999999"}, "999999");
  refused({"--tokens", "tokens", "--events", "1", "--audit-database", "postgresql://127.0.0.1:1/x"},
          "--audit-database");
  refused({"--tokens", "tokens", "--events", "1", "--faults", "kill-server"}, "--faults");
}

}  // namespace
}  // namespace boxoffice::tests
