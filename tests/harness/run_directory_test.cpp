// What broke in a trial: in a file of its own and in the history, so that a verdict hears of it
// where one of the two is lost, and a clock that was set accuses nobody.
#include "harness/run_directory.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "harness/process/keeper.hpp"
#include "properties/audit_json.hpp"
#include "properties/history_json.hpp"
#include "tests/properties/written_run.hpp"

namespace boxoffice::harness {
namespace {

namespace fs = std::filesystem;
using properties::WrittenRun;
using ::testing::ElementsAre;

class BrokenTrial : public ::testing::Test {
 protected:
  void keep(const WrittenRun& run) const {
    std::string history, audit;
    properties::append_line(history, run.history.header);
    for (const properties::Entry& entry : run.history.entries)
      properties::append_line(history, entry);
    properties::append_audit(audit, run.audit);
    write_file(trial() / "history.jsonl", history);
    write_file(trial() / "audit.jsonl", audit);
  }
  const fs::path& trial() const { return directory_.path(); }
  properties::Verdict judged() const { return judge_trial(trial()); }

 private:
  TemporaryDirectory directory_{temporary_root(), "broken"};
};

/// Holds last 1 s, and this one is refused as expired after 0.9.
WrittenRun refused_too_early() {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.refused(properties::Function::purchase, 900, 901, 1, "reservation_expired", 410);
  run.end(9, 1);
  return run;
}

TEST_F(BrokenTrial, AClockThatWasSetMakesItInvalidAndNoViolation) {
  keep(refused_too_early());
  EXPECT_EQ(properties::Outcome::violation, judged().outcome);
  keep_breakage(trial(), {"the machine's clock was set by +2.000 s", 2'000'000});
  EXPECT_EQ(properties::Outcome::invalid, judged().outcome) << properties::messages(judged());
  EXPECT_THAT(judged().missing_evidence, ElementsAre("the machine's clock was set by +2.000 s"));
}

TEST_F(BrokenTrial, OneOfItsTwoRecordsIsEnough) {
  keep(properties::sound_run());
  EXPECT_EQ(properties::Outcome::pass, judged().outcome);
  write_file(trial() / k_broke_file, "the server died\n");  // as it was before histories said it
  EXPECT_THAT(judged().missing_evidence, ElementsAre("the server died"));
  keep_breakage(trial(), {"the server died"});
  EXPECT_THAT(judged().missing_evidence, ElementsAre("the server died")) << "and not twice";
  fs::remove(trial() / k_broke_file);
  EXPECT_EQ(properties::Outcome::invalid, judged().outcome);
  EXPECT_THAT(judged().missing_evidence, ElementsAre("the server died"));
}

TEST_F(BrokenTrial, AHistoryThatEndsWithinALineIsLeftAsItIs) {
  keep(properties::sound_run());
  const std::string whole = read_file(trial() / "history.jsonl");
  write_file(trial() / "history.jsonl", whole.substr(0, whole.size() - 5));
  keep_breakage(trial(), {"the disk was full"});
  EXPECT_EQ(whole.substr(0, whole.size() - 5), read_file(trial() / "history.jsonl"));
  EXPECT_EQ(properties::Outcome::invalid, judged().outcome);
}

TEST_F(BrokenTrial, NothingIsAppendedToHalfALine) {
  const fs::path history = trial() / "history.jsonl";
  append_to_history(history, "new\n");
  EXPECT_FALSE(fs::exists(history)) << "what has no header is no history";
  write_file(history, "whole\nhal");
  append_to_history(history, "new\n");
  EXPECT_EQ("whole\nhal", read_file(history));
  write_file(history, "whole\n");
  append_to_history(history, "new\n");
  EXPECT_EQ("whole\nnew\n", read_file(history));
}

}  // namespace
}  // namespace boxoffice::harness
