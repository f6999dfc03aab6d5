// When a run that broke nothing is a pass: it met what it was made to meet, each kind of operation
// and each event was answered, something changed, the audit that was due is there.
#include "properties/evidence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

TEST(Verdict, ARunInWhichNoReplySaidAnythingIsInvalid) {
  WrittenRun run(10);
  run.add(run.reserve_call(1, 1), 1, 2, EntryType::info);
  run.add(run.reserve_call(2, 1), 1, 2, EntryType::fail, {}, {"overloaded", 503, ""});
  EXPECT_EQ(run.judged().outcome, Outcome::invalid);
  EXPECT_THAT(
      run.judged().missing_evidence,
      testing::ElementsAre(testing::StartsWith(
          "none of 2 operations had a reply that says anything about tickets (1 of them: ")));
}

TEST(Verdict, ARunThatWasRefusedSaysWithWhat) {
  WrittenRun run(10);
  for (int i = 0; i < 3; ++i)
    run.add(run.reserve_call(1, 1), 2 * i + 1, 2 * i + 2, EntryType::fail, {},
            {"unauthenticated", 401, ""});
  EXPECT_THAT(run.judged().missing_evidence,
              testing::ElementsAre(testing::HasSubstr("(3 of them: 401 unauthenticated)")));
}

TEST(Verdict, MissingEvidenceMakesAPassInvalidButNotAViolation) {
  WrittenRun run = sound_run();
  run.history.header.evidence = {true, true, true, true};
  EXPECT_EQ(run.judged().outcome, Outcome::invalid);
  EXPECT_THAT(run.judged().missing_evidence,
              testing::ElementsAre("nothing was ever sold out",
                                   "no two changes of one event overlapped in time"));
  run.end(8, 6);
  EXPECT_EQ(run.judged().outcome, Outcome::violation);
}

/// The harness may have died before it asked, or the file is lost: what rows would show may be so.
TEST(Verdict, ARunWhoseAuditIsDueIsNoPassWithoutIt) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.end(9, 1);
  EXPECT_EQ(run.judged_without_audit().outcome, Outcome::pass) << "none was promised";
  run.history.header.audit_due = true;
  EXPECT_EQ(run.judged().outcome, Outcome::pass);
  EXPECT_EQ(run.judged_without_audit().outcome, Outcome::invalid);
  EXPECT_THAT(run.judged_without_audit().missing_evidence,
              testing::ElementsAre("the database was to be asked at the end, and there is no "
                                   "audit"));
}

/// Answered and judged, but a server that refuses everybody cannot be wrong about much.
TEST(Verdict, ARunInWhichNothingEverChangedIsInvalid) {
  WrittenRun run(0);
  const auto refuse = [&](int count) {
    for (int i = 0; i < count; ++i)
      run.add(run.reserve_call(1 + i, 1), 10 * i, 10 * i + 1, EntryType::fail, {},
              {"sold_out", 409, ""});
  };
  refuse(19);
  EXPECT_EQ(run.judged_without_audit().outcome, Outcome::pass);
  refuse(1);
  EXPECT_THAT(run.judged_without_audit().missing_evidence,
              testing::ElementsAre("none of 20 reserves, purchases and cancels changed anything"));
}

TEST(Verdict, ThatMostOfTheLoadWasNotAnsweredIsSaidAndStillAPass) {
  WrittenRun run = sound_run();
  EXPECT_THAT(run.judged().not_attempted,
              testing::Not(testing::Contains(testing::StartsWith("most"))));
  for (int i = 0; i < 400; ++i)
    run.add(run.reserve_call(9000 + i, 1), 2000 + i, 2001 + i, EntryType::fail, {},
            {"connection_refused", 0, "connect"});
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  EXPECT_THAT(run.judged().not_attempted,
              testing::Contains(testing::StartsWith("most of the load: 400 of ")));
}

/// Sent often, and never answered in a way that can be judged.
TEST(Verdict, AKindOfOperationThatNeverSaidAnythingMakesThePassInvalid) {
  WrittenRun run = sound_run();
  const auto send = [&](int count) {
    for (int i = 0; i < count; ++i)
      run.add(run.call(Function::read, 0, 0), 2000 + i, 2001 + i, EntryType::fail, {},
              {"malformed_reply", 200, "parse"});
  };
  send(19);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << "that may be chance";
  send(1);
  EXPECT_EQ(run.judged().outcome, Outcome::invalid);
  EXPECT_THAT(run.judged().missing_evidence,
              testing::ElementsAre("none of 20 operations read had a reply that can be judged"));
}

