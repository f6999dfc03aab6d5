// H5, by hand: what the version witness must reject, with the words in which it says so, and the
// nearest histories that it must accept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(H5, ALostUpdateIsNamedFirst) {
  WrittenRun run(100);
  run.reserve(1, 2, 1, 1, 99, 1);
  const std::int64_t a = run.reserve(3, 8, 2, 1, 98, 2);
  const std::int64_t b = run.reserve(4, 9, 3, 1, 98, 2);
  for (int i = 0; i < 50; ++i) run.reserve(10 + i, 11 + i, 4 + i, 1, 97 - i, 3 + i);
  run.end(48, 52);
  const Verdict verdict = run.judged();
  EXPECT_EQ(verdict.outcome, Outcome::violation);
  ASSERT_FALSE(verdict.violations.empty());
  EXPECT_EQ(verdict.violations[0].invariant, "H5");
  EXPECT_THAT(verdict.violations[0].operations, ElementsAre(a, b));
  EXPECT_THAT(verdict.violations[0].message, HasSubstr("both made version 2 of event 1"));
  EXPECT_LE(verdict.violations.size(), 20U);
}

TEST(H5, AGapIsAViolationWithTheDatabaseAndUnknownWithout) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.reserve(3, 4, 2, 1, 8, 3);
  run.end(8, 3);
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("nobody made version 2"));
  EXPECT_EQ(run.judged_without_audit().outcome, Outcome::unknown);
}

TEST(H5, AnExpiryFillsTheGap) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.reserve(2000, 2001, 2, 3, 7, 3);
  run.expire(1, 2);
  run.end(7, 3);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(H5, AnExpiryThatOthersSawBeforeItsTime) {
  WrittenRun run(10);
  const std::int64_t reserve = run.reserve(1, 2, 1, 1, 9, 1);
  const std::int64_t read = run.read(500, 501, 10, 2);
  run.expire(1, 2);
  run.end(10, 2);
  const Verdict verdict = run.judged();
  EXPECT_EQ(outcome_of(verdict, "H5"), Outcome::violation);
  ASSERT_FALSE(verdict.violations.empty());
  EXPECT_THAT(verdict.violations[0].operations, ElementsAre(read, reserve));
}

TEST(H5, AnOperationWithoutReplyFillsTheGap) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  const Entry lost = run.reserve_call(2, 4);
  run.row(2, 4, 2, lost.request_id);
  run.add(lost, 1, 3, EntryType::info);
  run.reserve(5, 6, 3, 1, 4, 3);
  run.end(4, 3);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(H5, AReplyThatDisagreesWithTheReplay) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.cancel(3, 4, 1, 9, 2);
  run.reserve(5, 6, 2, 1, 8, 3);
  run.end(8, 3);
  const Verdict verdict = run.judged();
  EXPECT_THAT(messages(verdict, "H5"),
              HasSubstr("says that it left 9 available at version 2 of event 1, but version 1"));
}

TEST(H5, AStaleRead) {
  WrittenRun run(10);
  const std::int64_t reserve = run.reserve(1, 2, 1, 1, 9, 1);
  const std::int64_t read = run.read(3, 4, 10, 0);
  run.end(9, 1);
  const Verdict verdict = run.judged();
  EXPECT_EQ(outcome_of(verdict, "H5"), Outcome::violation);
  EXPECT_THAT(verdict.violations.at(0).operations, testing::UnorderedElementsAre(reserve, read));
}

TEST(H5, AReadMayBeOlderThanAChangeThatOverlapsIt) {
  WrittenRun run(10);
  run.reserve(1, 3, 1, 1, 9, 1);
  run.read(3, 4, 10, 0);
  run.end(9, 1);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << "closed intervals: equal stamps are concurrent";
}

TEST(H5, SoldOutByItsOwnVersion) {
  WrittenRun run(2);
  run.reserve(1, 5, 1, 2, 0, 1);
  run.sold_out(2, 4, 1, 0, 1);
  run.end(0, 1);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.sold_out(2, 4, 2, 2, 0);
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("sold out for 2 tickets at version 0"));
}

TEST(H5, AHoldFoundAfterItEnded) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.cancel(3, 9, 1, 10, 2);
  run.end(10, 2);
  run.found(4, 8, 1, 9, 1);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.found(4, 8, 1, 10, 2);
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("it was closed at version 2"));
}

TEST(H5, AHoldFoundAfterItWasPurchased) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.purchase(3, 5, 1);
  run.end(9, 1);
  run.found(4, 7, 1, 9, 1);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.found(6, 8, 1, 9, 1);
  EXPECT_EQ(outcome_of(run.judged(), "H5"), Outcome::violation);
}

TEST(H5, TheSameRequestMayFindItsReservationInAnyState) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.purchase(3, 5, 1);
  run.end(9, 1);
  run.found(6, 8, 1, 9, 1, run.row_of(1).request_id);
  run.history.entries.back().out.status = ReservationStatus::purchased;
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(H5, ALostCommitThatFindsItsOwnReservation) {
  WrittenRun run(10);
  const Entry reserve = run.reserve_call(1, 2, "lost");
  run.row(1, 2, 1, "lost");
  run.reserve(2, 4, 2, 1, 7, 2);
  Output out{200, ReservationStatus::reserved, 1, 1, 2, 7, 2, {}};
  run.add(reserve, 1, 9, EntryType::ok, out);
  run.end(7, 2);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(H5, TwoHoldsOfOneUser) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.reserve(3, 4, 2, 1, 8, 2);
  for (Entry& entry : run.history.entries) entry.in.user_id = 1;
  for (Entry& entry : run.history.entries) entry.out.user_id = entry.in.user_id;
  run.row_of(2).user_id = 1;
  run.end(8, 2);
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("who still held reservation 1"));
  run.history.header.one_hold_per_user = false;
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(H5, APurchaseOfWhatIsExpiredForCertain) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.purchase(1500, 1501, 1);
  run.end(9, 1);
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("but holds last 1000 ms"));
}

TEST(H5, AnAcknowledgedReservationThatIsNotFound) {
  WrittenRun run(10);
  run.reserve(1, 5, 1, 1, 9, 1);
  run.end(9, 1);
  run.refused(Function::purchase, 3, 4, 1, "reservation_not_found", 404);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.refused(Function::purchase, 6, 7, 1, "reservation_not_found", 404);
  EXPECT_EQ(outcome_of(run.judged(), "H5"), Outcome::violation);
}

TEST(H5, VersionsOutsideTheRun) {
  WrittenRun run(10, 5);
  run.reserve(1, 2, 1, 1, 9, 6);
  run.end(9, 6);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.read(3, 4, 9, 7);
  EXPECT_EQ(outcome_of(run.judged(), "H5"), Outcome::violation);
}

TEST(H5, WithoutVersionsItIsUnknownWhereNobodySearchesForAnOrder) {
  WrittenRun run(10);
  run.history.header.versions = false;
  run.read(1, 2, 10, 0);
  JudgeOptions options;
  options.linearizability = Linearizability::never;
  EXPECT_EQ(judge(run.history, run.audit, options).outcome, Outcome::unknown);
}

}  // namespace
}  // namespace boxoffice::properties
