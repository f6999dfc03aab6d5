// H6, by hand: orders that exist and that do not, without versions and without rows, what a
// violation shows, and the bounds past which nobody knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "properties/linearizability/memo.hpp"
#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

Verdict judged_without_versions(WrittenRun run) {
  forget_versions(run);
  return run.judged();
}

Verdict judged_by_clients_alone(WrittenRun run) {
  forget_versions(run);
  return run.judged_without_audit();
}

TEST(H6, ReadsThatAreEachPossibleButNotTogether) {
  WrittenRun run(10);
  run.reserve(1, 20, 1, 1, 9, 1);
  const std::int64_t after = run.read(2, 3, 9, 1);
  const std::int64_t before = run.read(4, 5, 10, 0);
  run.end(9, 1);
  const Verdict verdict = judged_without_versions(run);
  EXPECT_EQ(verdict.outcome, Outcome::violation);
  EXPECT_EQ(outcome_of(verdict, "H3"), Outcome::pass) << "each fits its bounds";
  EXPECT_EQ(outcome_of(verdict, "H6"), Outcome::violation);
  ASSERT_EQ(verdict.violations.size(), 1U);
  EXPECT_THAT(verdict.violations[0].operations, ElementsAre(before, after, 1));
  EXPECT_THAT(verdict.violations[0].message, HasSubstr("(10 available) fits nowhere"));
}

TEST(H6, TwoHoldsOfOneUserAreAnOrderOnlyWhereAUserMayHaveThem) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.reserve(3, 4, 2, 1, 8, 2);
  for (Entry& entry : run.history.entries) {
    entry.in.user_id = 1;
    if (entry.out.user_id) entry.out.user_id = 1;
  }
  EXPECT_EQ(outcome_of(judged_by_clients_alone(run), "H6"), Outcome::violation);
  run.history.header.one_hold_per_user = false;
  EXPECT_EQ(judged_by_clients_alone(run).outcome, Outcome::pass);
}

TEST(H6, AnOversellThatOverlaps) {
  WrittenRun run(1);
  run.reserve(1, 5, 1, 1, 0, 1);
  run.reserve(2, 6, 2, 1, 0, 2);
  run.cancel(7, 30, 1, 1, 3);
  run.end(0, 3);
  EXPECT_EQ(outcome_of(judged_without_versions(run), "H6"), Outcome::violation);
}

// Of 10 tickets 8 were left when the run began: who holds the other two, and until when, nobody
// saw.
WrittenRun begun_with_holds(std::int64_t read_available) {
  WrittenRun run(10);
  run.history.header.events[0].available_tickets = 8;
  run.reserve(1, 2, 1, 1, 7, 1);
  run.read(3, 4, read_available, 1);
  return run;
}

TEST(H6, TicketsHeldBeforeTheRunMayComeBack) {
  for (const std::int64_t available : {8, 9}) {
    const Verdict verdict = judged_by_clients_alone(begun_with_holds(available));
    EXPECT_EQ(verdict.outcome, Outcome::unknown) << messages(verdict);
    for (const Check& check : verdict.checks) {
      if (check.invariant != "H6") continue;
      EXPECT_THAT(check.note, HasSubstr("tickets held before the run may have come back"));
    }
  }
  EXPECT_EQ(judged_by_clients_alone(begun_with_holds(7)).outcome, Outcome::pass);
}

TEST(H6, TicketsHeldBeforeTheRunComeBackButDoNotGoAgain) {
  WrittenRun run = begun_with_holds(9);
  run.read(5, 6, 8, 1);
  EXPECT_EQ(outcome_of(judged_by_clients_alone(run), "H6"), Outcome::violation);
  run.history.header.events[0] = {1, 110, 8, 0};
  EXPECT_EQ(outcome_of(judged_by_clients_alone(run), "H6"), Outcome::unknown) << "too many guesses";
}

/// The same contradiction in many events: an explanation costs searches of its own.
TEST(H6, OfManyEventsWithoutAnOrderAllCountAndTwentyAreDescribed) {
  constexpr std::int64_t k_events = 30;
  WrittenRun run(10);
  run.reserve(1, 20, 1, 1, 9, 1);
  run.read(2, 3, 9, 1);
  run.read(4, 5, 10, 0);
  forget_versions(run);
  const std::vector<Entry> entries = run.history.entries;
  for (std::int64_t event = 2; event <= k_events; ++event) {
    run.history.header.events.push_back({event, 10, 10, 0});
    for (Entry entry : entries) {
      entry.event_id = event;
      if (!entry.request_id.empty()) entry.request_id += "-" + std::to_string(event);
      entry.index += 100 * event;
      entry.process += 10'000 * event;
      if (entry.out.reservation_id) entry.out.reservation_id = event;
      run.history.entries.push_back(entry);
    }
  }
  JudgeOptions options;
  options.violations_max = 1000;
  const Verdict verdict = judge(run.history, std::nullopt, options);
  EXPECT_EQ(verdict.violations_total, k_events);
  EXPECT_EQ(verdict.violations.size(), 20U);
}

