// boxoffice load against a server that is there: figures, stages, thresholds, a target that is not,
// and what it draws on a terminal.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <mutex>
#include <regex>
#include <sstream>
#include <thread>

#include "harness/live_frame.hpp"
#include "tests/e2e/harness_run.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::ContainsRegex;
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
  for (const char* part :
       {"goodput", "outcomes: ", "p99", "service", "response", "schedule lag",
        "generator: busiest thread", "peak memory", "threshold goodput>1: held", "seed "}) {
    EXPECT_THAT(ran.out, HasSubstr(part));
  }
  EXPECT_EQ(1U, count_lines(ran.err)) << "without a terminal nothing is drawn: " << ran.err;
  EXPECT_EQ(std::string::npos, ran.err.find('\033'));
  expect_nothing_oversold();
}

// Holds that a sweep closed leave gaps in the versions, which only the rows could fill.
TEST_F(Load, AVerdictThatIsUnknownIs11) {
  RunningServer server = serve({"--hold", "20ms", "--sweep-interval", "20ms"});
  const auto event = std::to_string(add_event(1'000'000));
  const Ran ran = load(url(server), {"--events", event, "--hold", "20ms"});
  expect_code_or_saturated(ran, 11);
  EXPECT_THAT(ran.out, HasSubstr("verdict from the clients' view: unknown"));
}

// Whoever reads the goodput reads whether it is one.
TEST_F(Load, FiguresStandBesideTheVerdict) {
  RunningServer server = serve();
  const auto event = std::to_string(add_event(1'000'000));
  const Ran ran = load(url(server), {"--events", event, "-R", "100"});
  expect_code_or_saturated(ran, 0);
  const auto verdict = ran.out.find("verdict from the clients' view: pass");
  ASSERT_NE(std::string::npos, verdict) << ran.out;
  EXPECT_LT(verdict, ran.out.find("goodput ")) << "the figures are not known before it";
  EXPECT_THAT(ran.out, ContainsRegex(ran.code == 0 ? "goodput [0-9]+/s: verdict pass\n"
                                                   : "goodput [0-9]+/s: NO RESULT: verdict pass"));
  const Ran plain = load(url(server), {"--path", "/livez", "-R", "100"});
  expect_code_or_saturated(plain, 0);
  EXPECT_THAT(plain.out, HasSubstr("no verdict: plain GETs"));
}

// At a rate that leaves the generator idle: one that is saturated measures nothing, which is 12.
TEST_F(Load, AThresholdThatFailsIs13) {
  RunningServer server = serve();
  const Ran ran =
      load(url(server), {"--path", "/livez", "-R", "200", "--threshold", "goodput>100000000"});
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

TEST_F(Load, StagesHaveALineEach) {
  RunningServer server = serve();
  const auto event = std::to_string(add_event(1'000'000));
  const Ran ran = load(url(server), {"--events", event, "--stages", "50/s:200ms, 50..150/s:400ms"});
  expect_code_or_saturated(ran, 0);
  EXPECT_THAT(ran.out, HasSubstr("\n50/s"));
  EXPECT_THAT(ran.out, HasSubstr("\n50..150/s"));
  const auto runs = entries_of(workspace_.path() / "runs");
  ASSERT_EQ(1U, runs.size());
  const auto figures = json_of(runs.front() / "trials" / "001-load" / "load.json");
  const auto& stages = figures.at("stages").as_array();
  ASSERT_EQ(2U, stages.size());
  // What a busy machine could not send is of the stage in which it was due, too.
  const auto due = [](const boost::json::value& stage) {
    return stage.at("sent").to_number<int>() + stage.at("unsent").to_number<int>();
  };
  EXPECT_EQ(10, due(stages[0]));
  EXPECT_EQ(40, due(stages[1]));
  EXPECT_NEAR(50 / 0.6, figures.at("offered_per_s").to_number<double>(), 1e-9);
}

TEST_F(Load, StagesThatMakeNoSenseAre64) {
  RunningServer server = serve();
  const std::string target = url(server);
  expect_refusal(load(target, {"--events", "1", "--stages", "100:10s"}), "'100:10s' is no stage");
  expect_refusal(load(target, {"--events", "1", "--stages", "100/s:10s,"}), "--stages");
  expect_refusal(load(target, {"--events", "1", "--stages", "0/s:10s"}), "no request is due");
  expect_refusal(load(target, {"--events", "1", "--stages", "1/s:1s", "-R", "5"}), "--rate");
  expect_refusal(load(target, {"--events", "1", "-R", "5", "--think", "1s"}), "--think");
  expect_refusal(load(target, {"--events", "1", "--stages", "1/s:1s", "-d", "5s"}), "--duration");
}

/// `boxoffice load` on a pseudo terminal.
class OnATerminal : public Load {
 protected:
  ~OnATerminal() override {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (reader_.joinable()) reader_.join();
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    if (master_ >= 0) ::close(master_);
  }
  void start(const std::vector<std::string>& arguments, unsigned short columns) {
    std::vector<std::string> all = {built_program("boxoffice")};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& each : all) argv.push_back(each.data());
    argv.push_back(nullptr);
    const std::string directory = workspace_.path();
    ::setenv("TERM", "xterm", 1);  // and not what the tests are run on, which may be a dumb one
    const winsize size{24, columns, 0, 0};
    pid_ = ::forkpty(&master_, nullptr, nullptr, &size);
    if (pid_ == 0) {  // only what is allowed between fork and exec
      if (::chdir(directory.c_str()) == 0) ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ASSERT_GT(pid_, 0);
    reader_ = std::jthread([this] {
      char bytes[4096];
      for (ssize_t got = 0; (got = ::read(master_, bytes, sizeof bytes)) > 0;) {
        const std::lock_guard lock(mutex_);
        screen_.append(bytes, static_cast<std::size_t>(got));
      }
    });
  }
  std::string screen() {
    const std::lock_guard lock(mutex_);
    return screen_;
  }
  void forget_screen() {
    const std::lock_guard lock(mutex_);
    screen_.clear();
  }
  /// The exit code; -1 where it does not end.
  int end() {
    int status = 0;
    if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, 20s)) return -1;
    pid_ = -1;
    reader_.join();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  pid_t pid_ = -1;
  int master_ = -1;
  std::mutex mutex_;
  std::string screen_;
  std::jthread reader_;
};

