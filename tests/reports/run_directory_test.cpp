// Reading: what is there is read, and what is wrong is named.
#include "reports/run_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "properties/verdict_json.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;
using testing::HasSubstr;

std::string fault_of_run(const std::filesystem::path& directory) {
  try {
    read_run(directory);
  } catch (const DamagedRun& error) {
    return error.what();
  }
  return "";
}

class ReadRun : public testing::Test {
 protected:
  ReadRun() { run.add("atomic", "hot", 16, 1500); }
  SyntheticRun run{2};
  const std::string first = "trials/000-postgresql-atomic-hot-c16/";
};

TEST_F(ReadRun, reads_manifest_and_trials) {
  const reports::Run read = read_run(run.write());
  EXPECT_EQ(read.manifest.seed, 18446744073709551615ULL);
  EXPECT_EQ(read.manifest.databases.at(0).settings.at(0).first, "max_connections");
  EXPECT_EQ(read.manifest.complexity.at("optimistic").lines, 141);
  EXPECT_EQ(read.manifest.scenarios.at(1).name, "hot");
  ASSERT_EQ(read.trials.size(), 2U);
  EXPECT_EQ(read.trials[1].round, 1);
  EXPECT_EQ(read.trials[0].outcomes.sold_out, 12);
}

TEST_F(ReadRun, several_databases_are_an_array) {
  boost::json::value one = run.manifest.at("database");
  run.manifest["database"] = boost::json::array{one, one};
  EXPECT_EQ(read_run(run.write()).manifest.databases.size(), 2U);
}

TEST_F(ReadRun, a_missing_directory_or_manifest_is_named) {
  EXPECT_EQ(fault_of_run("/nonexistent-run"), "is not a run directory");  // callers say which
  run.write();
  std::filesystem::remove(run.directory() / "manifest.json");
  EXPECT_EQ(fault_of_run(run.directory()), "manifest.json: is missing");
}

TEST_F(ReadRun, a_run_without_a_report_says_so) {
  run.manifest.erase("database");
  EXPECT_EQ(fault_of_run(run.write()), "manifest.json: database: is missing");
  run.manifest["command"] = "load";
  EXPECT_EQ(fault_of_run(run.write()), "a load run has no report");
}

TEST_F(ReadRun, another_schema_is_named) {
  run.trials[0].trial["schema"] = "boxoffice.trial/9";
  EXPECT_EQ(fault_of_run(run.write()),
            first + "trial.json: schema: is \"boxoffice.trial/9\", expected \"boxoffice.trial/1\"");
}

TEST_F(ReadRun, a_missing_field_is_named_with_its_place) {
  run.trials[0].trial["outcomes"].as_object().erase("success");
  EXPECT_EQ(fault_of_run(run.write()), first + "trial.json: outcomes.success: is missing");
}

TEST_F(ReadRun, a_field_of_another_kind_is_named) {
  run.trials[0].trial["latency_ms"].as_object()["response"].as_object()["p99"] = "fast";
  EXPECT_EQ(fault_of_run(run.write()),
            first + "trial.json: latency_ms.response.p99: expected a number, found a string");
}

TEST_F(ReadRun, a_cut_off_file_is_named) {
  run.write();
  std::ofstream(run.directory() / (first + "trial.json")) << "{\"schema\": \"boxoff";
  EXPECT_THAT(fault_of_run(run.directory()), HasSubstr(first + "trial.json: is not JSON: "));
}

TEST_F(ReadRun, a_trial_without_its_file_is_a_fault_unless_the_run_was_interrupted) {
  std::filesystem::create_directories(run.write() / "trials/002-cut-off");
  EXPECT_EQ(fault_of_run(run.directory()), "trials/002-cut-off/trial.json: is missing");
  run.manifest["interrupted"] = true;
  EXPECT_EQ(read_run(run.write()).trials.size(), 2U);
  run.manifest["interrupted"] = false;
  for (const char* why : {"broke_off", "harness_error"}) {
    run.manifest[why] = "the database is gone, or memory";
    EXPECT_EQ(read_run(run.write()).trials.size(), 2U);
    run.manifest.erase(why);
  }
  run.manifest["finished_at"] = nullptr;
  EXPECT_EQ(read_run(run.write()).trials.size(), 2U) << "killed while a trial was under way";
}

