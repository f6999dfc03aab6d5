// The picture of a violation, compared as a whole: it is what somebody reads at three in the
// morning.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "properties/history_json.hpp"
#include "reports/terminal.hpp"
#include "reports/timeline.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using namespace properties;
using testing::HasSubstr;

History lost_update() {
  test::SyntheticRun run(1);
  run.add_control(true);
  return read_history(run.trials.back().history).value().history;
}

Verdict caught() {
  Verdict verdict;
  verdict.outcome = Outcome::violation;
  verdict.violations = {{"H5", "version 40 was made twice", 7, {211, 212}, {101, 102}}};
  verdict.violations_total = 1;
  return verdict;
}

TEST(FailureTerminal, draws_the_two_reserves_that_took_one_ticket) {
  EXPECT_EQ(failure_terminal(lost_update(), caught(), {"boxoffice analyze R", "boxoffice verify"}),
            "VIOLATION H5  event 7: version 40 was made twice\n"
            "\n"
            "  process 3   [================#211 reserve=================]\n"
            "  process 11                  [================#212 reserve=================]\n"
            "              time, in order, not to scale ->\n"
            "\n"
            "  op   process call ms return ms f       in -> out\n"
            "  #211       3   0.000     1.900 reserve quantity 1, user 31\n"
            "       -> ok 201, reservation 101, reserved, version 40, available 10\n"
            "  #212      11   0.400     2.100 reserve quantity 1, user 45\n"
            "       -> ok 201, reservation 102, reserved, version 40, available 10\n"
            "\n"
            "analyze: boxoffice analyze R\n"
            "replay:  boxoffice verify\n");
}

TEST(FailureTerminal, a_pass_has_nothing_to_draw) {
  EXPECT_EQ(failure_terminal(lost_update(), Verdict{}, {}), "");
}

TEST(FailureTerminal, what_was_never_answered_has_no_end) {
  History history = lost_update();
  history.entries[3].type = EntryType::info;
  history.entries[3].error = {"timeout", 0, "receive"};
  const Timeline timeline = contradiction(history, caught().violations[0]);
  ASSERT_EQ(timeline.bars.size(), 2U);
  EXPECT_FALSE(timeline.bars[1].return_ns);
  EXPECT_GT(timeline.bars[1].return_at, timeline.bars[0].return_at);
  EXPECT_THAT(failure_terminal(history, caught(), {}), HasSubstr("~>"));
  EXPECT_THAT(output_text(timeline.bars[1]), HasSubstr("timeout, in receive"));
}

TEST(FailureTerminal, many_operations_are_cut_and_stay_inside_the_columns) {
  History history = lost_update();
  Verdict verdict = caught();
  for (std::int64_t i = 0; i < 40; ++i) {
    Entry entry = history.entries[0];
    entry.index = 1000 + 2 * i;
    entry.process = 100'000'000 + i;
    entry.t_ns += 10'000'000 * (i + 1);
    history.entries.push_back(entry);
    entry.index += 1;
    entry.type = EntryType::ok;
    entry.t_ns += 95'000'000;
    entry.out.http = 200;
    history.entries.push_back(entry);
    verdict.violations[0].operations.push_back(1000 + 2 * i);
  }
  const std::string text = failure_terminal(history, verdict, {});
  EXPECT_THAT(text, HasSubstr("and 30 more"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 80U) << line;
}

TEST(FailureTerminal, operations_that_the_history_lacks_are_no_error) {
  Verdict verdict = caught();
  verdict.violations[0].operations = {4711};
  EXPECT_THAT(failure_terminal(lost_update(), verdict, {}), HasSubstr("VIOLATION H5"));
}

TEST(FailureTerminal, draws_a_fault_as_a_lane_of_its_own_and_says_what_was_seen_of_it) {
  History history = lost_update();
  history.faults = {{.kind = "kill-server",
                     .t_ns = 500'000,
                     .healed_ns = 2'000'000,
                     .in_flight = 31,
                     .landed = true,
                     .evidence = "the server ended with 137"}};
  const std::string text = failure_terminal(history, caught(), {"", ""});
  EXPECT_THAT(text,
              HasSubstr("  kill-server ###########################################\n"
                        "  process 3              [==============#211 reserve===============]\n"));
  EXPECT_THAT(text, HasSubstr("  fault from -0.500 to 1.000 ms: kill-server, 31 operations under "
                              "way: the\n    server ended with 137\n"));
}

}  // namespace
}  // namespace boxoffice::reports
