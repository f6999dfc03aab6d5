// The table of what came back, row by row.
#include "harness/load/classify.hpp"

#include <gtest/gtest.h>

namespace boxoffice::load {
namespace {

using properties::EntryType;
using properties::Function;

struct Row {
  Function f;
  int http;
  const char* code;
  bool effect_none;
  EntryType type;
  Outcome outcome;
};

constexpr auto k_ok = EntryType::ok;
constexpr auto k_fail = EntryType::fail;
constexpr auto k_info = EntryType::info;

constexpr Row k_rows[] = {
    {Function::reserve, 201, "", false, k_ok, Outcome::success},
    {Function::reserve, 200, "", false, k_ok, Outcome::existing},
    {Function::purchase, 200, "", false, k_ok, Outcome::success},
    {Function::cancel, 200, "", false, k_ok, Outcome::success},
    {Function::read, 200, "", false, k_ok, Outcome::success},
    {Function::reserve, 202, "", false, k_info, Outcome::indeterminate},
    {Function::purchase, 201, "", false, k_info, Outcome::indeterminate},
    {Function::reserve, 302, "moved", false, k_info, Outcome::indeterminate},
    {Function::reserve, 409, "sold_out", false, k_fail, Outcome::sold_out},
    {Function::reserve, 400, "malformed_request", false, k_fail, Outcome::refused},
    {Function::reserve, 404, "event_not_found", false, k_fail, Outcome::refused},
    {Function::purchase, 409, "already_cancelled", false, k_fail, Outcome::refused},
    {Function::purchase, 410, "reservation_expired", false, k_fail, Outcome::refused},
    {Function::reserve, 422, "validation_failed", false, k_fail, Outcome::refused},
    {Function::reserve, 401, "unauthenticated", true, k_fail, Outcome::refused},
    {Function::reserve, 401, "unauthenticated", false, k_info, Outcome::indeterminate},
    {Function::reserve, 429, "rate_limited", true, k_fail, Outcome::overload},
    {Function::reserve, 429, "rate_limited", false, k_info, Outcome::indeterminate},
    {Function::reserve, 503, "retries_exhausted", true, k_fail, Outcome::conflict},
    {Function::reserve, 503, "lock_timeout", true, k_fail, Outcome::lock_timeout},
    {Function::reserve, 503, "overloaded", true, k_fail, Outcome::overload},
    {Function::reserve, 503, "pool_exhausted", true, k_fail, Outcome::overload},
    {Function::reserve, 503, "shutting_down", true, k_fail, Outcome::overload},
    {Function::reserve, 503, "database_unavailable", true, k_fail, Outcome::error},
    {Function::reserve, 503, "lock_timeout", false, k_info, Outcome::indeterminate},
    {Function::reserve, 503, "commit_unknown", false, k_info, Outcome::indeterminate},
    {Function::reserve, 500, "internal_error", false, k_info, Outcome::indeterminate},
    {Function::reserve, 500, "internal_error", true, k_info, Outcome::indeterminate},
    {Function::cancel, 502, "bad_gateway", false, k_info, Outcome::indeterminate},
    // A read changes nothing: it is never in doubt.
    {Function::read, 500, "internal_error", false, k_fail, Outcome::error},
    {Function::read, 404, "event_not_found", false, k_fail, Outcome::refused},
};

Reply reply_of(const Row& row) {
  Reply reply;
  reply.out.http = row.http;
  reply.code = row.code;
  reply.effect_none = row.effect_none;
  reply.valid = true;
  return reply;
}

TEST(Classify, EachRowOfTheTable) {
  for (const Row& row : k_rows) {
    const Classified classified = classify(row.f, {}, reply_of(row));
    EXPECT_EQ(classified.type, row.type) << row.http << ' ' << row.code;
    EXPECT_EQ(classified.outcome, row.outcome) << row.http << ' ' << row.code;
    if (row.type != k_ok) {
      EXPECT_EQ(classified.error.code, *row.code != '\0' ? row.code : "unexpected_status");
      EXPECT_EQ(classified.error.http, row.http);
    } else {
      EXPECT_EQ(classified.error, properties::Error{});
    }
  }
}

TEST(Classify, AnUnreadableReplyIsInDoubtWhateverItsStatus) {
  for (const int http : {200, 201, 400, 404, 409, 503}) {
    Reply reply;
    reply.out.http = http;
    const Classified classified = classify(Function::reserve, {}, reply);
    EXPECT_EQ(classified.type, k_info);
    EXPECT_EQ(classified.error, (properties::Error{"unreadable_reply", http, "parse"}));
  }
}

TEST(Classify, WhatTheAdapterDoesNotKnowIsInDoubtWhateverItsStatus) {
  for (const int http : {200, 404, 409, 503}) {
    Reply reply;
    reply.out.http = http;
    reply.known = false;
    const Classified classified = classify(Function::cancel, {}, reply);
    EXPECT_EQ(classified.type, k_info);
    EXPECT_EQ(classified.outcome, Outcome::indeterminate);
    EXPECT_EQ(classified.error, (properties::Error{"unmapped_reply", http, "parse"}));
    EXPECT_EQ(classify(Function::read, {}, reply).type, k_fail);
  }
}

TEST(Classify, ATransportFailureIsInDoubtOnceSomethingWasSent) {
  const Classified before =
      classify(Function::reserve, {"connection_refused", "connect", false}, {});
  EXPECT_EQ(before.type, k_fail);
  EXPECT_EQ(before.outcome, Outcome::error);
  EXPECT_EQ(before.error.phase, "connect");
  const Classified after = classify(Function::reserve, {"timeout", "receive", true}, {});
  EXPECT_EQ(after.type, k_info);
  EXPECT_EQ(after.outcome, Outcome::indeterminate);
  const Classified read = classify(Function::read, {"timeout", "receive", true}, {});
  EXPECT_EQ(read.type, k_fail);
  EXPECT_EQ(read.outcome, Outcome::error);
}

TEST(Classify, AFailedTransportIsNeverASuccessEvenWithAStatus) {
  Reply reply;
  reply.out.http = 201;
  reply.valid = true;
  const Classified classified =
      classify(Function::reserve, {"truncated_reply", "receive", true}, reply);
  EXPECT_EQ(classified.type, k_info);
}

TEST(Classify, AReadOfThePastServedItsReaderAndProvesNothing) {
  Reply reply;
  reply.out.http = 200;
  reply.valid = true;
  reply.aged = true;
  const Classified read = classify(Function::read, {}, reply);
  EXPECT_EQ(read.type, k_fail);
  EXPECT_EQ(read.outcome, Outcome::success);
  EXPECT_EQ(read.error, (properties::Error{"aged_reply", 200, ""}));
  EXPECT_EQ(classify(Function::cancel, {}, reply).type, k_ok) << "no cache makes a change";
  reply.valid = false;
  EXPECT_EQ(classify(Function::read, {}, reply).error.code, "unreadable_reply");
}

}  // namespace
}  // namespace boxoffice::load
