// What two replies, the clock or an owner prove, by hand: with and without the rows, with and
// without versions. Each was once passed, or accused a server that was right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

using testing::HasSubstr;

/// The verdict with rows and versions, with each of them alone, and with neither.
std::vector<Verdict> all_verdicts(const WrittenRun& run) {
  WrittenRun without_versions = run;
  forget_versions(without_versions);
  return {run.judged(), run.judged_without_audit(), without_versions.judged(),
          without_versions.judged_without_audit()};
}

void expect_all(const WrittenRun& run, Outcome outcome) {
  int mode = 0;
  for (const Verdict& verdict : all_verdicts(run)) {
    EXPECT_EQ(verdict.outcome, outcome) << "mode " << mode << ": " << messages(verdict);
    ++mode;
  }
}

/// Whatever was said to `from` and of its reservation was said to `to`.
void give_to(WrittenRun& run, std::int64_t from, std::int64_t to) {
  run.asked_by(from, to);
  for (Entry& entry : run.history.entries) {
    if (entry.out.user_id == from) entry.out.user_id = to;
  }
  run.row_of(from).user_id = to;
}

TEST(Contradictions, ARequestMakesOneReservationAlsoWhereNobodyCanSeeTheRows) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.cancel(3, 4, 1, 10, 2);
  run.reserve(5, 6, 2, 1, 9, 3);
  give_to(run, 2, 1);
  run.end(9, 3);
  expect_all(run, Outcome::pass);
  for (Entry& entry : run.history.entries) {
    if (entry.f == Function::reserve) entry.request_id = "the same";
  }
  for (AuditedReservation& row : run.audit.reservations) row.request_id = "the same";
  expect_all(run, Outcome::violation);
  EXPECT_THAT(messages(run.judged_without_audit(), "X1"), HasSubstr("the same request"));
}

TEST(Contradictions, TwoActiveHoldsOfAUserAreOneTooManyAlsoWhereTheVersionsFit) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.reserve(3, 4, 2, 1, 8, 2);
  run.end(8, 2);
  expect_all(run, Outcome::pass);
  give_to(run, 2, 1);
  expect_all(run, Outcome::violation);
}

/// Two buyers of one ticket, the second by a reservation that no 201 tells of.
TEST(Contradictions, AReservationThatNobodyMadeIsNoPass) {
  WrittenRun run(1);
  run.reserve(1, 2, 1, 1, 0, 1);
  run.purchase(3, 4, 1);
  run.found(5, 6, 2, 0, 1, "another");
  Output bought;
  bought.http = 200;
  bought.reservation_id = 2;
  run.add(run.call(Function::purchase, 2, 2), 7, 8, EntryType::ok, bought);
  EXPECT_EQ(run.judged_without_audit().outcome, Outcome::unknown);
  for (Entry& entry : run.history.entries) {
    if (entry.out.http == 200 && entry.f == Function::reserve) entry.out.quantity = 1;
  }
  EXPECT_EQ(outcome_of(run.judged_without_audit(), "H2"), Outcome::violation)
      << "the reply that found it says of how many tickets it is";
}

/// What a hold of before the run is of nobody knows, and the versions say what changed.
TEST(Contradictions, AHoldOfBeforeTheRunMayBeFound) {
  WrittenRun run(10, 5);
  run.history.header.events[0].available_tickets = 9;
  run.found(1, 2, 1, 9, 5, "another");
  run.reserve(3, 4, 2, 1, 8, 6);
  const Verdict verdict = run.judged_without_audit();
  EXPECT_EQ(verdict.outcome, Outcome::pass) << messages(verdict);
  EXPECT_THAT(verdict.not_attempted, testing::Contains(HasSubstr("H6: ")));
}

/// The reply to the reserve came late, so that both may be true of the hold's time alone.
WrittenRun found_after_expiry(std::int64_t found_ms) {
  WrittenRun run(2);
  run.reserve(1, 300, 1, 1, 1, 1);
  run.refused(Function::purchase, 1050, 1060, 1, "reservation_expired", 410);
  run.found(found_ms, found_ms + 10, 1, 1, 1, "another");
  run.end(1, 1);
  return run;
}

TEST(Contradictions, AHoldThatHadExpiredIsNotActiveAgain) {
  expect_all(found_after_expiry(1055), Outcome::pass);
  expect_all(found_after_expiry(1100), Outcome::violation);
  EXPECT_THAT(messages(found_after_expiry(1100).judged(), "H4"), HasSubstr("had expired"));
}

