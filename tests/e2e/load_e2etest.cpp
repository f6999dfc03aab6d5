// boxoffice load against a server that is there: figures, thresholds, and a target that is not.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "tests/e2e/harness_run.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::HasSubstr;

class Load : public ServerTest {
 protected:
  Ran load(const std::string& target, const std::vector<std::string>& flags) {
    std::ofstream tokens(workspace_.path() / "tokens");
    for (std::size_t i = 0; i < tokens_.size(); ++i) tokens << i + 1 << '\t' << tokens_[i] << '\n';
    tokens.close();
    std::vector<std::string> arguments = {"load", "--target", target};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return run_program(workspace_, "boxoffice", arguments,
                       {{"BOXOFFICE_TOKENS", "tokens"},
                        {"BOXOFFICE_CONNECTIONS", "4"},
                        {"BOXOFFICE_DURATION", "300ms"}});
  }
  std::string url(const RunningServer& server) {
    return fmt::format("http://127.0.0.1:{}", server.port());
  }
  void expect_refusal(const Ran& ran, const std::string& about) {
    EXPECT_EQ(64, ran.code) << ran.out;
    EXPECT_EQ(1U, count_lines(ran.err)) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(about));
    EXPECT_TRUE(entries_of(workspace_.path() / "runs").empty());
  }
};

TEST_F(Load, PrintsFiguresAndHoldsThresholds) {
  RunningServer server = serve();
  const auto event = std::to_string(add_event(1'000'000));
  const Ran ran = load(url(server), {"--events", event, "--threshold", "goodput>1", "--threshold",
                                     "errors<1%", "--threshold", "p50<10s"});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  for (const char* part : {"goodput", "outcomes: ", "p99", "service", "response", "schedule lag",
                           "threshold goodput>1: held", "seed "}) {
    EXPECT_THAT(ran.out, HasSubstr(part));
  }
  expect_nothing_oversold();
}

// Holds that a sweep closed leave gaps in the versions, which only the rows could fill.
TEST_F(Load, AVerdictThatIsUnknownIs11) {
  RunningServer server = serve({"--hold", "20ms", "--sweep-interval", "20ms"});
  const auto event = std::to_string(add_event(1'000'000));
  const Ran ran = load(url(server), {"--events", event, "--hold", "20ms"});
  EXPECT_EQ(11, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("verdict from the clients' view: unknown"));
}

TEST_F(Load, AThresholdThatFailsIs13) {
  RunningServer server = serve();
  const Ran ran = load(url(server), {"--path", "/livez", "--threshold", "goodput>100000000"});
  EXPECT_EQ(13, ran.code) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("threshold goodput>100000000: FAILED"));
}

TEST_F(Load, WhatCannotBeMeasuredIs64) {
  RunningServer server = serve();
  const std::string target = url(server);
  expect_refusal(load(target, {"--events", "1", "--threshold", "goodput"}), "goodput");
  expect_refusal(load(target, {"--events", "1", "--threshold", "speed>1"}), "speed");
  expect_refusal(load(target, {"--events", "1", "--threshold", "p99<fast"}), "fast");
  expect_refusal(load(target, {"--events", "1", "-R", "-5"}), "-5");
  expect_refusal(load(target, {"--events", "1", "-d", "long"}), "long");
  expect_refusal(load(target, {"--events", "999999"}), "999999");
  expect_refusal(load(target, {"--events", "one"}), "one");
  expect_refusal(load(target, {}), "--events");
  expect_refusal(load(target, {"--events", "1", "--tokens", "/nonexistent"}), "/nonexistent");
}

TEST_F(Load, NothingThereIs64) {
  expect_refusal(load("http://127.0.0.1:1", {"--events", "1"}), "http://127.0.0.1:1");
  expect_refusal(load("http://127.0.0.1:1", {"--path", "/livez"}), "http://127.0.0.1:1");
  expect_refusal(load("nonsense", {"--path", "/livez"}), "nonsense");
  expect_refusal(load("http://", {"--path", "/livez"}), "http://");
}

}  // namespace
}  // namespace boxoffice::tests
