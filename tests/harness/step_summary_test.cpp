// A CI system's page: appended to where it is asked for, and never a reason to fail.
#include "harness/step_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "harness/run_directory.hpp"

namespace boxoffice::harness {
namespace {

namespace fs = std::filesystem;

class StepSummary : public testing::Test {
 protected:
  StepSummary() {
    std::string name = (fs::temp_directory_path() / "boxoffice-step-XXXXXX").string();
    directory = mkdtemp(name.data());
    page = directory / "summary";
    setenv("GITHUB_STEP_SUMMARY", page.c_str(), 1);
  }
  ~StepSummary() override {
    unsetenv("GITHUB_STEP_SUMMARY");
    fs::remove_all(directory);
  }
  fs::path directory, page;
};

TEST_F(StepSummary, appends_to_what_other_steps_wrote) {
  write_file(page, "before\n");
  write_file(directory / "summary.md", "## PASS\n");
  append_step_summary("## HELD\n");
  append_step_summary_file((directory / "summary.md").string());
  EXPECT_EQ(read_file(page), "before\n## HELD\n\n## PASS\n\n");
}

TEST_F(StepSummary, does_nothing_where_nobody_asks) {
  setenv("GITHUB_STEP_SUMMARY", "", 1);
  append_step_summary("## HELD\n");
  unsetenv("GITHUB_STEP_SUMMARY");
  append_step_summary("## HELD\n");
  EXPECT_TRUE(fs::is_empty(directory));
}

TEST_F(StepSummary, what_cannot_be_appended_is_one_warning) {
  for (const fs::path& wrong : {directory, directory / "no" / "such"}) {
    setenv("GITHUB_STEP_SUMMARY", wrong.c_str(), 1);
    testing::internal::CaptureStderr();
    append_step_summary("## HELD\n");
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                testing::MatchesRegex("boxoffice: warning: .GITHUB_STEP_SUMMARY: cannot write " +
                                      wrong.string() + ": [^\n]+\n"));
  }
}

}  // namespace
}  // namespace boxoffice::harness