TEST(H6, AnExpiryIsKnownFromItsRow) {
  WrittenRun run(1);
  run.reserve(1, 2, 1, 1, 0, 1);
  run.reserve(1500, 1501, 2, 1, 0, 3);
  run.expire(1, 2);
  run.end(0, 3);
  EXPECT_EQ(judged_without_versions(run).outcome, Outcome::pass);
  run.row_of(1).status = ReservationStatus::reserved;
  EXPECT_EQ(outcome_of(judged_without_versions(run), "H6"), Outcome::violation);
}

TEST(H6, WithoutRowsAnExpiryIsNotGuessed) {
  WrittenRun run(1);
  run.reserve(1, 2, 1, 1, 0, 1);
  run.reserve(1500, 1501, 2, 1, 0, 3);
  const Verdict verdict = judged_by_clients_alone(run);
  EXPECT_EQ(verdict.outcome, Outcome::unknown);
  EXPECT_EQ(outcome_of(verdict, "H6"), Outcome::unknown);
  run.read(1502, 1503, 1, 3);
  EXPECT_EQ(outcome_of(judged_by_clients_alone(run), "H6"), Outcome::violation)
      << "no choice of expiries explains that";
}

TEST(H6, WithoutRowsAnOperationOfUnknownOutcomeMayHaveHappenedOrNot) {
  for (const std::int64_t available : {10, 6}) {
    WrittenRun run(10);
    run.add(run.reserve_call(1, 4), 1, 2, EntryType::info);
    run.read(3, 4, available, 0);
    EXPECT_EQ(judged_by_clients_alone(run).outcome, Outcome::pass) << available;
  }
  for (const std::int64_t later_ms : {5, 2000}) {
    WrittenRun run(10);
    run.add(run.reserve_call(1, 4), 1, 2, EntryType::info);
    run.read(3, 4, 6, 0);
    run.read(later_ms, later_ms + 1, 10, 0);
    EXPECT_EQ(judged_by_clients_alone(run).outcome,
              later_ms == 5 ? Outcome::violation : Outcome::unknown)
        << "by then it may have expired";
  }
}

TEST(H6, WithRowsAnOperationOfUnknownOutcomeHappenedWhereItsRowSaysSo) {
  WrittenRun run(10);
  const Entry lost = run.reserve_call(1, 4);
  run.add(lost, 1, 2, EntryType::info);
  run.read(3, 4, 10, 0);
  run.end(10, 0);
  EXPECT_EQ(judged_without_versions(run).outcome, Outcome::pass);
  run.row(1, 4, 1, lost.request_id);
  run.end(6, 1);
  EXPECT_EQ(judged_without_versions(run).outcome, Outcome::pass) << "after the read";
  run.sold_out(5, 6, 7, 6, 1);
  run.read(7, 8, 10, 0);
  EXPECT_EQ(outcome_of(judged_without_versions(run), "H6"), Outcome::violation);
}

/// Two reserves look alike, but one is of a user who reserves and cancels between: it comes later.
TEST(H6, ReservesThatAreNotExchangeableForTheirUsersSake) {
  WrittenRun run(10);
  run.reserve(1, 50, 1, 1, 0, 0);
  run.reserve(1, 60, 2, 1, 0, 0);
  run.read(5, 6, 9, 0);
  run.reserve(10, 12, 3, 1, 0, 0);
  run.cancel(13, 14, 3, 0, 0);
  for (Entry& entry : run.history.entries) {
    if (entry.in.user_id == 3) entry.in.user_id = 1;
    if (entry.out.user_id == 3) entry.out.user_id = 1;
    if (entry.f != Function::read) entry.out.available.reset();
  }
  run.row_of(3).user_id = 1;
  run.end(8, 0);
  const Verdict verdict = judged_without_versions(run);
  EXPECT_EQ(outcome_of(verdict, "H6"), Outcome::pass) << messages(verdict);
}