/// A refusal for a reason that nothing can be held against.
TEST(Verdict, ARefusalForAnyReasonIsNoAnswer) {
  const auto outcome_after = [](Function f, const char* code, int http) {
    WrittenRun run(20);
    for (int i = 1; i <= 20; ++i) run.reserve(10 * i, 10 * i + 1, i, 1, 20 - i, i);
    for (int i = 1; i <= 20; ++i) {
      const auto what = f == Function::reserve ? run.reserve_call(100 + i, 1) : run.call(f, i, i);
      run.add(what, 1300 + i, 1301 + i, EntryType::fail, {}, {code, http, ""});
    }
    if (f == Function::reserve)
      std::erase_if(run.history.entries, [](const Entry& entry) {
        return entry.f == Function::reserve && entry.in.user_id <= 20;
      });
    if (f == Function::reserve) run.read(1, 2, 20, 0);
    return run.judged_without_audit().outcome;
  };
  EXPECT_EQ(outcome_after(Function::purchase, "payment_closed", 409), Outcome::invalid);
  EXPECT_EQ(outcome_after(Function::cancel, "gone", 410), Outcome::invalid);
  EXPECT_EQ(outcome_after(Function::reserve, "event_closed", 409), Outcome::invalid);
  for (const auto& [code, http] :
       {std::pair{"reservation_expired", 410}, std::pair{"not_cancellable", 409}}) {
    EXPECT_EQ(outcome_after(Function::purchase, code, http), Outcome::pass) << code;
  }
}

/// They are to be told nothing, so that nothing is missing.
TEST(Verdict, WhatStrangersTryNeedsNoAnswer) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.end(9, 1);
  for (int i = 0; i < 30; ++i) {
    run.add(run.call(Function::purchase, 20 + i, 1), 10 + i, 11 + i, EntryType::fail, {},
            {"reservation_not_found", 404, ""});
  }
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  EXPECT_EQ(run.judged_without_audit().outcome, Outcome::pass);
}

/// Two events with so many reserves each, of which one refuses all.
WrittenRun run_of_two_events(int of_the_first, int of_the_second, double share_answered) {
  WrittenRun run(1000);
  run.history.header.events.push_back({2, 1000, 1000, 0});
  for (int i = 0; i < of_the_second; ++i) {
    run.add(run.reserve_call(5000 + i, 1), 10 * i + 5, 10 * i + 6, EntryType::fail, {},
            {"overloaded", 503, ""});
  }
  for (Entry& entry : run.history.entries) entry.event_id = 2;
  for (int i = 0, made = 0; i < of_the_first; ++i) {
    if (made + 1 <= share_answered * (i + 1)) {
      ++made;
      run.reserve(10 * i, 10 * i + 1, made, 1, 1000 - made, made);
    } else {
      run.add(run.reserve_call(9000 + i, 1), 10 * i, 10 * i + 1, EntryType::fail, {},
              {"overloaded", 503, ""});
    }
  }
  return run;
}

TEST(Verdict, AnEventThatNeverAnsweredWhileTheOthersDidMakesThePassInvalid) {
  const Verdict verdict = run_of_two_events(60, 60, 1).judged_without_audit();
  EXPECT_EQ(verdict.outcome, Outcome::invalid);
  EXPECT_THAT(verdict.missing_evidence,
              testing::ElementsAre("none of 60 operations reserve of event 2 had a reply that can "
                                   "be judged"));
}

TEST(Verdict, AnEventThatIsSilentByChanceIsFine) {
  EXPECT_EQ(run_of_two_events(60, 20, 1).judged_without_audit().outcome, Outcome::pass);
  EXPECT_EQ(run_of_two_events(400, 100, 0.2).judged_without_audit().outcome, Outcome::pass)
      << "hardly anything was answered, as in a run whose server was down";
  EXPECT_EQ(run_of_two_events(400, 200, 0.2).judged_without_audit().outcome, Outcome::invalid);
}

TEST(Verdict, ReadsOfThePastAreNamedAndProveNothing) {
  WrittenRun run = sound_run();
  for (int i = 0; i < 20; ++i)
    run.add(run.call(Function::read, 0, 0), 2000 + i, 2001 + i, EntryType::fail, {},
            {"aged_reply", 200, ""});
  EXPECT_EQ(run.judged().outcome, Outcome::pass);
  EXPECT_THAT(run.judged().not_attempted, testing::Contains(testing::HasSubstr("H3 of 20 reads")));
}