TEST_F(OnATerminal, ItFollowsTheWindowAndCtrlCKeepsWhatWasMeasured) {
  RunningServer server = serve();
  std::ofstream(workspace_.path() / "tokens") << "2\t" << tokens_[1] << "\n";
  start({"load", "--target", url(server), "--tokens", "tokens", "--events",
         std::to_string(add_event(1'000'000)), "-c", "1", "-d", "60s"},
        100);
  ASSERT_TRUE(eventually([&] { return screen().find("outcomes") != std::string::npos; }))
      << screen();
  for (const char* part : {"measuring", "left", "rate", "in flight", "p50", "p99"})
    EXPECT_THAT(screen(), HasSubstr(part));
  const winsize narrow{24, 40, 0, 0};
  ASSERT_EQ(0, ::ioctl(master_, TIOCSWINSZ, &narrow));
  forget_screen();
  const auto frames = [&] {
    const std::string text = screen();
    std::size_t count = 0;
    for (std::size_t at = text.find("\033[J"); at != std::string::npos;
         at = text.find("\033[J", at + 1))
      ++count;
    return count;
  };
  ASSERT_TRUE(eventually([&] { return frames() >= 4; }));  // the first may be of before
  std::string drawn = screen();
  drawn = drawn.substr(drawn.find("\033[J", drawn.find("\033[J") + 1));
  std::istringstream lines(drawn.substr(0, drawn.rfind("\033[J")));
  for (std::string line; std::getline(lines, line);) {
    line = std::regex_replace(line, std::regex("\033\\[[0-9;]*[A-Za-z]|\r"), "");
    EXPECT_LT(harness::places_of(line), 40U) << line;
  }
  ASSERT_EQ(1, ::write(master_, "\003", 1));  // the terminal makes a signal of it
  EXPECT_EQ(130, end()) << screen();
  for (const char* part : {"INTERRUPTED", "service", "verdict from the clients' view: pass"})
    EXPECT_THAT(screen(), HasSubstr(part));
  const auto runs = entries_of(workspace_.path() / "runs");
  ASSERT_EQ(1U, runs.size());
  EXPECT_TRUE(json_of(runs.front() / "manifest.json").at("interrupted").as_bool());
  EXPECT_EQ(130, run_program(workspace_, "boxoffice", {"analyze", runs.front().string()}).code);
  const auto figures = json_of(runs.front() / "trials" / "001-load" / "load.json");
  EXPECT_THAT(std::string(figures.at("figure_why").as_string()), HasSubstr("interrupted"));
  EXPECT_GT(figures.at("measured_s").to_number<double>(), 0);
  EXPECT_LT(figures.at("measured_s").to_number<double>(), 30);
}

}  // namespace
}  // namespace boxoffice::tests
