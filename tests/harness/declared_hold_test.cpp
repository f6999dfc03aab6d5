// How long a server holds, by what its rows and replies say, against how long it is said to.
#include "harness/declared_hold.hpp"

#include <gmock/gmock.h>

#include "properties/history_json.hpp"
#include "tests/properties/written_run.hpp"

namespace boxoffice::harness {
namespace {

using properties::Breakage;
using properties::Entry;
using properties::WrittenRun;
using ::testing::HasSubstr;

constexpr std::int64_t k_second_us = 1'000'000;
constexpr std::int64_t k_wall_offset_ns = 1'700'000'000'000'000'000;

/// Three reservations, held for `held_us` by their rows and their replies, of a server whose clock
/// is ahead of ours by `ahead_us`; declared: `declared_us`.
WrittenRun held(std::int64_t held_us, std::int64_t declared_us, std::int64_t ahead_us = 0) {
  WrittenRun run(10);
  run.history.header.hold_us = declared_us;
  for (std::int64_t id = 1; id <= 3; ++id) {
    run.reserve(id, id + 5, id, 1, 10 - id, id);
    properties::AuditedReservation& row = run.row_of(id);
    row.created_us = k_wall_offset_ns / 1000 + (id + 2) * 1000 + ahead_us;
    row.expires_us = row.created_us + held_us;
    to_reply(run, id, [&](Entry& reply) { reply.out.expires_us = row.expires_us; });
  }
  return run;
}

Breakage by_rows(const WrittenRun& run) {
  return contradicted_hold(run.history, &run.audit, k_wall_offset_ns);
}
Breakage by_replies(const WrittenRun& run) {
  return contradicted_hold(run.history, nullptr, k_wall_offset_ns);
}

TEST(DeclaredHold, TheServersOwnIsNothingToSpeakOf) {
  const WrittenRun run = held(300 * k_second_us, 300 * k_second_us);
  EXPECT_EQ(Breakage{}, by_rows(run));
  EXPECT_EQ(Breakage{}, by_replies(run));
}

TEST(DeclaredHold, AnotherOneIsSaidAndByHowMuch) {
  const Breakage shorter = by_rows(held(10 * k_second_us, 300 * k_second_us));
  EXPECT_THAT(shorter.why, HasSubstr("by their rows reservations are held for 10s, and --hold says "
                                     "300s"));
  EXPECT_EQ(290 * k_second_us, shorter.clock_moved_us);
  const Breakage longer = by_replies(held(300 * k_second_us, 10 * k_second_us));
  EXPECT_THAT(longer.why, HasSubstr("this machine's clock, reservations are held for 300s, and "
                                    "--hold says 10s"));
  EXPECT_NEAR(290e6, static_cast<double>(longer.clock_moved_us), 10e3);
}

// A reply's moment is of the server's clock, a row's two are of one.
TEST(DeclaredHold, OtherClocksAreNoOtherHold) {
  for (const std::int64_t ahead_us : {-9 * k_second_us, 9 * k_second_us}) {
    EXPECT_EQ(Breakage{}, by_replies(held(300 * k_second_us, 300 * k_second_us, ahead_us)));
  }
  EXPECT_EQ(Breakage{}, by_rows(held(300 * k_second_us, 300 * k_second_us, 3600 * k_second_us)));
}

// It is the oracle's to say that one reservation of many is held for another time.
TEST(DeclaredHold, AFewThatDifferAreNoOtherHold) {
  WrittenRun run = held(300 * k_second_us, 300 * k_second_us);
  run.row_of(1).created_us -= 100 * k_second_us;
  EXPECT_EQ(Breakage{}, by_rows(run));
}

// A hold without end is written so by some, and what is noted of it has to be readable.
TEST(DeclaredHold, OneWithoutEndIsAnotherOneToo) {
  constexpr std::int64_t k_end_of_9999_us = 253'402'300'799'999'999;
  for (const std::int64_t until_us : {k_end_of_9999_us, std::int64_t{0}}) {
    WrittenRun run = held(300 * k_second_us, 300 * k_second_us);
    for (Entry& entry : run.history.entries)
      if (entry.out.http == 201) entry.out.expires_us = until_us;
    EXPECT_EQ(Breakage{}, by_rows(run)) << "of another clock, as it may be: the rows agree";
    const Breakage noted = by_replies(run);
    EXPECT_THAT(noted.why, HasSubstr("and --hold says 300s"));
    std::string text;
    properties::append_line(text, run.history.header);
    properties::append_line(text, noted);
    const auto read = properties::read_history(text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(noted, read->history.breakages.at(0));
  }
}

TEST(DeclaredHold, WhereNobodySaysUntilWhenNothingIsKnown) {
  WrittenRun run = held(10 * k_second_us, 300 * k_second_us);
  for (Entry& entry : run.history.entries) entry.out.expires_us.reset();
  EXPECT_EQ(Breakage{}, by_replies(run));
  EXPECT_THAT(by_rows(run).why, HasSubstr("are held for 10s")) << "the rows say it themselves";
}

// With the bounds that much wider the oracle accuses nobody of what the other time explains.
TEST(DeclaredHold, WhatItExplainsIsNoViolation) {
  WrittenRun run(1);
  run.history.header.hold_us = 300 * k_second_us;
  run.reserve(1, 2, 1, 1, 0, 1);
  run.row_of(1).expires_us = run.row_of(1).created_us + k_second_us;
  run.expire(1, 2);
  run.reserve(1100, 1101, 2, 1, 0, 3);
  run.row_of(2).expires_us = run.row_of(2).created_us + k_second_us;
  run.end(0, 3);
  EXPECT_EQ(properties::Outcome::violation, run.judged().outcome);
  run.history.breakages.push_back(by_rows(run));
  EXPECT_EQ(properties::Outcome::invalid, run.judged().outcome);
}

}  // namespace
}  // namespace boxoffice::harness
