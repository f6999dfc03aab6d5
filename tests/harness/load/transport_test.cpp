// What the network does to an operation: at most one request leaves, and what may have happened is
// never called a failure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "recorded.hpp"
#include "scripted_server.hpp"

namespace boxoffice::load {
namespace {

using properties::EntryType;

ScriptedReply granted(const ReceivedRequest& request) {
  return {http_reply(201, reservation_body(request.overall + 1, 1000 - request.overall, 1))};
}

/// How often each request id arrived.
std::map<std::string, int> arrivals(const ScriptedServer& server) {
  std::map<std::string, int> count;
  for (const ReceivedRequest& request : server.requests()) ++count[request.header("X-Request-Id")];
  return count;
}

void expect_none_twice(const ScriptedServer& server) {
  for (const auto& [id, count] : arrivals(server)) EXPECT_EQ(count, 1) << id;
}

/// All indeterminate completions carry this code and the process does nothing afterwards.
void expect_info(const Recorded& run, const std::string& code, const std::string& phase) {
  std::set<std::int64_t> ended;
  for (const properties::Entry& entry : run.entries) {
    EXPECT_FALSE(ended.contains(entry.process)) << "process " << entry.process << " went on";
    if (entry.type != EntryType::info) continue;
    ended.insert(entry.process);
    EXPECT_EQ(entry.error.code, code);
    EXPECT_EQ(entry.error.phase, phase);
  }
  EXPECT_FALSE(ended.empty());
}

TEST(Transport, ResetAfterTheRequestWasReadIsIndeterminateAndSentOnce) {
  ScriptedServer server([](const ReceivedRequest& request) {
    if (request.on_connection == 2) return ScriptedReply{"", After::reset};
    return granted(request);
  });
  const Recorded run = run_recorded(small_plan(server.target(), 4));
  expect_none_twice(server);
  EXPECT_EQ(server.requests().size(), 200u);
  EXPECT_EQ(run.result.run_outcomes.total(), 200u);
  EXPECT_GE(run.result.run_outcomes[Outcome::indeterminate], 40u);
  EXPECT_EQ(run.result.transport_errors.at("connection_reset"),
            run.result.run_outcomes[Outcome::indeterminate]);
  expect_info(run, "connection_reset", "receive");
}

TEST(Transport, OrderlyCloseInsteadOfAReplyIsIndeterminateAndSentOnce) {
  ScriptedServer server([](const ReceivedRequest& request) {
    if (request.on_connection == 1) return ScriptedReply{"", After::close};
    return granted(request);
  });
  const Recorded run = run_recorded(small_plan(server.target(), 4));
  expect_none_twice(server);
  EXPECT_EQ(server.requests().size(), 200u);
  EXPECT_GE(run.result.run_outcomes[Outcome::indeterminate], 50u);
}

TEST(Transport, FirstRequestOfAConnectionThatIsResetIsIndeterminate) {
  ScriptedServer server([](const ReceivedRequest&) { return ScriptedReply{"", After::reset}; });
  const Recorded run = run_recorded(small_plan(server.target(), 4));
  expect_none_twice(server);
  EXPECT_EQ(run.result.run_outcomes[Outcome::indeterminate], 200u);
}

TEST(Transport, ConnectionsClosedBetweenRequestsAreReplacedWithoutASecondSending) {
  ScriptedServer server([](const ReceivedRequest& request) {
    ScriptedReply reply = granted(request);
    reply.after = request.on_connection == 3 ? After::reset : After::keep;
    return reply;
  });
  const Recorded run = run_recorded(small_plan(server.target(), 4));
  expect_none_twice(server);
  // The reply may be lost with its connection; what was acknowledged is a success.
  EXPECT_EQ(
      run.result.run_outcomes[Outcome::success] + run.result.run_outcomes[Outcome::indeterminate],
      200u);
  EXPECT_GE(run.result.run_outcomes[Outcome::success], 100u);
}

TEST(Transport, TruncatedBodyIsIndeterminate) {
  ScriptedServer server([](const ReceivedRequest& request) {
    ScriptedReply reply = granted(request);
    if (request.on_connection == 1) {
      reply.bytes.resize(reply.bytes.size() - 5);
      reply.after = After::close;
    }
    return reply;
  });
  const Recorded run = run_recorded(small_plan(server.target(), 2));
  expect_none_twice(server);
  expect_info(run, "truncated_reply", "receive");
}

TEST(Transport, UnreadableBodyIsIndeterminate) {
  ScriptedServer server([](const ReceivedRequest& request) {
    if (request.overall % 2 == 1) return ScriptedReply{http_reply(201, "<html>")};
    return granted(request);
  });
  const Recorded run = run_recorded(small_plan(server.target(), 1));
  expect_info(run, "unreadable_reply", "parse");
  EXPECT_EQ(run.result.run_outcomes[Outcome::indeterminate], 100u);
}

TEST(Transport, GarbageInsteadOfHttpIsIndeterminate) {
  ScriptedServer server([](const ReceivedRequest&) {
    return ScriptedReply{"what?\r\n\r\n", After::close};
  });
  LoadPlan plan = small_plan(server.target(), 1);
  plan.max_operations = 5;
  const Recorded run = run_recorded(plan);
  expect_none_twice(server);
  expect_info(run, "malformed_reply", "parse");
}

TEST(Transport, NoReplyInTimeIsIndeterminate) {
  ScriptedServer server([](const ReceivedRequest& request) {
    if (request.overall % 4 == 3) return ScriptedReply{"", After::hang};
    return granted(request);
  });
  LoadPlan plan = small_plan(server.target(), 4);
  plan.max_operations = 40;
  plan.timeout = std::chrono::milliseconds(100);
  const Recorded run = run_recorded(plan);
  expect_none_twice(server);
  // A busy machine may be late with an answer, too.
  EXPECT_GE(run.result.run_outcomes[Outcome::indeterminate], 10u);
  EXPECT_EQ(run.result.run_outcomes.total(), 40u);
  expect_info(run, "timeout", "receive");
}

TEST(Transport, RefusedConnectionIsAFailureThatTheServerKnowsNothingOf) {
  std::string target;
  {
    ScriptedServer gone([](const ReceivedRequest&) { return ScriptedReply{}; });
    target = gone.target();
  }
  LoadPlan plan = small_plan(target, 2);
  plan.max_operations = 10;
  const Recorded run = run_recorded(plan);
  EXPECT_EQ(run.result.run_outcomes[Outcome::error], 10u);
  for (const properties::Entry& entry : run.completions()) {
    EXPECT_EQ(entry.type, EntryType::fail);
    EXPECT_EQ(entry.error.code, "connection_refused");
    EXPECT_EQ(entry.error.phase, "connect");
  }
}

TEST(Transport, WhatIsInFlightWhenTheDrainEndsIsAbandonedAsIndeterminate) {
  ScriptedServer server([](const ReceivedRequest&) { return ScriptedReply{"", After::hang}; });
  LoadPlan plan = small_plan(server.target(), 3);
  plan.drain_timeout = std::chrono::milliseconds(50);
  std::stop_source source;
  // The first report of three requests in flight ends the run.
  const Recorded run = run_recorded(plan, source.get_token(), [&](const Progress& progress) {
    if (progress.in_flight == 3) source.request_stop();
  });
  EXPECT_TRUE(run.result.interrupted);
  EXPECT_FALSE(run.result.figure_valid);
  EXPECT_EQ(run.result.run_outcomes[Outcome::indeterminate], 3u);
  EXPECT_EQ(run.entries.size(), 6u);
  expect_info(run, "abandoned", "receive");
}

TEST(Transport, AnInterruptedRunDoesNotWaitForTheWholeDrain) {
  ScriptedServer server([](const ReceivedRequest&) { return ScriptedReply{"", After::hang}; });
  LoadPlan plan = small_plan(server.target(), 3);
  plan.timeout = plan.drain_timeout = std::chrono::hours(1);
  plan.hurried_drain_timeout = std::chrono::milliseconds(50);
  std::stop_source source;
  const Recorded run = run_recorded(plan, source.get_token(), [&](const Progress& progress) {
    if (progress.in_flight == 3) source.request_stop();
  });
  EXPECT_EQ(run.result.run_outcomes[Outcome::indeterminate], 3u);
  expect_info(run, "abandoned", "receive");
}

}  // namespace
}  // namespace boxoffice::load
