// H1 to H4, by hand: for each invariant a history that it must reject, and the nearest one that it
// must not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

using testing::HasSubstr;

TEST(H1, AProcessThatDoesTwoThingsAtOnceIsTheHarnesssFault) {
  WrittenRun run(10);
  Entry read;
  read.process = 7;
  run.add(read, 1, 5, EntryType::ok);
  run.add(read, 3, 6, EntryType::ok);
  const Verdict verdict = run.judged();
  EXPECT_EQ(verdict.outcome, Outcome::invalid);
  EXPECT_EQ(outcome_of(verdict, "H1"), Outcome::invalid);
  EXPECT_THAT(messages(verdict), HasSubstr("within another"));
}

TEST(H1, ACompletionWithoutItsInvocation) {
  WrittenRun run(10);
  run.read(1, 2, 10, 0);
  run.history.entries.erase(run.history.entries.begin());
  EXPECT_EQ(run.judged().outcome, Outcome::invalid);
}

TEST(H1, AReplyNoLaterThanItsCall) {
  WrittenRun run(10);
  run.read(2, 2, 10, 0);
  EXPECT_EQ(run.judged().outcome, Outcome::invalid);
}

TEST(H1, AProcessThatGoesOnAfterAnIndeterminateOperation) {
  WrittenRun run(10);
  Entry reserve = run.reserve_call(1, 1);
  reserve.process = 7;
  run.add(reserve, 1, 2, EntryType::info);
  run.add(reserve, 3, 4, EntryType::info);
  EXPECT_EQ(run.judged().outcome, Outcome::invalid);
}

TEST(H1, AnUnknownEventAndAnIndexTwice) {
  WrittenRun run(10);
  run.read(1, 2, 10, 0);
  WrittenRun other = run;
  other.history.entries[0].event_id = other.history.entries[1].event_id = 2;
  EXPECT_EQ(other.judged().outcome, Outcome::invalid);
  run.history.entries[1].index = run.history.entries[0].index;
  EXPECT_EQ(run.judged().outcome, Outcome::invalid);
}

// The row below comes from an operation whose line was lost, not from nobody.
TEST(H1, ARecordThatIsNotWholeAccusesNobody) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.row(2, 1, 2, "of a line that is gone");
  run.end(8, 2);
  EXPECT_EQ(run.judged().outcome, Outcome::violation);
  run.history.flaws.push_back("line 7 is cut off");
  const Verdict verdict = run.judged();
  EXPECT_EQ(verdict.outcome, Outcome::invalid);
  EXPECT_THAT(verdict.violations, testing::IsEmpty());
  EXPECT_THAT(verdict.checks.at(0).note, HasSubstr("line 7 is cut off"));
}
TEST(H1, AnEmptyHistoryProvesNothing) {
  const Verdict verdict = WrittenRun(10).judged();
  EXPECT_EQ(verdict.outcome, Outcome::invalid);
  EXPECT_THAT(verdict.missing_evidence, testing::SizeIs(1));
}

TEST(H2, MoreTicketsCertainlyHeldThanThereAre) {
  WrittenRun run(3);
  run.reserve(1, 2, 1, 2, 1, 1);
  run.reserve(3, 4, 2, 2, -1, 2);
  const Verdict verdict = run.judged();
  EXPECT_EQ(outcome_of(verdict, "H2"), Outcome::violation);
  EXPECT_THAT(messages(verdict, "H2"), HasSubstr("at least 4 tickets of event 1"));
}

