// Reads of what a crash undid: excused only where the database shows commits early, only beyond
// what was acknowledged, and only before the crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

constexpr std::int64_t k_crash_ms = 10, k_healed_ms = 20;

/// Version 1 was acknowledged; version 2 was seen by a read, undone by the crash, and made anew.
WrittenRun crashed_run(bool early_visibility, const char* kind = "kill-database") {
  WrittenRun run(10);
  run.history.header.early_visibility = early_visibility;
  run.history.faults.push_back({.kind = kind,
                                .t_ns = k_crash_ms * 1'000'000,
                                .healed_ns = k_healed_ms * 1'000'000,
                                .in_flight = 1,
                                .landed = true,
                                .evidence = "gone"});
  run.reserve(1, 2, 1, 1, 9, 1);
  run.read(5, 6, 8, 2);
  run.reserve(30, 31, 2, 1, 8, 2);
  run.end(8, 2);
  return run;
}

TEST(UndoneReads, AccuseNobodyWhereCommitsAreSeenEarly) {
  const Verdict verdict = crashed_run(true).judged();
  EXPECT_EQ(Outcome::pass, verdict.outcome) << messages(verdict);
  EXPECT_THAT(verdict.not_attempted,
              testing::Contains(testing::StartsWith("H3 and H5 of 1 replies")));
}

TEST(UndoneReads, AreAViolationWhereTheyAreNot) {
  EXPECT_EQ(Outcome::violation, crashed_run(false).judged().outcome);
}

TEST(UndoneReads, AreAViolationWhereTheDatabaseWasNotEnded) {
  EXPECT_EQ(Outcome::violation, crashed_run(true, "kill-server").judged().outcome);
  WrittenRun missed = crashed_run(true);
  missed.history.faults[0].landed = false;
  EXPECT_EQ(Outcome::violation, missed.judged().outcome);
}

// A database that has no space left answers with errors; only where its log is full, it ends.
TEST(UndoneReads, AFullDiskUndoesThemOnlyWhereTheDatabaseEnded) {
  WrittenRun full = crashed_run(true, "disk-full");
  EXPECT_EQ(Outcome::violation, full.judged().outcome);
  full.history.faults[0].database_ended = true;
  EXPECT_EQ(Outcome::pass, full.judged().outcome) << messages(full.judged());
}

TEST(UndoneReads, ARefusalForWantOfTicketsIsOneToo) {
  WrittenRun run = crashed_run(true);
  run.sold_out(7, 8, 9, 8, 2);
  const Verdict verdict = run.judged();
  EXPECT_EQ(Outcome::pass, verdict.outcome) << messages(verdict);
}

// The hold is old and durable; the numbers beside it are of somebody else's commit.
TEST(UndoneReads, SoAreTheEventsNumbersBesideAHoldThatIsFound) {
  WrittenRun run = crashed_run(true);
  run.found(7, 8, 1, 8, 2);
  const Verdict verdict = run.judged();
  EXPECT_EQ(Outcome::pass, verdict.outcome) << messages(verdict);
}

TEST(UndoneReads, SoAreThoseOfARefusalThatSaysThatItIsOver) {
  WrittenRun run = crashed_run(true);
  run.purchase(3, 4, 1);
  Output out;
  out.http = 409;
  out.available = 8;
  out.version = 2;
  run.add(run.call(Function::cancel, 1, 1), 7, 8, EntryType::fail, out,
          {"not_cancellable", 409, ""});
  const Verdict verdict = run.judged();
  EXPECT_EQ(Outcome::pass, verdict.outcome) << messages(verdict);
}

TEST(UndoneReads, WhatIsSaidOfTheHoldItselfStillCounts) {
  WrittenRun run = crashed_run(true);
  run.purchase(3, 4, 1);
  run.found(7, 8, 1, 8, 2);  // as if it were still reserved
  EXPECT_EQ(Outcome::violation, run.judged().outcome);
}

TEST(UndoneReads, WhatContradictsAnAcknowledgedChangeIsHeldAgainstTheServer) {
  WrittenRun stale = crashed_run(true);
  stale.read(7, 8, 10, 0);  // after version 1 was acknowledged
  EXPECT_EQ(Outcome::violation, stale.judged().outcome);
  WrittenRun lost = crashed_run(true);
  lost.reserve(7, 8, 3, 1, 8, 2);  // acknowledged, and undone
  lost.audit.reservations.pop_back();
  EXPECT_EQ(Outcome::violation, lost.judged().outcome);
}

TEST(UndoneReads, AfterTheDatabaseIsBackEveryReadCounts) {
  WrittenRun run = crashed_run(true);
  run.read(25, 26, 8, 2);  // before version 2 was asked for again
  EXPECT_EQ(Outcome::violation, run.judged().outcome);
}

}  // namespace
}  // namespace boxoffice::properties