TEST(H6, PurchasesOfUnknownOutcomeAreNotExchangeable) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.reserve(1, 2, 2, 1, 8, 2);
  run.add(run.call(Function::purchase, 1, 1), 3, 4, EntryType::info);
  run.add(run.call(Function::purchase, 2, 2), 3, 4, EntryType::info);
  run.found(10, 11, 2, 8, 2, run.row_of(2).request_id);
  for (Entry& entry : run.history.entries) {
    if (entry.t_ns == 11'000'000) entry.out.status = ReservationStatus::purchased;
  }
  run.purchase(20, 21, 1);
  const Verdict verdict = judged_by_clients_alone(run);
  EXPECT_EQ(outcome_of(verdict, "H6"), Outcome::pass) << messages(verdict);
}

/// Two cancels without a reply look alike, but one is of a hold that was cancelled again, or
/// purchased, later: it did not happen, and may not stand in for the one that did.
TEST(H6, CancelsOfUnknownOutcomeAreNotExchangeableWhereOneCannotHaveHappened) {
  for (const Function later : {Function::cancel, Function::purchase}) {
    WrittenRun run(10);
    run.reserve(1, 2, 1, 1, 9, 1);
    run.reserve(1, 2, 2, 1, 8, 2);
    run.add(run.call(Function::cancel, 1, 1), 3, 4, EntryType::info);
    run.add(run.call(Function::cancel, 2, 2), 3, 4, EntryType::info);
    run.read(5, 6, 9, 3);
    if (later == Function::cancel) {
      run.cancel(7, 8, 1, 10, 4);
    } else {
      run.purchase(7, 8, 1);
    }
    const Verdict verdict = judged_by_clients_alone(run);
    EXPECT_EQ(outcome_of(verdict, "H6"), Outcome::pass) << messages(verdict);
  }
}

/// The same, where a reply says later which of the two did not happen.
TEST(H6, CancelsOfUnknownOutcomeAreNotExchangeableWhereARefusalTellsThemApart) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.reserve(1, 2, 2, 1, 8, 2);
  run.add(run.call(Function::cancel, 1, 1), 3, 4, EntryType::info);
  run.add(run.call(Function::cancel, 2, 2), 3, 4, EntryType::info);
  run.read(5, 6, 9, 3);
  run.add(run.call(Function::purchase, 1, 1), 7, 8, EntryType::info);
  run.refused(Function::purchase, 9, 10, 1, "already_purchased");
  const Verdict verdict = judged_by_clients_alone(run);
  EXPECT_EQ(outcome_of(verdict, "H6"), Outcome::pass) << messages(verdict);
}

TEST(H6, ItsContradictionIsAFewOperationsOfMany) {
  WrittenRun run(1000);
  for (int i = 0; i < 100; ++i) {
    run.reserve(10 * i, 10 * i + 5, 1 + i, 1, 999 - i, 1 + i);
    run.read(10 * i + 6, 10 * i + 7, 999 - i, 1 + i);
  }
  const std::int64_t reserve = run.reserve(1002, 1030, 500, 2, 898, 101);
  const std::int64_t seen = run.read(1003, 1004, 898, 101);
  const std::int64_t stale = run.read(1005, 1006, 900, 100);
  for (int i = 0; i < 50; ++i) run.read(1100 + i, 1101 + i, 898, 101);
  run.end(898, 101);
  const Verdict verdict = judged_without_versions(run);
  ASSERT_EQ(verdict.violations.size(), 1U) << messages(verdict);
  EXPECT_EQ(verdict.violations[0].invariant, "H6");
  EXPECT_THAT(verdict.violations[0].operations, UnorderedElementsAre(reserve, seen, stale));
  EXPECT_THAT(verdict.violations[0].message, HasSubstr("after 100 changes, which left 900"));
}

TEST(H6, PastItsBoundsItIsUnknownAndNeverAPass) {
  WrittenRun run(100);
  for (int i = 0; i < 12; ++i) run.reserve(1, 50, 1 + i, 1, 99 - i, 1 + i);
  run.read(60, 61, 99 - 11, 12);
  run.end(99 - 11, 12);
  forget_versions(run);
  for (Entry& entry : run.history.entries) {
    if (entry.out.http == 201) entry.out.available.reset();
  }
  EXPECT_EQ(run.judged().outcome, Outcome::pass);
  JudgeOptions options;
  options.search.steps_max = 3;
  Verdict verdict = judge(run.history, run.audit, options);
  EXPECT_EQ(verdict.outcome, Outcome::unknown);
  EXPECT_THAT(verdict.checks.at(0).invariant, "H1");
  options.search = {};
  options.search.give_up = [] { return true; };
  verdict = judge(run.history, run.audit, options);
  EXPECT_EQ(verdict.outcome, Outcome::unknown);
  const auto h6 = std::find_if(verdict.checks.begin(), verdict.checks.end(),
                               [](const Check& check) { return check.invariant == "H6"; });
  ASSERT_NE(h6, verdict.checks.end());
  EXPECT_THAT(h6->note, HasSubstr("deadline"));
}

