// H5's chains, by hand: a purchase against a cancel, an expiry and another purchase of the same
// hold, by real time, by versions, and by both together; and the replies that say how a hold ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

using testing::HasSubstr;

TEST(Precedence, PurchasedAndCancelled) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  const std::int64_t purchase = run.purchase(3, 6, 1);
  const std::int64_t cancel = run.cancel(4, 5, 1, 10, 2);
  run.end(10, 2);
  const Verdict verdict = run.judged();
  EXPECT_THAT(messages(verdict, "H5"), HasSubstr("ended twice: purchase"));
  EXPECT_THAT(verdict.violations,
              testing::Contains(testing::AllOf(
                  testing::Field(&Violation::invariant, "H5"),
                  testing::Field(&Violation::operations, testing::ElementsAre(purchase, cancel)))));
}

TEST(Precedence, PurchasedAndExpired) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.purchase(3, 6, 1);
  run.expire(1, 2);
  run.end(10, 2);
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("by its row it was expired"));
}

TEST(Precedence, PurchasedTwice) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.purchase(3, 6, 1);
  run.purchase(3, 6, 1);
  run.end(9, 1);
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("ended twice"));
}

TEST(Precedence, APurchaseWithoutReplyWhoseRowWasCancelled) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.add(run.call(Function::purchase, 1, 1), 3, 4, EntryType::info);
  run.cancel(5, 6, 1, 10, 2);
  run.end(10, 2);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(Precedence, APurchaseOfWhatNobodyMade) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.end(9, 1);
  run.row(7, 1, 1, "");
  run.purchase(3, 4, 7);
  run.audit.reservations.pop_back();
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("but nobody made it"));
}

/// The user's next hold proves that the one before had ended; it was found reserved after that.
TEST(Precedence, AHoldFoundThatTheNextOneHadReplaced) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.purchase(3, 20, 1);
  run.reserve(5, 8, 2, 1, 8, 2);
  run.row_of(2).user_id = 1;
  for (Entry& entry : run.history.entries) {
    if (entry.in.user_id == 2) entry.in.user_id = 1;
    if (entry.out.user_id) entry.out.user_id = 1;
  }
  run.end(8, 2);
  run.found(9, 10, 1, 8, 2);
  EXPECT_EQ(outcome_of(run.judged(), "H5"), Outcome::violation);
  EXPECT_EQ(outcome_of(run.judged(), "H6"), Outcome::violation);
}

TEST(Precedence, ARefusalForExpiryBeforeItsTime) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.end(9, 1);
  run.refused(Function::purchase, 500, 501, 1, "reservation_expired", 410);
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("before the hold can have expired"));
  EXPECT_EQ(outcome_of(run.judged(), "H6"), Outcome::violation);
}

TEST(Precedence, ARefusalForExpiryOnceItsTimeMayBeOver) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.end(9, 1);
  run.refused(Function::purchase, 500, 1001, 1, "reservation_expired", 410);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

/// A purchase must have happened while the hold lasted, however late its reply.
TEST(Precedence, APurchaseThatWaitedUntilItsHoldWasOver) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.purchase(990, 5000, 1);
  run.end(9, 1);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.found(2000, 2001, 1, 9, 1);
  EXPECT_EQ(outcome_of(run.judged(), "H5"), Outcome::violation);
  EXPECT_EQ(outcome_of(run.judged(), "H6"), Outcome::violation);
}

/// The look-up of one's own hold forgot the clock (pitfall P13): its owner is told that it stands.
TEST(Precedence, AHoldThatEndedLongAgoIsNotFoundActive) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.end(9, 1);
  WrittenRun other = run;
  run.found(1000, 1003, 1, 9, 1);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.found(1003, 1004, 1, 9, 1);
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("found active"));
  EXPECT_EQ(outcome_of(run.judged(), "H6"), Outcome::violation);
  EXPECT_EQ(outcome_of(run.judged_without_audit(), "H5"), Outcome::violation);
  // The same request again is answered with its own reservation, as it stands until a sweep.
  other.found(5000, 5001, 1, 9, 1, other.row_of(1).request_id);
  EXPECT_EQ(other.judged().outcome, Outcome::pass) << messages(other.judged());
  EXPECT_EQ(other.judged_without_audit().outcome, Outcome::pass);
}

/// It was found in time, but after a change that came when it was over.
TEST(Precedence, AHoldFoundActiveAfterWhatCameWhenItWasOver) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.reserve(1500, 1501, 2, 1, 8, 2);
  run.end(8, 2);
  run.found(900, 2000, 1, 9, 1);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.found(900, 2000, 1, 8, 2);
  EXPECT_EQ(outcome_of(run.judged(), "H5"), Outcome::violation);
  EXPECT_EQ(outcome_of(run.judged(), "H6"), Outcome::violation);
}

