// How long holds last by what moments say of it: whole seconds, a clock that was set meanwhile, and
// a hold that is found so often that nobody may go through all of it each time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "properties/hold_times.hpp"
#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

constexpr std::int64_t k_second_us = 1'000'000;

/// Holds of 3 s, of which the first expired 2.5 s after its reserve and the tickets were sold
/// again.
WrittenRun expired_half_a_second_early(std::int64_t ends_us, bool replies_say_so) {
  WrittenRun run(2);
  run.history.header.hold_us = 3 * k_second_us;
  run.reserve(1, 2, 1, 2, 0, 1);
  run.reserve(2500, 2501, 2, 2, 0, 3);
  for (AuditedReservation& row : run.audit.reservations) row.expires_us = ends_us;
  for (Entry& entry : run.history.entries) {
    if (entry.out.http == 201 && replies_say_so) entry.out.expires_us = ends_us;
  }
  run.expire(1, 2);
  run.end(0, 3);
  return run;
}

TEST(HoldTimes, AServerThatCutsOffTheFractionEndsHoldsUpToASecondEarly) {
  WrittenRun whole = expired_half_a_second_early(3 * k_second_us, true);
  EXPECT_EQ(Outcome::pass, whole.judged().outcome) << messages(whole.judged());
  EXPECT_EQ(0, whole.judged_without_audit().violations_total);
  whole.history.header.versions = false;
  EXPECT_EQ(Outcome::pass, whole.judged().outcome) << "H6: " << messages(whole.judged());
}

TEST(HoldTimes, OneThatWritesMicrosecondsDoesNot) {
  WrittenRun fine = expired_half_a_second_early(3 * k_second_us + 7, true);
  for (const char* invariant : {"H2", "H5", "H6"}) {
    EXPECT_EQ(Outcome::violation, outcome_of(fine.judged(), invariant)) << invariant;
  }
  EXPECT_EQ(Outcome::violation, outcome_of(fine.judged_without_audit(), "H2"));
}

TEST(HoldTimes, RowsTellWhereRepliesDoNot) {
  const WrittenRun run = expired_half_a_second_early(3 * k_second_us, false);
  EXPECT_EQ(Outcome::pass, run.judged().outcome) << messages(run.judged());
  EXPECT_EQ(Outcome::violation, outcome_of(run.judged_without_audit(), "H2"));
}

TEST(HoldTimes, AMomentIsWrittenAsFinelyAsItsZerosSay) {
  EXPECT_EQ(1'000'000, written_to_us(7'000'000));
  EXPECT_EQ(10'000, written_to_us(7'120'000));
  EXPECT_EQ(1'000, written_to_us(7'123'456)) << "a millisecond is nobody's";
}

/// A refusal for expiry, and a row that says so, 0.9 s after the reserve: holds last 1 s.
WrittenRun refused_too_early() {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.refused(Function::purchase, 900, 901, 1, "reservation_expired", 410);
  run.expire(1, 2);
  run.row_of(1).updated_us -= 100'000;
  run.end(10, 2);
  return run;
}

TEST(HoldTimes, AClockThatWasSetAccusesNobodyOfWhatItsStepExplains) {
  WrittenRun run = refused_too_early();
  EXPECT_THAT(messages(run.judged()),
              testing::AllOf(testing::HasSubstr("H5"), testing::HasSubstr("D3")));
  run.history.breakages = {{"the machine's clock was set by -2.000 s", -2'000'000}};
  for (const Verdict& verdict : {run.judged(), run.judged_without_audit()}) {
    EXPECT_EQ(Outcome::invalid, verdict.outcome);
    EXPECT_EQ("", messages(verdict));
    EXPECT_THAT(verdict.missing_evidence, testing::Contains(testing::HasSubstr("clock was set")));
  }
}

TEST(HoldTimes, AClockThatWasSetExcusesNothingElse) {
  WrittenRun run = refused_too_early();
  run.history.breakages = {{"the machine's clock was set by +0.050 s", 50'000}};
  EXPECT_EQ(Outcome::violation, run.judged().outcome) << "by less than the hold ended early";
  WrittenRun oversold(1);
  oversold.history.breakages = {{"the machine's clock was set by +9.000 s", 9'000'000}};
  oversold.reserve(1, 2, 1, 1, 0, 1);
  oversold.reserve(3, 4, 2, 1, -1, 2);
  EXPECT_EQ(Outcome::violation, oversold.judged().outcome);
}

/// What broke makes even a run invalid that is nothing but sound, and is named first.
TEST(HoldTimes, WhatBrokeIsTheFirstReason) {
  WrittenRun run = sound_run();
  run.history.breakages = {{"the server ended by itself", 0}, {"and so did its database", 0}};
  const Verdict verdict = run.judged();
  EXPECT_EQ(Outcome::invalid, verdict.outcome);
  EXPECT_THAT(verdict.missing_evidence,
              testing::ElementsAre("the server ended by itself", "and so did its database"));
}

/// `finds` replies 200 to the holder, one after the other, each in 1 us, the last at `late_ns`.
WrittenRun found_often(int finds, std::int64_t late_ns) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.end(9, 1);
  Entry call = run.reserve_call(1, 1, "again");
  call.event_id = 1;
  call.process = 7;
  call.t_ns = 2'000'000;
  call.index = 2;
  for (int i = 0; i < finds; ++i) {
    call.index += 1;
    call.t_ns = i + 1 == finds ? late_ns : call.t_ns + 1'000;
    run.history.entries.push_back(call);
    Entry reply = call;
    reply.index = call.index += 1;
    reply.t_ns = call.t_ns += 1'000;
    reply.type = EntryType::ok;
    reply.out = {200, ReservationStatus::reserved, 1, 1, 1, 9, 1, {}};
    run.history.entries.push_back(reply);
  }
  return run;
}

TEST(HoldTimes, OfAHoldThatIsFoundFiftyThousandTimesEachIsJudged) {
  constexpr int k_finds = 50'000;
  const WrittenRun in_time = found_often(k_finds, 900'000'000);
  EXPECT_EQ(Outcome::pass, in_time.judged().outcome) << messages(in_time.judged());
  const Verdict late = found_often(k_finds, 5'000'000'000).judged();
  EXPECT_EQ(1, late.violations_total) << messages(late);
  EXPECT_THAT(messages(late, "H5"), testing::HasSubstr("after it was certainly over"));
}

}  // namespace
}  // namespace boxoffice::properties
