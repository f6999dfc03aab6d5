// Four generators at once against one server, and one verdict: what none of them could know alone.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "tests/e2e/harness_run.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::HasSubstr;

class Merge : public ServerTest {
 protected:
  static constexpr int k_parts = 4;

  /// What the parts said; their runs are in runs-1 to runs-4.
  std::vector<Ran> load_in_parts(const RunningServer& server, std::int64_t event) {
    std::ofstream tokens(workspace_.path() / "tokens");
    for (std::size_t i = 0; i < tokens_.size(); ++i) tokens << i + 1 << '\t' << tokens_[i] << '\n';
    tokens.close();
    std::vector<std::unique_ptr<Program>> programs;
    for (int part = 1; part <= k_parts; ++part) {
      programs.push_back(std::make_unique<Program>(
          workspace_, "boxoffice",
          std::vector<std::string>{
              "load", "--target", fmt::format("http://127.0.0.1:{}", server.port()), "--tokens",
              "tokens", "--events", std::to_string(event), "-c", "3", "-d", "1500ms", "-w", "300ms",
              "--part", fmt::format("{}/{}", part, k_parts), "-o", fmt::format("runs-{}", part),
              "--quiet"},
          Environment{}));
    }
    std::vector<Ran> parts;
    for (auto& program : programs) parts.push_back(program->wait(30s));
    return parts;
  }
  std::vector<std::string> runs() {
    std::vector<std::string> runs;
    for (int part = 1; part <= k_parts; ++part) {
      const auto directory = workspace_.path() / fmt::format("runs-{}", part);
      runs.push_back((directory / entries_of(directory).at(0)).string());
    }
    return runs;
  }
  Ran merge() {
    std::vector<std::string> arguments = {"merge"};
    for (const auto& run : runs()) arguments.push_back(run);
    return run_program(workspace_, "boxoffice", arguments);
  }
};

TEST_F(Merge, FourPartsOfASoundServerPassTogether) {
  RunningServer server = serve();
  // Alone a part judges nothing: it sees what the others did as gaps.
  for (const Ran& part : load_in_parts(server, add_event(1'000'000)))
    expect_code_or_saturated(part, 0);
  const Ran merged = merge();
  expect_code_or_saturated(merged, 0);
  EXPECT_THAT(merged.out, HasSubstr("4 parts"));
  EXPECT_THAT(merged.out, HasSubstr("verdict from the clients' view: pass"));
  const auto run = workspace_.path() / "runs" / entries_of(workspace_.path() / "runs").at(0);
  EXPECT_EQ(0, run_program(workspace_, "boxoffice", {"analyze", run.string()}).code);

  const Ran part = run_program(workspace_, "boxoffice", {"analyze", runs()[0]});
  EXPECT_EQ(64, part.code) << part.out << part.err;
  EXPECT_THAT(part.err, HasSubstr("is part 1 of 4"));

  std::ofstream(runs()[1] + "/trials/001-load/broke.txt") << "the wall clock was set by 3 s\n";
  const Ran broken = merge();
  EXPECT_EQ(12, broken.code) << broken.out << broken.err;
  EXPECT_THAT(broken.out, HasSubstr("invalid"));
  EXPECT_THAT(broken.out, HasSubstr("the wall clock was set by 3 s"));
}

TEST_F(Merge, WhatIsOversoldBetweenThemIsCaught) {
  RunningServer server(workspace_, url_,
                       {"--strategy", "naive", "--event-concurrency", "unlimited"},
                       "boxoffice-server-broken");
  load_in_parts(server, add_event(1'000'000));
  const Ran merged = merge();
  EXPECT_EQ(10, merged.code) << merged.out << merged.err;
}

TEST_F(Merge, WhatCannotBeMergedIs64) {
  const auto refused = [&](const std::vector<std::string>& flags, const std::string& about) {
    const Ran ran = run_program(workspace_, "boxoffice", flags);
    EXPECT_EQ(64, ran.code) << ran.out;
    EXPECT_EQ(1U, count_lines(ran.err)) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(about));
  };
  refused({"merge", "nowhere", "elsewhere"}, "nowhere");
  refused({"merge", "one"}, "at least two");
  refused({"load", "--target", "http://127.0.0.1:1", "--events", "1", "--part", "5/4"}, "5/4");
  refused({"load", "--target", "http://127.0.0.1:1", "--events", "1", "--part", "1/4"}, "users");
}

}  // namespace
}  // namespace boxoffice::tests