TEST(Verdict, AFinalReadThatFailedIsNamed) {
  WrittenRun run = sound_run();
  run.audit.events[0].get_available = run.audit.events[0].get_version = {};
  EXPECT_THAT(run.judged().not_attempted,
              testing::Contains(testing::HasSubstr("X6 of 1 of 1 events")));
}

TEST(Verdict, CountsWhatHappened) {
  const Evidence evidence = sound_run().judged().evidence;
  EXPECT_EQ(evidence.reserves_ok, 4);
  EXPECT_EQ(evidence.purchases_ok, 1);
  EXPECT_EQ(evidence.cancels_ok, 1);
  EXPECT_EQ(evidence.expired_rows, 1);
}

TEST(Verdict, DescribesAFewAndCountsAll) {
  WrittenRun run(1000);
  for (int i = 0; i < 200; ++i) run.reserve(1 + i, 2 + i, 1 + i, 1, 500, 1 + i);
  run.end(500, 200);
  const Verdict verdict = judge(run.history, run.audit, {2});
  EXPECT_EQ(verdict.violations.size(), 2U);
  EXPECT_GT(verdict.violations_total, 2);
}

/// Where nobody was near the end of the tickets, whatever guards it decided nothing.
TEST(Verdict, ARunOfSomebodyElsesServerThatSoldNothingOutSaysHowManyTicketsWouldDo) {
  WrittenRun run(1'000'000);
  run.history.header.evidence.sold_out = true;
  run.history.header.others_may_edit = true;
  run.history.capacities = {{1, 1'000'000}};
  run.reserve(1, 3, 1, 2, 999'998, 1);
  run.reserve(2, 4, 2, 3, 999'995, 2);
  run.add(run.reserve_call(3, 1), 5, 6, EntryType::info);
  run.read(10, 11, 999'995, 2);
  run.end(999'995, 2);
  EXPECT_EQ(run.judged().outcome, Outcome::invalid) << messages(run.judged());
  EXPECT_THAT(run.judged().missing_evidence,
              testing::ElementsAre("nothing was ever sold out, so that no limit was put to the "
                                   "test: event 1 had 1000000 tickets, and 3 clients of up to 3 "
                                   "each are sure to meet the end of 4: judge an event of at most "
                                   "so many, or with more connections (-c)"));
}

TEST(Verdict, AnEventThatHadNoTicketsFromTheStartIsNoneThatWasSoldOut) {
  WrittenRun run = run_of_two_events(30, 30, 1);
  run.history.header.evidence.sold_out = true;
  run.history.header.others_may_edit = true;
  run.history.header.events.push_back({3, 50, 0, 0});
  Entry refusal = run.history.entries.front();
  for (const EntryType type : {EntryType::invoke, EntryType::fail}) {
    refusal.index = 1'000'000 + (type == EntryType::fail);
    refusal.process = 5'000;
    refusal.event_id = 3;
    refusal.request_id = "late";
    refusal.type = type;
    refusal.t_ns = 3'600'000'000'000 + refusal.index;
    if (type == EntryType::fail) refusal.error = {"sold_out", 409, ""};
    run.history.entries.push_back(refusal);
  }
  const Verdict verdict = run.judged_without_audit();
  EXPECT_EQ(verdict.evidence.sold_out, 1);
  EXPECT_THAT(verdict.missing_evidence,
              testing::Contains(testing::HasSubstr("no limit was put to the test: event 1 had")));
}

TEST(Verdict, ThatNoHoldOfSomebodyElsesServerEndedIsSaid) {
  const auto said = testing::Contains(testing::HasSubstr("expiry: no hold is known to have ended"));
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.end(9, 1);
  EXPECT_THAT(run.judged().not_attempted, testing::Not(said)) << "a scenario says what it wants";
  run.history.header.others_may_edit = true;
  run.history.capacities = {{1, 10}};
  EXPECT_THAT(run.judged().not_attempted, said);
  EXPECT_EQ(run.judged().outcome, Outcome::pass);
  run.refused(Function::purchase, 1100, 1101, 1, "reservation_expired", 410);
  EXPECT_THAT(run.judged_without_audit().not_attempted, testing::Not(said)) << "a reply said so";
  WrittenRun swept = sound_run();
  swept.history.header.others_may_edit = true;
  EXPECT_THAT(swept.judged().not_attempted, testing::Not(said)) << "a row says so";
}

}  // namespace
}  // namespace boxoffice::properties