/// A server may prolong a hold: it lasts as long as the latest promise, and not longer.
TEST(Precedence, AProlongedHoldLastsAsLongAsTheLatestPromise) {
  const auto purchased_at = [](std::int64_t ms, bool audited) {
    WrittenRun run(10);
    constexpr std::int64_t k_start_us = 1'700'000'000'123'456;
    run.reserve(1, 2, 1, 1, 9, 1);
    run.history.entries.back().out.expires_us = k_start_us + 1'000'000;
    run.found(500, 501, 1, 9, 1);
    run.history.entries.back().out.expires_us = k_start_us + 1'500'000;
    run.purchase(ms, ms + 1, 1);
    run.row_of(1).expires_us = k_start_us + 1'500'000;
    run.row_of(1).created_us = k_start_us;
    run.row_of(1).purchased_us = k_start_us + 1'499'000;
    run.end(9, 1);
    return audited ? run.judged() : run.judged_without_audit();
  };
  for (const bool audited : {true, false}) {
    EXPECT_EQ(purchased_at(1501, audited).outcome, Outcome::pass)
        << messages(purchased_at(1501, audited));
    EXPECT_EQ(outcome_of(purchased_at(1503, audited), "H5"), Outcome::violation);
  }
}

/// Without rows, too: nobody purchased or cancelled it, so that it can only have expired.
TEST(Precedence, WithoutRowsARefusalForExpiryBeforeItsTime) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  WrittenRun in_doubt = run, cancelled = run;
  run.refused(Function::purchase, 500, 501, 1, "reservation_expired", 410);
  EXPECT_THAT(messages(run.judged_without_audit(), "H5"),
              HasSubstr("before the hold can have expired"));
  in_doubt.add(in_doubt.call(Function::cancel, 1, 1), 100, 101, EntryType::info);
  in_doubt.refused(Function::purchase, 500, 501, 1, "reservation_expired", 410);
  EXPECT_EQ(in_doubt.judged_without_audit().outcome, Outcome::pass);
  cancelled.cancel(100, 101, 1, 10, 2);
  WrittenRun before = cancelled;
  cancelled.refused(Function::purchase, 500, 501, 1, "reservation_expired", 410);
  EXPECT_EQ(cancelled.judged_without_audit().outcome, Outcome::pass);
  before.refused(Function::purchase, 50, 51, 1, "reservation_expired", 410);
  EXPECT_EQ(outcome_of(before.judged_without_audit(), "H5"), Outcome::violation);
}

TEST(Precedence, ABatchOfExpiriesWaitsForTheLastOfItsHolds) {
  WrittenRun run(10);
  run.reserve(1, 2, 2, 1, 9, 1);
  run.reserve(500, 501, 1, 1, 8, 2);
  run.expire(1, 3);
  run.expire(2, 3);
  run.end(10, 3);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.read(1200, 1201, 10, 3);
  EXPECT_EQ(outcome_of(run.judged(), "H5"), Outcome::violation);
  EXPECT_EQ(outcome_of(run.judged(), "H6"), Outcome::violation);
}

TEST(Precedence, AHoldFromBeforeTheRunStillKeepsItsUserFromAnother) {
  WrittenRun run(10, 5);
  run.history.header.events[0].available_tickets = 9;
  run.row(7, 1, 5, "earlier");
  run.reserve(1, 2, 8, 1, 8, 6);
  run.end(8, 6);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.row_of(8).user_id = 7;
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("who still held reservation 7"));
}

/// A purchase that got no reply may have been refused, if the hold was purchased before the run.
TEST(Precedence, APurchaseFromBeforeTheRunIsNotTheOneWithoutReply) {
  WrittenRun run(10, 5);
  run.history.header.events[0].available_tickets = 9;
  run.row(7, 1, 5, "earlier").status = ReservationStatus::purchased;
  run.row_of(7).purchased_us = 1;
  run.end(9, 5);
  run.refused(Function::purchase, 1, 2, 7, "already_purchased");
  run.add(run.call(Function::purchase, 7, 7), 3, 4, EntryType::info);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(Precedence, TheDatabaseEndedAtAVersionBeforeTheFirst) {
  WrittenRun run(10, 5);
  run.read(1, 2, 10, 5);
  run.end(10, 4);
  EXPECT_THAT(messages(run.judged(), "H5"), HasSubstr("began at version 5 and ended at version 4"));
}

}  // namespace
}  // namespace boxoffice::properties
