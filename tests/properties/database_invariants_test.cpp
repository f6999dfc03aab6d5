// D1, D3 and X1 to X7, by hand: one sound run, and for each invariant the smallest change to it
// that the invariant must reject by its own name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

const ChangedRun k_cases[] = {
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
  for (const ChangedRun& one : k_cases) {
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
