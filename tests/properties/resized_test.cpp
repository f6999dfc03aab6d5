// A capacity that changes during the run: where others may edit, it accuses nobody and proves
// nothing of what supposes it constant; in a database of our own it is a breach.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

/// The sound run of somebody else's server, whose editor adds five tickets at version 6, before the
/// last reserve.
WrittenRun resized_run() {
  WrittenRun run = sound_run();
  run.history.header.others_may_edit = true;
  run.row_of(4).event_version = 7;
  to_reply(run, 4, [](Entry& entry) {
    entry.out.available = 12;
    entry.out.version = 7;
  });
  run.end(12, 7);
  run.audit.events[0].total_tickets = 15;
  return run;
}

// It proves nothing of what supposes a constant capacity, and accuses nobody.
TEST(Resized, AChangedCapacityIsNoViolationAndNoPass) {
  WrittenRun run = resized_run();
  const Verdict audited = run.judged();
  EXPECT_EQ(Outcome::invalid, audited.outcome) << messages(audited);
  EXPECT_EQ("", messages(audited));
  EXPECT_THAT(audited.missing_evidence,
              testing::ElementsAre(testing::HasSubstr("changed the capacity of event 1")));
  EXPECT_EQ(Outcome::invalid, outcome_of(audited, "H5"));
  run.history.capacities = {{1, 15}};
  const Verdict alone = run.judged_without_audit();
  EXPECT_EQ(Outcome::invalid, alone.outcome) << messages(alone);
  EXPECT_EQ("", messages(alone));
}

// In a database of our own nobody edits: a strategy did it.
TEST(Resized, WhereNobodyMayEditItIsABreach) {
  WrittenRun run = resized_run();
  run.history.header.others_may_edit = false;
  EXPECT_EQ(Outcome::violation, outcome_of(run.judged(), "D1"));
}

TEST(Resized, WhatDoesNotDependOnItIsStillHeldAgainstTheServer) {
  for (const char* invariant : {"D1", "X5"}) {
    WrittenRun run = resized_run();
    run.end(13, 7);  // one ticket more than there can be
    const Verdict verdict = run.judged();
    EXPECT_EQ(Outcome::violation, outcome_of(verdict, invariant)) << messages(verdict);
  }
  WrittenRun lost = resized_run();
  lost.audit.reservations.pop_back();
  EXPECT_EQ(Outcome::violation, outcome_of(lost.judged(), "X1"));
}

// Where the database is asked, the server's own word does not count.
TEST(Resized, AServerThatOnlySaysSoIsNotExcused) {
  WrittenRun run = sound_run();
  run.history.header.others_may_edit = true;
  run.history.capacities = {{1, 15}};
  EXPECT_EQ(Outcome::pass, run.judged().outcome);
}

TEST(Resized, AServerThatDoesNotSayIsNeitherAccusedNorPassed) {
  WrittenRun run = sound_run();
  run.history.header.others_may_edit = true;
  for (const bool told : {false, true}) {
    if (told) run.history.capacities = {{1, {}}};
    const Verdict verdict = run.judged_without_audit();
    EXPECT_EQ(Outcome::invalid, verdict.outcome) << messages(verdict);
    EXPECT_THAT(verdict.missing_evidence, testing::Contains(testing::HasSubstr("did not say")));
  }
  run.history.capacities.push_back({1, 10});
  EXPECT_THAT(run.judged_without_audit().missing_evidence,
              testing::Not(testing::Contains(testing::HasSubstr("did not say"))));
}

// Back to what it was: only the trail knows.
TEST(Resized, ATrailTellsOfOneThatWasUndone) {
  WrittenRun run = sound_run();
  run.history.header.others_may_edit = true;
  run.audit.trail.emplace();
  run.audit.trail->events.push_back({.event_id = 1, .total_before = 10, .total_after = 15});
  EXPECT_THAT(run.judged().missing_evidence,
              testing::Contains(testing::HasSubstr("changed the capacity of event 1")));
}

}  // namespace
}  // namespace boxoffice::properties
