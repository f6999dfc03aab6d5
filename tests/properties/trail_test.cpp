// D2, by hand: the trail of one sound run, and each smallest change to it that must be rejected by
// that name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "properties/audit_json.hpp"
#include "written_run.hpp"

namespace boxoffice::properties {
namespace {

constexpr auto k_reserved = ReservationStatus::reserved;

/// A run with the trail that triggers would have kept of it. Times and replies are those of a sound
/// run; what a test changes is the trail only.
struct TrailedRun {
  WrittenRun run{10};
  std::int64_t version = 0, available = 10, sequence = 0;

  Trail& trail() { return *run.audit.trail; }
  TrailedRun() { run.audit.trail.emplace(); }

  void move(std::int64_t tickets, std::int64_t writer) {
    trail().events.push_back(
        {++sequence, 1, writer, 10, 10, available, available + tickets, version, version + 1});
    available += tickets;
    ++version;
  }
  void change(std::int64_t id, std::optional<ReservationStatus> before,
              std::optional<ReservationStatus> after, std::int64_t quantity, std::int64_t made,
              std::optional<std::int64_t> closed) {
    trail().reservations.push_back(
        {++sequence, id, 1, before, after, quantity, made, closed, false});
  }
  void reserve(std::int64_t id, std::int64_t quantity, std::int64_t at_ms) {
    move(-quantity, id);
    change(id, {}, k_reserved, quantity, version, {});
    run.reserve(at_ms, at_ms + 1, id, quantity, available, version);
  }
};

/// Reserve, reserve, purchase, cancel, expiry: 10 tickets, 7 left at version 5.
TrailedRun sound() {
  TrailedRun it;
  it.reserve(1, 2, 1);
  it.reserve(2, 1, 2);
  it.reserve(3, 1, 3);
  it.change(1, k_reserved, ReservationStatus::purchased, 2, 1, {});
  it.run.purchase(4, 5, 1);
  it.move(+1, 20);
  it.change(2, k_reserved, ReservationStatus::cancelled, 1, 2, 4);
  it.run.cancel(5, 6, 2, it.available, it.version);
  it.move(+1, 30);
  it.change(3, k_reserved, ReservationStatus::expired, 1, 3, 5);
  it.run.expire(3, 5);
  it.run.end(8, 5);
  return it;
}

struct Case {
  const char* what;
  std::function<void(Trail&)> change;
};

/// Two changes without a version behind the second one, each by a transaction of its own, which
/// leave the event as it was.
void detour(Trail& trail, std::int64_t available, std::int64_t total) {
  EventChange there = trail.events[1];
  there.writer += 1000;
  there.version_before = there.version_after;
  there.total_before = std::exchange(there.total_after, there.total_after + total);
  there.available_before = std::exchange(there.available_after, there.available_after + available);
  EventChange back = there;
  back.writer += 1000;
  std::swap(back.total_before, back.total_after);
  std::swap(back.available_before, back.available_after);
  trail.events.insert(trail.events.begin() + 2, {there, back});
}

const Case k_cases[] = {
    {"a purchased one came back",
     [](Trail& t) {
       t.reservations.push_back(
           {99, 1, 1, ReservationStatus::purchased, k_reserved, 2, 1, {}, false});
       t.reservations.push_back(
           {100, 1, 1, k_reserved, ReservationStatus::purchased, 2, 1, {}, false});
     }},
    {"a row was deleted",
     [](Trail& t) {
       t.reservations.push_back({99, 2, 1, ReservationStatus::cancelled, {}, 1, 2, 4, false});
     }},
    {"a row changed hands", [](Trail& t) { t.reservations[3].reassigned = true; }},
    {"a row began as purchased",
     [](Trail& t) { t.reservations[0].status_after = ReservationStatus::purchased; }},
    {"a transition is missing", [](Trail& t) { t.reservations.erase(t.reservations.begin() + 3); }},
    {"an insert is missing", [](Trail& t) { t.reservations.erase(t.reservations.begin()); }},
    {"the last one is missing", [](Trail& t) { t.reservations.pop_back(); }},
    {"given back at another version", [](Trail& t) { t.reservations[4].closed_event_version = 3; }},
    {"of another quantity", [](Trail& t) { t.reservations[0].quantity = 3; }},
    {"a change of the event is missing", [](Trail& t) { t.events.erase(t.events.begin() + 2); }},
    {"the last change is missing", [](Trail& t) { t.events.pop_back(); }},
    {"the version stayed",
     [](Trail& t) {
       for (std::size_t i = 2; i < t.events.size(); ++i) {
         t.events[i].version_before -= i > 2;
         t.events[i].version_after -= 1;
       }
     }},
    {"the version jumped", [](Trail& t) { t.events[4].version_after += 1; }},
    {"tickets moved without a reservation",
     [](Trail& t) {
       t.events[1].available_after += 1;
       t.events[2].available_before += 1;
     }},
    {"wrong for a moment, at one version", [](Trail& t) { detour(t, +1, 0); }},
    {"another capacity for a moment", [](Trail& t) { detour(t, 0, +5); }},
    {"a capacity that nobody set",
     [](Trail& t) {
       t.events[2].total_before += 5;
       t.events[2].total_after += 5;
     }},
};

TEST(D2, ASoundTrailPassesAndIsLookedAt) {
  const TrailedRun it = sound();
  const Verdict verdict = it.run.judged();
  EXPECT_EQ(verdict.outcome, Outcome::pass) << messages(verdict);
  for (const Check& check : verdict.checks) {
    EXPECT_TRUE(check.invariant != "D2" || check.examined == 11) << check.examined;
  }
  EXPECT_THAT(verdict.not_attempted, testing::IsEmpty());
}

TEST(D2, EachCorruptionIsRejectedByThatName) {
  for (const Case& each : k_cases) {
    TrailedRun it = sound();
    each.change(it.trail());
    const Verdict verdict = it.run.judged();
    EXPECT_EQ(outcome_of(verdict, "D2"), Outcome::violation) << each.what;
    EXPECT_NE(messages(verdict, "D2"), "") << each.what;
  }
}

// A server that is judged as it stands has sold before: those rows have no insert in this trail.
TEST(D2, RowsOlderThanTheRunAreTakenAsTheTrailFindsThem) {
  const auto older = [](ReservationStatus status_before) {
    TrailedRun it;
    it.run.history.header.events[0].available_tickets = 8;
    it.run.history.header.events[0].version = it.version = 2;
    it.available = 8;
    it.run.row(1, 1, 1, "old and open");
    it.run.row(2, 1, 2, "old and cancelled in this run");
    it.reserve(3, 1, 1);
    it.move(+1, 20);
    it.change(2, status_before, ReservationStatus::cancelled, 1, 2, 4);
    it.run.cancel(5, 6, 2, it.available, it.version);
    it.run.end(8, 4);
    return messages(it.run.judged(), "D2");
  };
  EXPECT_EQ(older(k_reserved), "");
  EXPECT_THAT(older(ReservationStatus::purchased), testing::HasSubstr("was purchased"));
}

TEST(D2, WithoutATrailItIsNotAttempted) {
  TrailedRun it = sound();
  it.run.audit.trail.reset();
  EXPECT_THAT(it.run.judged().not_attempted, testing::Contains(testing::HasSubstr("D2: ")));
}

// Engines whose triggers cannot watch the event: its reservations are watched, and where they lead.
TEST(D2, WithoutTheEventsChangesTheReservationsMustLeadToItsRow) {
  TrailedRun it = sound();
  it.trail().event_changes = false;
  it.trail().events.clear();
  EXPECT_EQ(it.run.judged().outcome, Outcome::pass) << messages(it.run.judged());
  it.trail().reservations[0].quantity = 3;
  EXPECT_EQ(outcome_of(it.run.judged(), "D2"), Outcome::violation);
}

// atomic: three tickets are taken at version 2, then the user's stale hold gives one back at
// version 3; by the rows the stale hold ended at 2 and the new one was made at 3.
TEST(D2, TwoVersionsOfOneTransactionCountTogether) {
  const auto run_by = [](std::int64_t second_writer) {
    TrailedRun it;
    it.reserve(5, 1, 1);
    it.move(-3, 7);
    it.move(+1, second_writer);
    it.change(5, k_reserved, ReservationStatus::expired, 1, 1, 2);
    it.change(6, {}, k_reserved, 3, 3, {});
    it.run.expire(5, 2);
    it.run.row(6, 3, 3, "stale");
    it.run.end(7, 3);
    return messages(it.run.judged(), "D2");
  };
  EXPECT_EQ(run_by(7), "");
  EXPECT_THAT(run_by(8), testing::HasSubstr("version 2 of event 1 moved -3 tickets"));
}

// optimistic's sweep claims the version first and gives the tickets back under it.
TEST(D2, OneTransactionMayMoveTicketsAfterItsVersion) {
  TrailedRun it = sound();
  EventChange& claim = it.trail().events.back();
  EventChange gives = claim;
  claim.available_after = claim.available_before;
  gives.version_before = gives.version_after;
  it.trail().events.push_back(gives);
  EXPECT_EQ(messages(it.run.judged(), "D2"), "");
  it.trail().events.back().writer += 1;
  EXPECT_THAT(messages(it.run.judged(), "D2"), testing::HasSubstr("stayed at version 5"));
}

// Without versions too: what a transaction leaves everybody can see.
TEST(D2, MoreThanThereAreOrLessThanNoneForAMoment) {
  for (const std::int64_t tickets : {+9, -9}) {
    TrailedRun it = sound();
    it.run.history.header.versions = false;
    EXPECT_EQ(messages(it.run.judged(), "D2"), "");
    detour(it.trail(), tickets, 0);
    EXPECT_THAT(messages(it.run.judged(), "D2"), testing::HasSubstr("was left with"));
    it.trail().events[3].writer = it.trail().events[2].writer;
    EXPECT_EQ(messages(it.run.judged(), "D2"), "") << "nobody can see it within a transaction";
  }
}

TEST(D2, ATrailIsReadAsItWasWritten) {
  TrailedRun it = sound();
  it.trail().reservations[1].reassigned = true;
  it.trail().reservations.push_back({99, 2, 1, k_reserved, {}, 1, 2, 4, false});
  std::string text;
  append_audit(text, it.run.audit);
  const auto read = read_audit(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->trail, it.run.audit.trail);
  it.trail().event_changes = false;
  it.trail().events.clear();
  text.clear();
  append_audit(text, it.run.audit);
  EXPECT_EQ(read_audit(text)->trail, it.run.audit.trail);
}

TEST(D2, AChangeWithoutATrailOrOfNothingIsSaidWithItsLine) {
  const std::string header = "{\"schema\":\"" + std::string(k_audit_schema) + "\"";
  const std::string change =
      "{\"kind\":\"reservation_change\",\"sequence\":1,\"reservation_id\":1,\"event_id\":1,"
      "\"quantity\":1,\"event_version\":1}\n";
  EXPECT_THAT(read_audit(header + "}\n" + change).error().message, testing::HasSubstr("kind"));
  const auto read = read_audit(header + ",\"trail\":true}\n" + change);
  EXPECT_EQ(read.error().line, 2);
  EXPECT_THAT(read.error().message, testing::HasSubstr("status_after"));
}

}  // namespace
}  // namespace boxoffice::properties
