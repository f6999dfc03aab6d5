// D1, D3 and X1 to X7, by hand: one sound run, and for each invariant the smallest change to it
// that the invariant must reject by its own name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

/// A purchase, a cancel, an expiry and a hold: 10 tickets, 7 left.
WrittenRun sound_run() {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.reserve(2, 3, 2, 1, 8, 2);
  run.reserve(3, 4, 3, 1, 7, 3);
  run.purchase(4, 5, 1);
  run.cancel(5, 6, 2, 8, 4);
  run.expire(3, 5);
  run.reserve(1100, 1101, 4, 2, 7, 6);
  run.end(7, 6);
  return run;
}

struct Case {
  const char* invariant;
  const char* what;
  std::function<void(WrittenRun&)> change;
};

void to_reply(WrittenRun& run, std::int64_t reservation,
              const std::function<void(Entry&)>& change) {
  for (Entry& entry : run.history.entries) {
    if (entry.out.http == 201 && entry.out.reservation_id == reservation) return change(entry);
  }
}

void to_success(WrittenRun& run, Function f, const std::function<void(Entry&)>& change) {
  for (Entry& entry : run.history.entries) {
    if (entry.f == f && entry.type == EntryType::ok) return change(entry);
  }
}

const Case k_cases[] = {
    {"D1", "the counter is off", [](WrittenRun& run) { run.end(8, 6); }},
    {"D1", "the counter is negative", [](WrittenRun& run) { run.end(-1, 6); }},
    {"D1", "the capacity changed", [](WrittenRun& run) { run.audit.events[0].total_tickets = 11; }},
    {"D1", "the event is gone", [](WrittenRun& run) { run.audit.events.clear(); }},
    {"D1", "an open row was closed",
     [](WrittenRun& run) { run.row_of(4).closed_event_version = 6; }},
    {"D1", "a closed row was not",
     [](WrittenRun& run) { run.row_of(3).closed_event_version = {}; }},
    {"D1", "purchased without its moment",
     [](WrittenRun& run) { run.row_of(1).purchased_us = {}; }},
    {"D3", "expired early", [](WrittenRun& run) { run.row_of(3).updated_us -= 1; }},
    {"D3", "purchased late", [](WrittenRun& run) { *run.row_of(1).purchased_us += 1; }},
    {"X1", "a row is lost", [](WrittenRun& run) { run.audit.reservations.pop_back(); }},
    {"X1", "of another quantity", [](WrittenRun& run) { run.row_of(4).quantity = 1; }},
    {"X1", "at another version", [](WrittenRun& run) { run.row_of(4).event_version = 5; }},
    {"X1", "made twice",
     [](WrittenRun& run) { to_reply(run, 4, [](Entry& entry) { entry.out.reservation_id = 1; }); }},
    {"X1", "an id that was never given, and no row",
     [](WrittenRun& run) {
       run.audit.reservations.pop_back();
       run.end(9, 5);
       to_reply(run, 4, [](Entry& entry) {
         entry.out.reservation_id = 0;
         entry.out.available = entry.out.version = {};
       });
     }},
    {"X1", "ends earlier than promised",
     [](WrittenRun& run) {
       to_reply(run, 4,
                [&](Entry& entry) { entry.out.expires_us = run.row_of(4).expires_us + 1'000'000; });
     }},
    {"X1", "ends a moment earlier than promised",
     [](WrittenRun& run) {
       to_reply(run, 4,
                [&](Entry& entry) { entry.out.expires_us = run.row_of(4).expires_us + 1'001; });
     }},
    {"X4", "purchased, but of other tickets",
     [](WrittenRun& run) {
       to_success(run, Function::purchase, [](Entry& entry) { entry.out.quantity = 6; });
     }},
    {"X4", "cancelled, but of other tickets",
     [](WrittenRun& run) {
       to_success(run, Function::cancel, [](Entry& entry) { entry.out.quantity = 2; });
     }},
    {"X2", "of more tickets than the request without a reply asked for",
     [](WrittenRun& run) {
       to_reply(run, 4, [](Entry& entry) {
         entry.type = EntryType::info;
         entry.out = {};
       });
       run.row_of(4).quantity = 5;
       run.end(4, 6);
     }},
    {"X2", "a row of nobody", [](WrittenRun& run) { run.row(9, 1, 7, "nobody"); }},
    {"X2", "a refused reserve has a row",
     [](WrittenRun& run) {
       to_reply(run, 4, [](Entry& entry) {
         entry.type = EntryType::fail;
         entry.out = {};
       });
     }},
    {"X3", "two rows of one request",
     [](WrittenRun& run) { run.row_of(4).request_id = run.row_of(1).request_id; }},
    {"X4", "purchased, but not by the row",
     [](WrittenRun& run) { run.row_of(1).status = ReservationStatus::reserved; }},
    {"X4", "a row cancelled by nobody",
     [](WrittenRun& run) { run.row_of(3).status = ReservationStatus::cancelled; }},
    {"X4", "a row purchased by nobody",
     [](WrittenRun& run) { run.row_of(4).status = ReservationStatus::purchased; }},
    {"X4", "cancelled at another version",
     [](WrittenRun& run) { run.row_of(2).closed_event_version = 5; }},
    {"X5", "an update was lost with its row",
     [](WrittenRun& run) {
       run.audit.reservations.pop_back();
       run.end(9, 5);
     }},
    {"X6", "the server shows an older number",
     [](WrittenRun& run) { run.audit.events[0].get_available = 9; }},
    {"X6", "the server shows an older version",
     [](WrittenRun& run) { run.audit.events[0].get_version = 5; }},
    {"X7", "a reply for another user",
     [](WrittenRun& run) { to_reply(run, 4, [](Entry& entry) { entry.out.user_id = 1; }); }},
    {"X7", "a reply about another reservation than the one asked for",
     [](WrittenRun& run) {
       for (Entry& entry : run.history.entries) {
         if (entry.f == Function::purchase && entry.type == EntryType::ok) {
           entry.out.reservation_id = 4;
         }
       }
     }},
    {"X7", "only a stranger had tried to cancel it",
     [](WrittenRun& run) {
       for (Entry& entry : run.history.entries) {
         if (entry.f != Function::cancel) continue;
         entry.in.user_id = 8;
         if (entry.type == EntryType::invoke) continue;
         entry.type = EntryType::info;
         entry.out = {};
       }
     }},
    {"X7", "a stranger learns how it ended",
     [](WrittenRun& run) {
       Entry call = run.call(Function::cancel, 8, 2);
       run.add(call, 2000, 2001, EntryType::fail, {}, {"not_cancellable", 409, ""});
     }},
};

TEST(DatabaseInvariants, TheSoundRunPasses) {
  const Verdict verdict = sound_run().judged();
  EXPECT_EQ(verdict.outcome, Outcome::pass) << messages(verdict);
  for (const Check& check : verdict.checks) EXPECT_GT(check.examined, 0) << check.invariant;
}

TEST(DatabaseInvariants, EachRejectsWhatItIsFor) {
  for (const Case& one : k_cases) {
    WrittenRun run = sound_run();
    one.change(run);
    const Verdict verdict = judge(run.history, run.audit, {1000});
    EXPECT_EQ(verdict.outcome, Outcome::violation) << one.what;
    EXPECT_EQ(outcome_of(verdict, one.invariant), Outcome::violation)
        << one.invariant << ", " << one.what << ":\n"
        << messages(verdict);
    EXPECT_THAT(messages(verdict, one.invariant), testing::Not(testing::IsEmpty())) << one.what;
  }
}

/// As a client sees it who may not ask the database.
TEST(Replies, AStrangersReservationIsSeenInThem) {
  WrittenRun run = sound_run();
  EXPECT_EQ(Outcome::pass, outcome_of(run.judged_without_audit(), "X7"));
  to_reply(run, 4, [](Entry& entry) { entry.out.user_id = 1; });
  EXPECT_EQ(Outcome::violation, outcome_of(run.judged_without_audit(), "X7"));
}

TEST(Replies, AReservationThatWasMadeTwiceIsSeenInThem) {
  WrittenRun run = sound_run();
  EXPECT_EQ(Outcome::pass, outcome_of(run.judged_without_audit(), "X1"));
  to_reply(run, 4, [](Entry& entry) { entry.out.reservation_id = 1; });
  EXPECT_EQ(Outcome::violation, outcome_of(run.judged_without_audit(), "X1"));
}

/// Nobody has to ask the database for these.
const Case k_of_replies[] = {
    {"X1", "less than it asked for",
     [](WrittenRun& run) { to_reply(run, 4, [](Entry& entry) { entry.out.quantity = 1; }); }},
    {"X1", "no ticket at all",
     [](WrittenRun& run) { to_reply(run, 4, [](Entry& entry) { entry.out.quantity = 0; }); }},
    {"X1", "less than no ticket",
     [](WrittenRun& run) { to_reply(run, 4, [](Entry& entry) { entry.out.quantity = -5; }); }},
    {"X1", "found, of no ticket",
     [](WrittenRun& run) {
       run.found(1200, 1201, 4, 7, 6);
       run.history.entries.back().out.quantity = 0;
     }},
    {"X4", "purchased, of other tickets than the reserve",
     [](WrittenRun& run) {
       to_success(run, Function::purchase, [](Entry& entry) { entry.out.quantity = 6; });
     }},
    {"X4", "cancelled, of no ticket",
     [](WrittenRun& run) {
       to_success(run, Function::cancel, [](Entry& entry) { entry.out.quantity = 0; });
     }},
    {"X4", "found, of other tickets than the reserve",
     [](WrittenRun& run) {
       run.found(1200, 1201, 4, 7, 6);
       run.history.entries.back().out.quantity = 3;
     }},
    {"X4", "purchased, and the reply says cancelled",
     [](WrittenRun& run) {
       to_success(run, Function::purchase,
                  [](Entry& entry) { entry.out.status = ReservationStatus::cancelled; });
     }},
    {"X7", "two users were told that they hold what nobody saw made",
     [](WrittenRun& run) {
       for (const std::int64_t user : {21, 22}) {
         run.found(1200 + user, 1201 + user, 9, 7, 6);
         for (Entry& entry : run.history.entries) {
           if (entry.t_ns >= (1200 + user) * 1'000'000) entry.in.user_id = user;
         }
         run.history.entries.back().out.user_id = {};
       }
     }},
};

TEST(Replies, WhatTheyContradictThemselvesInIsSeenInThem) {
  EXPECT_EQ(Outcome::pass, outcome_of(sound_run().judged_without_audit(), "X4"));
  for (const Case& one : k_of_replies) {
    WrittenRun run = sound_run();
    one.change(run);
    const Verdict verdict = judge(run.history, std::nullopt, {1000});
    EXPECT_EQ(outcome_of(verdict, one.invariant), Outcome::violation) << one.what << "\n"
                                                                      << messages(verdict);
  }
}

// The hold may be another one's than was asked for: as long as all replies agree on it.
TEST(Replies, AHoldThatWasFoundIsOfTheTicketsThatItWasMadeOf) {
  WrittenRun run = sound_run();
  run.found(1200, 1201, 4, 7, 6);
  run.history.entries.back().out.quantity = 2;
  ASSERT_NE(run.history.entries.back().in.quantity, 2);
  for (const bool audited : {true, false}) {
    const Verdict verdict = audited ? run.judged() : run.judged_without_audit();
    EXPECT_NE(verdict.outcome, Outcome::violation) << messages(verdict);
  }
}

// With what a reserve was told, 24 of 10 tickets would be none.
TEST(Replies, OfASuccessWithoutTicketsWhatWasAskedForCounts) {
  WrittenRun run(10);
  for (int i = 1; i <= 12; ++i) run.reserve(20 * i, 20 * i + 1, i, 2, 0, i);
  for (Entry& entry : run.history.entries) {
    if (entry.type != EntryType::ok) continue;
    entry.out.quantity = 0;
    entry.out.available = {};
  }
  EXPECT_EQ(outcome_of(run.judged_without_audit(), "H2"), Outcome::violation);
  EXPECT_EQ(outcome_of(run.judged_without_audit(), "H5"), Outcome::violation);
}

TEST(Replies, OneIdIsOfOneEventUnlessEachCountsItsOwn) {
  WrittenRun run(10);
  run.history.header.events.push_back({2, 10, 10, 0});
  run.reserve(1, 2, 7, 1, 9, 1);
  run.reserve(3, 4, 7, 1, 9, 1);
  for (Entry& entry : run.history.entries) {
    if (entry.t_ns < 3'000'000) continue;
    entry.event_id = 2;
    entry.in.user_id = 8;
    entry.out.user_id = {};
  }
  const Verdict verdict = run.judged_without_audit();
  EXPECT_EQ(outcome_of(verdict, "X1"), Outcome::violation);
  EXPECT_THAT(messages(verdict, "X1"), testing::HasSubstr("both told of reservation 7"));
  run.history.header.ids_per_event = true;
  EXPECT_EQ(run.judged_without_audit().outcome, Outcome::pass)
      << messages(run.judged_without_audit());
}

TEST(Replies, WhatOnlyRowsShowIsSaidToBeUnjudged) {
  const Verdict verdict = sound_run().judged_without_audit();
  EXPECT_EQ(Outcome::unknown, outcome_of(verdict, "X2")) << "it is not among the checks";
  EXPECT_THAT(verdict.not_attempted, testing::Contains(testing::HasSubstr("X2, X3, X5, X6")));
}

TEST(Replies, ASuccessThatNamesNoReservationIsNoHistory) {
  WrittenRun run = sound_run();
  to_reply(run, 4, [](Entry& entry) { entry.out.reservation_id = {}; });
  EXPECT_EQ(Outcome::invalid, run.judged().outcome);
  EXPECT_THAT(messages(run.judged(), "H1"), testing::HasSubstr("named no reservation"));
}

TEST(Replies, AMomentMayBeWrittenWithFewerDigits) {
  WrittenRun run = sound_run();
  const auto promised = [&](std::int64_t row_us, std::int64_t reply_us) {
    run.row_of(4).expires_us = row_us;
    to_reply(run, 4, [&](Entry& entry) { entry.out.expires_us = reply_us; });
    return run.judged().outcome;
  };
  EXPECT_EQ(Outcome::pass, promised(1'000'001, 2'000'000)) << "whole seconds";
  EXPECT_EQ(Outcome::pass, promised(1'000'001, 1'010'000)) << "hundredths";
  EXPECT_EQ(Outcome::pass, promised(1'234'001, 1'234'999)) << "nobody's millisecond";
  EXPECT_EQ(Outcome::violation, promised(1'000'001, 1'990'001));
  EXPECT_EQ(Outcome::violation, promised(1'000'000, 2'000'000));
}

TEST(DatabaseInvariants, AStrangerWhoTriedWhatTheOwnerDidIsFine) {
  WrittenRun run = sound_run();
  run.add(run.call(Function::cancel, 8, 2), 3, 8, EntryType::info);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  for (Entry& entry : run.history.entries) {
    if (entry.f == Function::cancel && entry.type == EntryType::ok) {
      entry.type = EntryType::info;
      entry.out = {};
    }
  }
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

TEST(Verdict, ARunInWhichNoReplySaidAnythingIsInvalid) {
  WrittenRun run(10);
  run.add(run.reserve_call(1, 1), 1, 2, EntryType::info);
  run.add(run.reserve_call(2, 1), 1, 2, EntryType::fail, {}, {"overloaded", 503, ""});
  EXPECT_EQ(run.judged().outcome, Outcome::invalid);
  EXPECT_THAT(
      run.judged().missing_evidence,
      testing::ElementsAre("none of 2 operations had a reply that says anything about tickets"));
}

TEST(DatabaseInvariants, AStrangerWhoIsToldNothingIsFine) {
  WrittenRun run = sound_run();
  Entry call = run.call(Function::cancel, 8, 2);
  run.add(call, 2000, 2001, EntryType::fail, {}, {"reservation_not_found", 404, ""});
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
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

}  // namespace
}  // namespace boxoffice::properties