TEST(H6, TheVerdictSaysWhetherItWasAttempted) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.end(9, 1);
  EXPECT_THAT(run.judged().not_attempted, ElementsAre(HasSubstr("D2: "))) << "a cross-check";
  EXPECT_THAT(run.judged_without_audit().not_attempted,
              ElementsAre(HasSubstr("D1, "), HasSubstr("D2: ")));
  JudgeOptions options;
  options.cross_check_operations_max = 0;
  EXPECT_THAT(judge(run.history, run.audit, options).not_attempted,
              ElementsAre(HasSubstr("H6: H5 judges by the versions, and 1 operations are more"),
                          HasSubstr("D2: ")));
  forget_versions(run);
  EXPECT_THAT(run.judged().not_attempted, ElementsAre(HasSubstr("H5: "), HasSubstr("D2: ")));
  EXPECT_EQ(run.judged().outcome, Outcome::pass);
}

/// H5 has no place for them: the size of a run may not decide whether they are judged.
TEST(H6, RepliesWithNumbersAndNoVersionAreJudgedWhateverTheSizeOfTheRun) {
  JudgeOptions options;
  options.cross_check_operations_max = 0;
  const auto judged = [&](bool freed, bool reads, bool audited = true) {
    WrittenRun run(2);
    run.reserve(1, 2, 1, 2, 0, 1);
    if (freed) run.cancel(3, 4, 1, 2, 2);
    if (freed) run.reserve(5, 6, 3, 1, 1, 3);
    reads ? run.read(7, 8, 0, 1) : run.sold_out(7, 8, 1, 0, 1);
    for (Entry& entry : run.history.entries) {
      if (entry.t_ns == 8'000'000) entry.out.version.reset();
      if (entry.t_ns == 8'000'000 && !reads) entry.out.available.reset();
    }
    freed ? run.end(1, 3) : run.end(0, 1);
    return judge(run.history, audited ? std::optional(run.audit) : std::nullopt, options);
  };
  for (const bool reads : {false, true}) {
    EXPECT_EQ(outcome_of(judged(true, reads), "H6"), Outcome::violation);
    EXPECT_EQ(judged(false, reads).outcome, Outcome::pass) << messages(judged(false, reads));
    EXPECT_EQ(outcome_of(judged(true, reads, false), "H6"), Outcome::violation);
    EXPECT_EQ(judged(false, reads, false).outcome, Outcome::pass);
  }
  options.linearizability = Linearizability::never;
  const Verdict verdict = judged(false, false);
  EXPECT_EQ(outcome_of(verdict, "H5"), Outcome::unknown);
  EXPECT_EQ(verdict.outcome, Outcome::unknown) << messages(verdict);
}

/// A server that was away for a while: what was refused before the first byte is nothing to search.
TEST(H6, OnlyWhatTellsSomethingCountsForTheCrossCheck) {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.end(9, 1);
  for (int i = 0; i < 5; ++i) {
    run.add(run.reserve_call(2, 1), 3, 4, EntryType::fail, {}, {"refused", 0, "connect"});
  }
  JudgeOptions options;
  options.cross_check_operations_max = 1;
  EXPECT_EQ(outcome_of(judge(run.history, run.audit, options), "H6"), Outcome::pass);
  run.read(5, 6, 9, 1);
  EXPECT_THAT(judge(run.history, run.audit, options).not_attempted,
              testing::Contains(HasSubstr("2 operations are more")));
}

TEST(Memo, KeepsEverySetApart) {
  linearizability::Memo memo;
  for (std::uint32_t reach = 0; reach < 300; ++reach) {
    for (std::uint32_t missing = 0; missing < reach; ++missing) {
      const std::vector<std::uint32_t> set = {reach, missing};
      EXPECT_TRUE(memo.insert(set));
      EXPECT_FALSE(memo.insert(set));
    }
    EXPECT_TRUE(memo.insert(std::vector<std::uint32_t>{reach}));
  }
}

}  // namespace
}  // namespace boxoffice::properties