TEST(H2, AHoldThatMayHaveExpiredIsNotCertain) {
  WrittenRun run(2);
  run.reserve(1, 2, 1, 2, 0, 1);
  run.reserve(1 + WrittenRun::k_hold_ms, 1010, 2, 2, 0, 3);
  run.expire(1, 2);
  run.end(0, 3);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(H2, APurchasedHoldNeverExpires) {
  WrittenRun run(2);
  run.reserve(1, 2, 1, 2, 0, 1);
  run.purchase(3, 4, 1);
  run.reserve(5000, 5001, 2, 1, -1, 2);
  EXPECT_EQ(outcome_of(run.judged(), "H2"), Outcome::violation);
}

TEST(H2, ACancelUnderWayMayHaveMadeRoom) {
  WrittenRun run(2);
  run.reserve(1, 2, 1, 2, 0, 1);
  run.cancel(3, 9, 1, 2, 2);
  run.reserve(4, 5, 2, 2, 0, 3);
  run.end(0, 3);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(H3, AReadAboveWhatIsCertainlyHeld) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 4, 6, 1);
  run.read(3, 4, 7, 1);
  const Verdict verdict = run.judged();
  EXPECT_EQ(outcome_of(verdict, "H3"), Outcome::violation);
  EXPECT_THAT(messages(verdict, "H3"), HasSubstr("allow only 6 to 6"));
}

TEST(H3, AReadBesideAReserveMaySeeEither) {
  for (const auto& [available, version] : {std::pair{10, 0}, std::pair{6, 1}}) {
    WrittenRun run(10);
    run.reserve(1, 5, 1, 4, 6, 1);
    run.read(2, 4, available, version);
    run.end(6, 1);
    EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  }
}

TEST(H3, SoldOutThoughNobodyCanHaveHeldTheTickets) {
  WrittenRun run(10);
  run.history.header.versions = false;
  run.reserve(1, 2, 1, 4, 6, 1);
  const std::int64_t index = run.sold_out(3, 4, 6, 0, 1);
  for (Entry& entry : run.history.entries) {
    if (entry.type == EntryType::fail) entry.out = {};
  }
  const Verdict verdict = run.judged_without_audit();
  EXPECT_EQ(outcome_of(verdict, "H3"), Outcome::violation);
  ASSERT_FALSE(verdict.violations.empty());
  EXPECT_THAT(verdict.violations[0].operations, testing::ElementsAre(index));
}

TEST(H3, SoldOutWhileAReserveWithoutReplyMayHoldTheTickets) {
  WrittenRun run(10);
  run.history.header.versions = false;
  run.add(run.reserve_call(1, 5), 1, 2, EntryType::info);
  run.add(run.reserve_call(2, 6), 3, 4, EntryType::fail, {}, {"sold_out", 409, ""});
  EXPECT_EQ(outcome_of(run.judged_without_audit(), "H3"), Outcome::pass);
}

/// The last tickets are held; the numbers of the refusal are right.
WrittenRun sold_out_to_its_holder(std::int64_t call_ms, std::int64_t return_ms) {
  WrittenRun run(2);
  run.reserve(1, 2, 1, 2, 0, 1);
  run.sold_out(call_ms, return_ms, 1, 0, 1);
  run.asked_by(99, 1);
  run.end(0, 1);
  return run;
}

TEST(H3, SoldOutToTheHolderOfAnActiveHold) {
  const WrittenRun run = sold_out_to_its_holder(3, 4);
  for (const Verdict& verdict : {run.judged(), run.judged_without_audit()}) {
    EXPECT_EQ(outcome_of(verdict, "H3"), Outcome::violation);
    EXPECT_THAT(messages(verdict, "H3"), HasSubstr("that user held reservation 1 all the while"));
    ASSERT_EQ(verdict.violations.size(), 1U);
    EXPECT_THAT(verdict.violations[0].operations, testing::ElementsAre(1, 3));
  }
}

TEST(H3, SoldOutBesideTheReserveOrTheEndOfAHoldIsFine) {
  const auto passes = [](const WrittenRun& run) {
    EXPECT_EQ(outcome_of(run.judged(), "H3"), Outcome::pass) << messages(run.judged());
  };
  passes(sold_out_to_its_holder(2, 4));       // as it was acknowledged
  passes(sold_out_to_its_holder(900, 1001));  // when it may have been over
  for (const Function f : {Function::purchase, Function::cancel}) {
    WrittenRun run = sold_out_to_its_holder(3, 5);
    run.add(run.call(f, 1, 1), 5, 6, EntryType::info);
    passes(run);
  }
  WrittenRun several = sold_out_to_its_holder(3, 4);
  several.history.header.one_hold_per_user = false;
  passes(several);
  WrittenRun others(2);
  others.reserve(1, 2, 1, 2, 0, 1);
  others.sold_out(3, 4, 1, 0, 1);
  passes(others);
}

