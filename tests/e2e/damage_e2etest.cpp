// `analyze` and `report` of stored runs that were damaged: exit 64 and one line, or a verdict that
// is no pass; never a crash, never a page.
//
// What can be wrong with each file, byte by byte, is tests/reports/damage_test.cpp. Here is what
// only the program can show: that its commands read every file that they stand on, and that what
// they throw ends as one line with an exit code.
#include <fmt/format.h>

#include <functional>

#include "harness/database/url_text.hpp"
#include "harness/run_directory.hpp"
#include "properties/audit_json.hpp"
#include "properties/history_json.hpp"
#include "properties/verdict_json.hpp"
#include "tests/e2e/harness_run.hpp"
#include "tests/properties/written_run.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::tests {
namespace {

namespace fs = std::filesystem;

/// Three buyers of ten tickets, one of whom gives back what they had.
properties::WrittenRun sound_run() {
  properties::WrittenRun run(10);
  run.reserve(0, 10, 1, 2, 8, 1);
  run.reserve(20, 30, 2, 3, 5, 2);
  run.cancel(40, 50, 1, 7, 3);
  run.reserve(60, 70, 3, 1, 6, 4);
  run.end(6, 4);
  return run;
}

class DamagedRuns : public HarnessTest {
 protected:
  DamagedRuns() {
    run_.add("atomic", "hot", 16, 1500);
    run_.write();
    keep(0, sound_run());
  }

  fs::path trial(std::size_t index = 0) const {
    return run_.directory() / "trials" / run_.trials[index].directory;
  }

  /// As the harness leaves it in the directory of that trial.
  void keep(std::size_t index, const properties::WrittenRun& written) const {
    std::string history, audit;
    properties::append_line(history, written.history.header);
    for (const properties::Entry& entry : written.history.entries)
      properties::append_line(history, entry);
    properties::append_audit(audit, written.audit);
    harness::write_file(trial(index) / "history.jsonl", history);
    harness::write_file(trial(index) / "audit.jsonl", audit);
    harness::write_file(trial(index) / "verdict.json", properties::verdict_line(written.judged()));
  }

  Ran command(const std::string& name) const {
    return run_program(workspace_, "boxoffice", {name, run_.directory().string()});
  }

  /// `damage` done to `file`, then undone.
  Ran after(const std::string& name, const fs::path& file,
            const std::function<std::string(std::string)>& damage) const {
    const std::string whole = harness::read_file(file);
    harness::write_file(file, damage(whole));
    const Ran ran = command(name);
    harness::write_file(file, whole);
    return ran;
  }

  reports::test::SyntheticRun run_{1};
};

std::string emptied(std::string) {
  return "";
}

std::string halved(std::string text) {
  return text.substr(0, text.size() / 2);
}

std::string flipped(std::string text) {
  text[text.size() / 3] = static_cast<char>(text[text.size() / 3] ^ 0x80);
  return text;
}

std::string another_schema(std::string text) {
  const std::size_t at = text.find("boxoffice.");
  return text.replace(at, 10, "somewhere.");
}

/// The first number becomes a word.
std::string word_for_a_number(std::string text) {
  const std::size_t colon = text.find_first_of("0123456789", text.find("/1\"") + 3);
  return text.insert(text.find_first_not_of("0123456789", colon), "\"").insert(colon, "\"");
}

TEST_F(DamagedRuns, WithoutDamageBothPass) {
  const Ran analyzed = command("analyze");
  EXPECT_EQ(0, analyzed.code) << analyzed.out << analyzed.err;
  EXPECT_EQ(analyzed.out.find("differs"), std::string::npos) << analyzed.out;
  EXPECT_EQ(0, command("report").code);
}

TEST_F(DamagedRuns, ATrialThatWasRepeatedCountsForAnalyzeAsForTheRun) {
  run_.add("atomic", "hot", 16, 1500);
  run_.trials[0].trial["verdict"] = "invalid";
  run_.trials[1].trial["repeated"] = true;
  run_.write();
  keep(0, properties::WrittenRun(10));
  keep(1, sound_run());
  const Ran analyzed = command("analyze");
  EXPECT_EQ(0, analyzed.code) << analyzed.out << analyzed.err;
  EXPECT_NE(analyzed.out.find("no operation was sent"), std::string::npos) << analyzed.out;
}

/// The harness was killed in its second trial: there is no report, and what is there is judged.
TEST_F(DamagedRuns, ARunWhoseHarnessDiedIsJudgedTrialByTrial) {
  run_.add("atomic", "hot", 16, 1500);
  run_.trials[1].trial["round"] = 2;
  run_.write();
  keep(0, sound_run());
  keep(1, properties::WrittenRun(10));
  fs::remove(trial(1) / "trial.json");
  fs::remove(trial(1) / "verdict.json");
  const Ran analyzed = command("analyze");
  EXPECT_EQ(12, analyzed.code) << analyzed.out << analyzed.err;
  EXPECT_NE(analyzed.out.find("no operation was sent"), std::string::npos) << analyzed.out;
}

/// Otherwise the verdict of what is left would be that of the run, and written over the real one.
TEST_F(DamagedRuns, ATrialThatIsGoneIsNoPass) {
  run_.add("optimistic", "hot", 16, 1500);
  run_.manifest["trials"] = {run_.trials[0].directory, run_.trials[1].directory};
  run_.write();
  keep(1, sound_run());
  EXPECT_EQ(0, command("analyze").code);
  for (std::size_t i = 0; i < run_.trials.size(); ++i) {
    const fs::path aside = workspace_.path() / "aside";
    fs::rename(trial(i), aside);
    for (const char* name : {"analyze", "report"})
      expect_one_line(command(name), 64, run_.trials[i].directory + ": is missing");
    fs::rename(aside, trial(i));
  }
  EXPECT_FALSE(fs::exists(run_.directory() / "summary.json"));
}

TEST_F(DamagedRuns, AControlIsCaughtByWhatItIsNamedForOnly) {
  run_.trials[0].trial["control"] = true;
  run_.trials[0].trial["verdict"] = "violation";
  run_.trials[0].trial["caught_by"] = boost::json::array{"D1"};
  run_.add("atomic", "hot", 16, 1500);
  run_.write();
  properties::WrittenRun oversold = sound_run();
  oversold.end(7, 4);
  keep(0, oversold);
  keep(1, sound_run());
  EXPECT_EQ(0, command("analyze").code);
  run_.trials[0].trial["caught_by"] = boost::json::array{"X7"};
  run_.write();
  const Ran analyzed = command("analyze");
  EXPECT_EQ(12, analyzed.code) << analyzed.out << analyzed.err;
  EXPECT_NE(
      harness::one_line(analyzed.out).find("was not caught by an invariant named for its bug"),
      std::string::npos)
      << analyzed.out;
}

TEST_F(DamagedRuns, AnalyzeRefusesEachOfItsFilesInOneLine) {
  for (const char* name : {"history.jsonl", "audit.jsonl", "trial.json", "verdict.json"}) {
    for (const auto& damage : {emptied, flipped, another_schema, word_for_a_number}) {
      SCOPED_TRACE(name);
      expect_one_line(after("analyze", trial() / name, damage), 64, name);
    }
  }
}

TEST_F(DamagedRuns, HalfAFileIsNeverAPass) {
  for (const char* name : {"audit.jsonl", "trial.json", "verdict.json"})
    expect_one_line(after("analyze", trial() / name, halved), 64, name);
  // A history that ends early is what a harness that died leaves. It accuses nobody: the rows of
  // the half that is gone come from no operation that is left.
  const Ran ran = after("analyze", trial() / "history.jsonl", halved);
  EXPECT_EQ(12, ran.code) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("H1 invalid"), std::string::npos) << ran.out;
}

