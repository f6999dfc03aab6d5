// D1, D3 and X1 to X7, by hand: one sound run, and for each invariant the smallest change to it
// that the invariant must reject by its own name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

struct Case {
  const char* invariant;
  const char* what;
  std::function<void(WrittenRun&)> change;
};

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
     [](WrittenRun& run) {
       run.row_of(4).request_id = run.row_of(1).request_id;
       run.row_of(4).user_id = 1;
     }},
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
    {"X4", "purchased, and the reply names another reservation",
     [](WrittenRun& run) {
       to_success(run, Function::purchase, [](Entry& entry) { entry.out.reservation_id = 3; });
     }},
    {"X4", "made, and the reply says expired",
     [](WrittenRun& run) {
       to_reply(run, 3, [](Entry& entry) { entry.out.status = ReservationStatus::expired; });
     }},
    {"X4", "found by another request, and it says purchased",
     [](WrittenRun& run) {
       run.found(1200, 1201, 1, 7, 6);
       run.history.entries.back().out.status = ReservationStatus::purchased;
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
    EXPECT_EQ(run.judged().outcome, Outcome::violation) << one.what << ", with the rows";
  }
}

// Only to the request that made it.
TEST(Replies, AReservationIsShownInWhateverStateItIsToItsOwnRequest) {
  WrittenRun run = sound_run();
  const std::string request = run.row_of(1).request_id;
  run.found(1200, 1201, 1, 7, 6, request);
  run.history.entries.back().out.status = ReservationStatus::purchased;
  for (const Verdict& verdict : {run.judged(), run.judged_without_audit()}) {
    EXPECT_EQ(0, verdict.violations_total) << messages(verdict);
  }
  run.found(1202, 1203, 1, 7, 6);
  run.history.entries.back().out.status = ReservationStatus::purchased;
  for (const Verdict& verdict : {run.judged(), run.judged_without_audit()}) {
    EXPECT_THAT(messages(verdict, "X4"), testing::HasSubstr("another request had made it"));
  }
  run.row_of(1).request_id.clear();
  for (Entry& entry : run.history.entries) entry.request_id.clear();
  EXPECT_EQ(0, run.judged().violations_total) << "nobody knows which request made it";
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

// Found by the fuzzer: the nanoseconds of five hundred years more are no number.
TEST(Replies, AHoldMayBeProlongedForLongerThanAnybodyWaits) {
  constexpr std::int64_t k_far_us = 15'905'026'000'000'000;
  WrittenRun run = sound_run();
  to_reply(run, 4, [](Entry& entry) { entry.out.expires_us = 1'000'000; });
  run.found(5000, 5001, 4, 7, 6);  // long after the hold that it was made with
  run.history.entries.back().out.expires_us = k_far_us;
  run.row_of(4).expires_us = k_far_us;
  const Verdict verdict = run.judged();
  EXPECT_EQ(verdict.outcome, Outcome::pass) << messages(verdict);
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

TEST(DatabaseInvariants, AStrangerWhoIsToldNothingIsFine) {
  WrittenRun run = sound_run();
  Entry call = run.call(Function::cancel, 8, 2);
  run.add(call, 2000, 2001, EntryType::fail, {}, {"reservation_not_found", 404, ""});
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
}

/// The schema's key is (user, request): two users may draw the same one.
TEST(DatabaseInvariants, ARequestIdIsItsUsers) {
  WrittenRun run(10);
  for (const std::int64_t user : {1, 2}) {
    const Entry call = run.reserve_call(user, 1, "the same");
    run.row(user, 1, user, call.request_id);
    run.add(call, user, user + 1, EntryType::ok,
            {201, ReservationStatus::reserved, user, user, 1, 10 - user, user, {}});
  }
  run.end(8, 2);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.row_of(2).user_id = 1;
  EXPECT_EQ(outcome_of(run.judged(), "X3"), Outcome::violation);
}

/// An operator's edit, or the clock that was wrong last month: no part of this run.
TEST(DatabaseInvariants, HowRowsOfBeforeTheRunEndedIsNotItsMatter) {
  WrittenRun run(10, 5);
  run.history.header.events[0].available_tickets = 7;
  run.row(1, 1, 1, "old-1");
  run.expire(1, 4);
  run.row_of(1).updated_us -= 1;  // before its time
  run.row(2, 1, 2, "old-2").status = ReservationStatus::purchased;
  run.row_of(2).purchased_us = run.row_of(2).expires_us + 1;  // after it
  run.row(3, 2, 3, "old-3").status = ReservationStatus::purchased;
  run.row_of(3).purchased_us = run.row_of(3).expires_us - 1;
  run.reserve(1, 2, 4, 1, 6, 6);
  run.end(6, 6);
  EXPECT_EQ(run.judged().outcome, Outcome::pass) << messages(run.judged());
  run.row_of(1).closed_event_version = 6;
  EXPECT_EQ(outcome_of(run.judged(), "D3"), Outcome::violation) << "it expired in the run";
  run.row_of(1).closed_event_version = 4;
  *run.row_of(3).purchased_us += 2;
  Output out;
  out.http = 200;
  out.reservation_id = 3;
  run.add(run.call(Function::purchase, 3, 3), 3, 4, EntryType::ok, out);
  EXPECT_EQ(outcome_of(run.judged(), "D3"), Outcome::violation) << "it was purchased in the run";
}

}  // namespace
}  // namespace boxoffice::properties