TEST(H3, SoldOutToTheHolderIsSeenWithinTheLongestOfSeveralHolds) {
  WrittenRun run(4);
  run.reserve(1, 2, 1, 2, 2, 1);
  run.reserve(3, 4, 2, 2, 0, 2);
  run.cancel(5, 6, 2, 2, 3);
  run.sold_out(7, 8, 3, 2, 3);
  for (const std::int64_t user : {2, 99}) run.asked_by(user, 1);
  EXPECT_THAT(messages(run.judged_without_audit(), "H3"), HasSubstr("held reservation 1"));
}

TEST(H3, NoReserveOrReadOfAnEventOfTheRunFindsNone) {
  for (const Function f : {Function::reserve, Function::read}) {
    WrittenRun run(10);
    run.reserve(1, 2, 1, 1, 9, 1);
    run.end(9, 1);
    Entry entry = run.reserve_call(2, 1);
    entry.f = f;
    const std::int64_t index =
        run.add(entry, 3, 4, EntryType::fail, {}, {"event_not_found", 404, ""});
    const Verdict verdict = run.judged();
    EXPECT_EQ(outcome_of(verdict, "H3"), Outcome::violation);
    EXPECT_THAT(messages(verdict, "H3"), HasSubstr("there is no event 1 (404 event_not_found)"));
    ASSERT_FALSE(verdict.violations.empty());
    EXPECT_THAT(verdict.violations[0].operations, testing::ElementsAre(index));
  }
}

TEST(H3, AReservationThatIsNotFoundIsNoMissingEvent) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.end(9, 1);
  Entry strangers = run.call(Function::cancel, 2, 1);
  run.add(strangers, 3, 4, EntryType::fail, {}, {"reservation_not_found", 404, ""});
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(H4, PurchasedAndCancelled) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  const std::int64_t purchase = run.purchase(3, 6, 1);
  const std::int64_t cancel = run.cancel(4, 5, 1, 10, 2);
  const Verdict verdict = run.judged_without_audit();
  EXPECT_EQ(outcome_of(verdict, "H4"), Outcome::violation);
  ASSERT_FALSE(verdict.violations.empty());
  EXPECT_THAT(verdict.violations[0].operations, testing::ElementsAre(purchase, cancel));
}

TEST(H4, SuccessAfterARefusalThatExcludesIt) {
  for (const char* code : {"not_cancellable", "reservation_expired"}) {
    WrittenRun run(10);
    run.reserve(1, 2, 1, 1, 9, 1);
    run.refused(Function::cancel, 3, 4, 1, code);
    run.purchase(5, 6, 1);
    EXPECT_EQ(outcome_of(run.judged(), "H4"), Outcome::violation) << code;
  }
}

TEST(H4, ARefusalBesideTheSuccessThatItProvesIsFine) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.purchase(3, 6, 1);
  run.refused(Function::purchase, 4, 7, 1, "already_purchased");
  run.refused(Function::cancel, 4, 7, 1, "not_cancellable");
  run.end(9, 1);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(H4, AnExpiredHoldThatNoSweepHasMetMayBeCancelled) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.refused(Function::purchase, 1500, 1501, 1, "reservation_expired", 410);
  run.cancel(1600, 1601, 1, 10, 2);
  run.end(10, 2);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(H4, AlreadyPurchasedByNobody) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.refused(Function::purchase, 3, 4, 1, "already_purchased");
  EXPECT_EQ(outcome_of(run.judged_without_audit(), "H4"), Outcome::violation);
  run.add(run.call(Function::purchase, 1, 1), 2, 3, EntryType::info);
  EXPECT_EQ(outcome_of(run.judged_without_audit(), "H4"), Outcome::pass);
}

}  // namespace
}  // namespace boxoffice::properties
