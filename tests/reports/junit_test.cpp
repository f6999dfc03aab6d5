// JUnit: counts, escaping, and that it is well-formed (every tag that opens closes, in order).
#include "reports/junit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;
using testing::HasSubstr;
using testing::Not;

std::string junit_of(const SyntheticRun& run) {
  const Run read = read_run(run.write());
  return junit_xml(read, summarize(read));
}

/// Walks the tags with a stack; attribute values hold no raw '<' or '>' because they are escaped.
bool well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return false;
    if (tag.front() == '?' || tag.back() == '/') continue;
    if (tag.front() != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
      continue;
    }
    if (open.empty() || open.back() != tag.substr(1)) return false;
    open.pop_back();
  }
  return open.empty();
}

TEST(Junit, a_caught_control_is_a_passed_test) {
  SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1500);
  run.add_control(true);
  const std::string xml = junit_of(run);
  EXPECT_THAT(xml, HasSubstr("tests=\"2\" failures=\"0\""));
  EXPECT_TRUE(well_formed(xml)) << xml;
}

TEST(Junit, no_two_trials_have_one_name) {
  SyntheticRun run(3);
  run.fill();
  run.add_rates("atomic");
  run.add("atomic", "spread", 64, 2900);  // once more, on two servers
  for (std::size_t i = run.trials.size() - 3; i < run.trials.size(); ++i) {
    run.trials[i].trial["instances"] = 2;
    run.trials[i].directory += "-i2";
  }
  const std::string xml = junit_of(run);
  constexpr std::string_view k_name = "<testcase ";
  std::set<std::string> names;
  for (std::size_t at = xml.find(k_name); at != std::string::npos; at = xml.find(k_name, at + 1)) {
    const std::string name = xml.substr(at, xml.find(" time=", at) - at);
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(names.size(), run.trials.size());
  EXPECT_THAT(xml, HasSubstr("name=\"atomic spread, 64 connections, closed, 2 instances, round "));
}

TEST(Junit, a_trials_time_is_what_it_took_and_not_what_it_was_given) {
  SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1500);
  run.trials[0].trial["warmup_s"] = 1;
  run.trials[0].trial["duration_s"] = 60;
  run.trials[0].trial["measured_s"] = 6.25;
  EXPECT_THAT(junit_of(run), HasSubstr("time=\"7.250\""));
}

TEST(Junit, an_uncaught_control_and_a_violation_are_failures_with_their_message) {
  SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1500);
  run.add_control(false);
  run.trials[0].trial["verdict"] = "violation";
  run.trials[0].trial["violations"] = {
      {{"invariant", "H2"}, {"message", "101 > 100 & \"held\" \x01"}, {"event_id", 7}}};
  const std::string xml = junit_of(run);
  EXPECT_THAT(xml, HasSubstr("tests=\"2\" failures=\"2\""));
  EXPECT_THAT(xml, HasSubstr("message=\"H2: 101 &gt; 100 &amp; &quot;held&quot; ?\""));
  EXPECT_THAT(xml, HasSubstr("the control was not caught"));
  EXPECT_THAT(xml, Not(HasSubstr("\x01")));
  EXPECT_TRUE(well_formed(xml)) << xml;
}

TEST(Junit, a_run_that_failed_as_a_whole_is_a_failure_too) {
  SyntheticRun run(1);
  run.add("atomic", "hot", 16, 1500);
  run.manifest["interrupted"] = true;
  run.manifest["run_id"] = "<&\">";
  const std::string xml = junit_of(run);
  EXPECT_THAT(xml, HasSubstr("failures=\"1\""));
  EXPECT_THAT(xml, HasSubstr("INTERRUPTED"));
  EXPECT_TRUE(well_formed(xml)) << xml;
}

}  // namespace
}  // namespace boxoffice::reports