TEST_F(ReadRun, trials_are_those_that_the_run_had) {
  run.manifest["trials"] = {run.trials[0].directory, run.trials[1].directory};
  EXPECT_EQ(read_run(run.write()).trials.size(), 2U);
  for (const auto& trial : run.trials) {
    run.write();
    std::filesystem::remove_all(run.directory() / "trials" / trial.directory);
    EXPECT_EQ(fault_of_run(run.directory()),
              "trials/" + trial.directory + ": is missing, though the run had it");
  }
  std::filesystem::create_directories(run.write() / "trials/007-other");
  EXPECT_EQ(fault_of_run(run.directory()), "trials/007-other: is no trial of this run");
  run.manifest["finished_at"] = nullptr;  // its harness died, and there are more than it wrote down
  std::filesystem::remove(run.directory() / "trials/007-other");
  run.manifest["trials"] = boost::json::array();
  EXPECT_EQ(read_run(run.write()).trials.size(), 2U);
}

TEST_F(ReadRun, of_an_unlisted_run_the_numbers_have_no_gap) {
  run.add("optimistic", "hot", 16, 900);
  for (std::size_t gone = 1; gone + 1 < run.trials.size(); ++gone) {
    run.write();
    std::filesystem::remove_all(run.directory() / "trials" / run.trials[gone].directory);
    EXPECT_THAT(fault_of_run(run.directory()),
                HasSubstr("trials: number " + std::to_string(gone) + " is missing"));
  }
  run.manifest["interrupted"] = true;
  run.write();
  std::filesystem::remove_all(run.directory() / "trials" / run.trials[1].directory);
  EXPECT_EQ(read_run(run.directory()).trials.size(), run.trials.size() - 1);
}

TEST_F(ReadRun, a_pass_with_violations_is_damaged) {
  run.trials[0].trial["violations"] = {{{"invariant", "H2"}, {"message", "m"}}};
  EXPECT_THAT(fault_of_run(run.write()), HasSubstr("although the verdict is \"pass\""));
}

TEST_F(ReadRun, a_verdict_file_that_disagrees_is_damaged) {
  properties::Verdict verdict;
  verdict.outcome = properties::Outcome::violation;
  run.write();
  std::ofstream(run.directory() / (first + "verdict.json")) << properties::verdict_line(verdict);
  EXPECT_EQ(fault_of_run(run.directory()),
            first + "verdict.json: says \"violation\", trial.json says \"pass\"");
}

TEST_F(ReadRun, says_why_a_verdict_is_invalid) {
  properties::Verdict verdict;
  verdict.outcome = properties::Outcome::invalid;
  verdict.missing_evidence = {"nothing was sold out"};
  verdict.checks = {{"H5", properties::Outcome::unknown, 3, "a gap of versions"}};
  run.trials[0].trial["verdict"] = "invalid";
  run.write();
  std::ofstream(run.directory() / (first + "verdict.json")) << properties::verdict_line(verdict);
  EXPECT_EQ(read_run(run.directory()).trials[0].verdict_why,
            "nothing was sold out; H5: a gap of versions");
}

TEST_F(ReadRun, a_repetition_supersedes_and_an_unexplained_double_is_damaged) {
  run.trials[1].trial["round"] = 0;
  EXPECT_THAT(fault_of_run(run.write()), HasSubstr("neither repeats the other"));
  run.trials[1].trial["repeated"] = true;
  const reports::Run read = read_run(run.write());
  EXPECT_TRUE(read.trials[0].superseded);
  EXPECT_FALSE(read.trials[1].superseded);
}

}  // namespace
}  // namespace boxoffice::reports
