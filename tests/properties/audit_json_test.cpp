// The stored audit and verdict: read back as they were written; whatever is broken is named by
// line.
#include "properties/audit_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "properties/verdict_json.hpp"

namespace boxoffice::properties {
namespace {

TEST(AuditJson, RoundTrips) {
  Audit audit;
  audit.events = {{1, 100, 90, 4, 90, 4}, {2, 5, 5, 0, std::nullopt, std::nullopt}};
  audit.reservations.push_back(
      {7, 1, 2, 3, ReservationStatus::purchased, 10, 9, "r", 1, std::nullopt, 5, 9});
  audit.reservations.push_back(
      {8, 1, 2, 3, ReservationStatus::expired, 10, std::nullopt, "s", 2, 3, 5, 11});
  std::string text;
  append_audit(text, audit);
  const auto read = read_audit(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->events, audit.events);
  EXPECT_EQ(read->reservations, audit.reservations);
}

TEST(AuditJson, HalfAnAuditIsAnError) {
  Audit audit;
  audit.events = {{1, 100, 90, 4, 90, 4}};
  std::string text;
  append_audit(text, audit);
  const auto read = read_audit(text.substr(0, text.size() - 1));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().line, 2);
  EXPECT_FALSE(read_audit(""));
}

TEST(AuditJson, WithoutItsLastLinesItIsAnError) {
  Audit audit;
  audit.events = {{1, 100, 90, 4, 90, 4}, {2, 5, 5, 0, {}, {}}};
  std::string text;
  append_audit(text, audit);
  const auto read = read_audit(text.substr(0, text.rfind('\n', text.size() - 2) + 1));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().line, 2);
  EXPECT_THAT(read.error().message, testing::HasSubstr("says that 2 follow it, not 1"));
  EXPECT_TRUE(read_audit("{\"schema\":\"boxoffice.audit/1\"}\n")) << "of before it was counted";
}

TEST(AuditJson, AnUnknownFieldIsNamedByItsLine) {
  Audit audit;
  audit.events = {{1, 100, 90, 4, 90, 4}};
  std::string text;
  append_audit(text, audit);
  text.replace(text.find("get_version"), 11, "got_version");
  const auto read = read_audit(text);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().line, 2);
  EXPECT_THAT(read.error().message, testing::HasSubstr("\"got_version\" is unknown"));
}

TEST(VerdictJson, RoundTrips) {
  Verdict verdict;
  verdict.outcome = Outcome::violation;
  verdict.checks = {{"H5", Outcome::violation, 12, ""}, {"D1", Outcome::unknown, 0, "no audit"}};
  verdict.violations = {{"H5", "two reserves (#12, #15) claim version 7", 3, {12, 15}, {4}}};
  verdict.violations_total = 3;
  verdict.evidence = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  verdict.missing_evidence = {"no hold expired"};
  verdict.not_attempted = {"H6: it was not asked for"};
  const auto read = read_verdict(verdict_line(verdict));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, verdict);
  EXPECT_FALSE(read_verdict("{\"schema\":\"boxoffice.verdict/1\",\"outcome\":\"good\"}"));
}

}  // namespace
}  // namespace boxoffice::properties