TEST_F(DamagedRuns, ReportRefusesEachOfItsFilesInOneLine) {
  const fs::path manifest = run_.directory() / "manifest.json";
  for (const fs::path& file : {manifest, trial() / "trial.json", trial() / "verdict.json"}) {
    for (const auto& damage : {emptied, halved, flipped, another_schema, word_for_a_number}) {
      SCOPED_TRACE(file);
      expect_one_line(after("report", file, damage), 64, file.filename().string());
    }
  }
  for (const auto& damage : {emptied, halved, flipped})
    expect_one_line(after("report", trial() / "latency.hdr", damage), 64, "latency.hdr");
  EXPECT_FALSE(fs::exists(run_.directory() / "report.html"));
}

/// The harness was killed while it waited to ask the database, or the file was lost: a row that is
/// missing there is a violation, and must not become a pass.
TEST_F(DamagedRuns, WithoutTheAuditThatIsDueNothingPasses) {
  properties::WrittenRun lost = sound_run();
  lost.history.header.audit_due = true;
  lost.audit.reservations.pop_back();
  run_.trials[0].trial["verdict"] = "violation";
  run_.write();
  keep(0, lost);
  EXPECT_EQ(10, command("analyze").code);
  fs::remove(trial() / "audit.jsonl");
  const Ran ran = command("analyze");
  EXPECT_EQ(12, ran.code) << ran.out << ran.err;
  EXPECT_NE(harness::one_line(ran.out).find(
                "the database was to be asked at the end, and there is no audit"),
            std::string::npos)
      << ran.out;
}

// Files of two trials beside each other accuse nobody either.
TEST_F(DamagedRuns, AnAuditOfOtherEventsIsRefused) {
  const auto of_event_7 = [](std::string text) {
    const std::string id = "\"event_id\":1";
    for (std::size_t at = 0; (at = text.find(id, at)) != text.npos; ++at)
      text.replace(at + id.size() - 1, 1, "7");
    return text;
  };
  expect_one_line(after("analyze", trial() / "audit.jsonl", of_event_7), 64,
                  "audit.jsonl: is of event 7");
}

TEST_F(DamagedRuns, WhyAHistoryIsInvalidIsSaid) {
  const Ran zeros = after("analyze", trial() / "history.jsonl", [](std::string text) {
    return text.replace(text.size() - 40, 40, std::string(40, '\0'));
  });
  EXPECT_EQ(12, zeros.code) << zeros.out << zeros.err;
  EXPECT_NE(zeros.out.find("  H1: "), std::string::npos) << zeros.out;
}

TEST_F(DamagedRuns, ADirectoryInAFilesPlaceIsNoFile) {
  fs::remove(trial() / "history.jsonl");
  fs::create_directory(trial() / "history.jsonl");
  expect_one_line(command("analyze"), 64, "history.jsonl: is a directory");
}

TEST_F(DamagedRuns, AMissingFileIsNamed) {
  fs::remove(trial() / "history.jsonl");
  expect_one_line(command("analyze"), 64, "history.jsonl");
  fs::remove(run_.directory() / "manifest.json");
  expect_one_line(command("report"), 64, "manifest.json: is missing");
}

}  // namespace
}  // namespace boxoffice::tests