TEST(Contradictions, ItIsByAClockThatWasSetBack) {
  WrittenRun run = found_after_expiry(1100);
  run.purchase(1200, 1210, 1);
  expect_all(run, Outcome::violation);
  run.history.breakages.push_back({"the clock was set back by 2 s", -2'000'000});
  expect_all(run, Outcome::invalid);
}

TEST(Contradictions, APurchaseWithoutReplyThatCameTooLateExplainsNone) {
  for (const std::int64_t sent_ms : {900, 5000}) {
    WrittenRun run(2);
    run.reserve(1, 2, 1, 1, 1, 1);
    run.add(run.call(Function::purchase, 1, 1), sent_ms, sent_ms + 1, EntryType::info);
    run.refused(Function::purchase, sent_ms + 2, sent_ms + 3, 1, "already_purchased");
    run.row_of(1).status = ReservationStatus::purchased;
    run.row_of(1).purchased_us = 5;
    run.end(1, 1);
    expect_all(run, sent_ms == 900 ? Outcome::pass : Outcome::violation);
  }
}

TEST(Contradictions, AStrangersCancelWithoutReplyExplainsNone) {
  for (const std::int64_t user : {1, 9}) {
    WrittenRun run(2);
    run.reserve(1, 2, 1, 1, 1, 1);
    run.add(run.call(Function::cancel, user, 1), 3, 4, EntryType::info);
    run.refused(Function::purchase, 5, 6, 1, "already_cancelled");
    run.row_of(1).status = ReservationStatus::cancelled;
    run.row_of(1).closed_event_version = 2;
    run.end(2, 2);
    for (const Verdict& verdict : all_verdicts(run)) {
      EXPECT_EQ(verdict.outcome == Outcome::violation, user == 9) << messages(verdict);
    }
  }
}

/// One ticket of two was held when the run began, at version 5.
WrittenRun begun_with_a_hold() {
  WrittenRun run(2, 5);
  run.history.header.events[0].available_tickets = 1;
  run.row(1, 1, 3, "before");
  return run;
}

TEST(Contradictions, AHoldOfBeforeTheRunIsEndedInItBySomebodyOfTheRun) {
  WrittenRun cancelled = begun_with_a_hold();
  cancelled.row_of(1).status = ReservationStatus::cancelled;
  cancelled.row_of(1).closed_event_version = 6;
  cancelled.read(1, 2, 1, 5);
  cancelled.reserve(10, 11, 2, 1, 1, 7);
  cancelled.end(1, 7);
  EXPECT_EQ(outcome_of(cancelled.judged(), "X4"), Outcome::violation);
  cancelled.history.header.others_may_edit = true;
  EXPECT_EQ(outcome_of(cancelled.judged(), "X4"), Outcome::pass) << "by whoever else uses it";

  WrittenRun purchased = begun_with_a_hold();
  purchased.row_of(1).status = ReservationStatus::purchased;
  purchased.row_of(1).purchased_us = purchased.row_of(1).expires_us - 1;
  purchased.reserve(10, 11, 2, 1, 0, 6);
  purchased.end(0, 6);
  EXPECT_EQ(outcome_of(purchased.judged(), "X4"), Outcome::pass) << "before the run, perhaps";
  purchased.found(12, 13, 1, 0, 6, "another");
  EXPECT_EQ(outcome_of(purchased.judged(), "X4"), Outcome::violation) << "it was active then";
}

// A control is caught by an invariant named for its bug: that one may not be hidden by
// consequences.
TEST(Descriptions, OfEachViolatedInvariantTheFirstIsDescribed) {
  WrittenRun run(10);
  for (std::int64_t user = 1; user <= 6; ++user) run.reserve(2 * user, 2 * user + 1, user, 1, 9, 1);
  run.end(9, 1);
  const Verdict verdict = judge(run.history, run.audit, {.violations_max = 3});
  ASSERT_EQ(3U, verdict.violations.size());
  const auto described = [&](const char* invariant) {
    return std::ranges::count(verdict.violations, invariant, &Violation::invariant);
  };
  EXPECT_EQ(Outcome::violation, outcome_of(verdict, "D1"));
  EXPECT_GE(described("D1"), 1);
  EXPECT_GE(described("H5"), 1);
}

}  // namespace
}  // namespace boxoffice::properties
