// The entry point: five files, the exit code, and nothing left half written.
#include "reports/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

namespace fs = std::filesystem;

TEST(RenderRun, writes_five_files_and_returns_the_exit_code) {
  test::SyntheticRun run(3);
  run.fill();
  const Rendered rendered = render_run(run.write());
  EXPECT_EQ(rendered.summary.exit_code, 0);
  for (const auto& path : {rendered.summary_json, rendered.summary_csv, rendered.summary_md,
                           rendered.report_html, rendered.junit_xml}) {
    EXPECT_GT(fs::file_size(path), 100U) << path;
    EXPECT_FALSE(fs::exists(path.string() + ".part"));
  }
  EXPECT_THAT(rendered.terminal(), testing::HasSubstr("report.html"));
}

TEST(RenderRun, twice_gives_the_same_files) {
  test::SyntheticRun run(3);
  run.fill();
  const auto first = read_text(render_run(run.write()).report_html, "report.html");
  EXPECT_EQ(first, read_text(render_run(run.directory()).report_html, "report.html"));
}

TEST(RenderRun, a_histogram_that_cannot_be_read_does_not_cost_the_verdict) {
  test::SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1000);
  run.trials[0].latency = "garbage\n";
  EXPECT_THROW(render_run(run.write()), DamagedRun);
  EXPECT_TRUE(fs::exists(run.directory() / "summary.json"));
  EXPECT_TRUE(fs::exists(run.directory() / "junit.xml"));
}

TEST(RenderRun, what_cannot_be_written_leaves_no_half_of_it) {
  test::SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1000);
  run.write();
  fs::create_directories(run.directory() / "report.html" / "in the way");
  try {
    render_run(run.directory());
    ADD_FAILURE() << "written over a directory";
  } catch (const fs::filesystem_error& error) {
    EXPECT_TRUE(error.code()) << error.what();
    EXPECT_EQ(error.path1(), run.directory() / "report.html");
  }
  EXPECT_FALSE(fs::exists(run.directory() / "report.html.part"));
}

}  // namespace
}  // namespace boxoffice::reports
