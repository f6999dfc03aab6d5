// What replies contradict themselves in, without a look at the rows: X1, X4 and X7 of a server
// whose database nobody reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

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
const ChangedRun k_of_replies[] = {
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
  for (const ChangedRun& one : k_of_replies) {
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

}  // namespace
}  // namespace boxoffice::properties
