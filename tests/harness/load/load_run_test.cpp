// Whole runs against a scripted server: what is sent, counted and recorded.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>

#include "recorded.hpp"
#include "scripted_server.hpp"

namespace boxoffice::load {
namespace {

using properties::Entry;
using properties::EntryType;
using properties::Function;

/// A server with so many tickets that forgets nothing and never lies.
ScriptedServer::Script seller(int tickets) {
  auto next = std::make_shared<std::atomic<int>>(0);
  return [next, tickets](const ReceivedRequest& request) -> ScriptedReply {
    if (request.method == "GET") {
      return {http_reply(200, R"({"event":{"id":7,"available_tickets":1,"version":1}})")};
    }
    if (!request.path.ends_with("/reserve")) {
      const std::string id = request.path.substr(std::string("/api/reservations/").size());
      return {http_reply(200, reservation_body(std::stoi(id), 1, 1))};
    }
    const int sold = ++*next;
    if (sold > tickets) {
      return {http_reply(409, problem_body(409, "sold_out", true))};
    }
    return {http_reply(201, reservation_body(sold, tickets - sold, sold),
                       "X-Transaction-Attempts: 2\r\n")};
  };
}

TEST(LoadRun, SellsOutAndStops) {
  ScriptedServer server(seller(100));
  LoadPlan plan = small_plan(server.target(), 8);
  plan.threads = 2;
  plan.max_operations.reset();
  plan.stop_when_sold_out = true;
  const Recorded run = run_recorded(plan);
  EXPECT_EQ(run.result.run_outcomes[Outcome::success], 100u);
  EXPECT_LE(run.result.run_outcomes[Outcome::sold_out], 8u);
  ASSERT_TRUE(run.result.time_to_sell_out_s);
  EXPECT_GT(*run.result.time_to_sell_out_s, 0);
  EXPECT_LE(*run.result.time_to_sell_out_s, run.result.run_s);
  EXPECT_DOUBLE_EQ(*run.result.attempts_per_success, 2.0);
}

TEST(LoadRun, WhereUsersLeaveEachIsAnsweredOnceAndTheLastOneEndsIt) {
  ScriptedServer server(seller(30));
  LoadPlan plan = small_plan(server.target(), 8);
  plan.threads = 2;
  plan.max_operations.reset();
  plan.duration = std::chrono::seconds(30);
  plan.user_choice = UserChoice::leave;
  const auto users = static_cast<std::uint64_t>(plan.users.size());
  ASSERT_GT(users, 30u);
  const Recorded run = run_recorded(plan);
  EXPECT_EQ(run.result.outcomes[Outcome::success], 30u);
  EXPECT_EQ(run.result.outcomes[Outcome::sold_out], users - 30);
  EXPECT_EQ(run.result.run_outcomes.total(), users);
  EXPECT_LT(run.result.measured_s, 30);
  EXPECT_GE(run.result.measured_s, run.result.time_to_sell_out_s.value());
  plan.warmup = std::chrono::seconds(1);
  EXPECT_THROW(run_load(plan, {}, {}), std::invalid_argument) << "who has left does not come back";
}

// Thousands of refusals a second keep a database from coming back.
TEST(LoadRun, WhoIsToldThatNobodyIsThereWaitsBeforeTheNextTry) {
  ScriptedServer server([](const ReceivedRequest&) -> ScriptedReply {
    return {http_reply(503, problem_body(503, "database_unavailable", true))};
  });
  LoadPlan plan = small_plan(server.target(), 8);
  plan.max_operations.reset();
  plan.duration = std::chrono::milliseconds(400);
  plan.pause_when_away = std::chrono::milliseconds(100);
  const Recorded run = run_recorded(plan);
  EXPECT_EQ(run.result.run_outcomes[Outcome::error], run.result.run_outcomes.total());
  EXPECT_GE(run.result.run_outcomes.total(), 8U);
  EXPECT_LE(run.result.run_outcomes.total(), 8U * 4);
}

// The twin of a self-comparison: as much slower as is asked for, whatever the machine does.
TEST(LoadRun, RequestsThatDoNotCountAreOfTheRunButInNoFigure) {
  ScriptedServer server(seller(1'000));
  LoadPlan plan = small_plan(server.target(), 4);
  plan.threads = 2;
  plan.uncounted_share = 0.25;
  plan.max_operations = 400;
  const Recorded run = run_recorded(plan);
  EXPECT_EQ(run.completions().size(), 400u);
  EXPECT_EQ(run.result.run_outcomes.total(), 400u);
  const auto counted = static_cast<double>(run.result.outcomes.total());
  EXPECT_NEAR(counted, 320, 2) << "each thread is between two of its further ones";
  EXPECT_EQ(run.result.started, run.result.outcomes.total());
  EXPECT_EQ(run.result.latency[index_of(Outcome::success)].service.count(),
            run.result.outcomes[Outcome::success]);
}

/// Which reservation each request id made.
std::map<std::string, std::int64_t> made_by(const Recorded& run) {
  std::map<std::string, std::int64_t> made;
  for (const Entry& entry : run.completions()) {
    if (entry.f == Function::reserve && entry.out.reservation_id)
      made[entry.request_id] = *entry.out.reservation_id;
  }
  return made;
}

TEST(LoadRun, SeveralTargetsAreAskedInTurnByEveryClient) {
  const auto script = seller(1'000);  // its copies share what they have sold
  ScriptedServer one(script), other(script);
  LoadPlan plan = small_plan(one.target(), 5);
  plan.further_targets = {other.target()};
  plan.threads = 2;
  plan.mix = {.reserve = 1, .purchase = 0, .cancel = 1, .read = 0};
  plan.max_operations = 400;
  const Recorded run = run_recorded(plan);
  EXPECT_EQ(run.entries.size(), 800u);
  EXPECT_EQ(run.result.transport_errors.size(), 0u);

  const auto made = made_by(run);
  std::map<std::string, int> seller_of;  // reservation -> where it was made
  std::map<int, int> connections, requests, elsewhere;
  for (const int at : {0, 1}) {
    for (const ReceivedRequest& request : (at == 0 ? one : other).requests()) {
      ++requests[at];
      connections[at] = std::max(connections[at], request.connection + 1);
      const auto found = made.find(request.header("X-Request-Id"));
      if (found != made.end()) seller_of[fmt::format("/{}", found->second)] = at;
    }
  }
  for (const int at : {0, 1}) {
    for (const ReceivedRequest& request : (at == 0 ? one : other).requests()) {
      if (request.method != "DELETE") continue;
      const auto sold = seller_of.find(request.path.substr(request.path.rfind('/')));
      if (sold != seller_of.end() && sold->second != at) ++elsewhere[at];
    }
  }
  EXPECT_EQ(requests[0] + requests[1], 400);
  EXPECT_LE(std::abs(requests[0] - requests[1]), 5) << "each client differs by one at most";
  EXPECT_THAT(connections, ::testing::Each(::testing::Pair(::testing::_, 5)));
  EXPECT_GT(elsewhere[0], 0) << "what was bought at the other is cancelled here";
  EXPECT_GT(elsewhere[1], 0);
}

TEST(LoadRun, EveryRequestIsInTheHistoryOnceWithItsCompletion) {
  ScriptedServer server(seller(50));
  LoadPlan plan = small_plan(server.target(), 8);
  plan.threads = 2;
  plan.mix = {.reserve = 4, .purchase = 2, .cancel = 2, .read = 2};
  plan.max_operations = 400;
  const Recorded run = run_recorded(plan);
  EXPECT_EQ(server.requests().size(), 400u);
  EXPECT_EQ(run.entries.size(), 800u);
  EXPECT_EQ(run.result.recorder.entries, 800u);

  std::set<std::int64_t> indices;
  std::set<std::string> ids;
  std::map<std::int64_t, Entry> open;  // by process
  for (const Entry& entry : run.entries) {
    EXPECT_TRUE(indices.insert(entry.index).second);
    if (entry.type == EntryType::invoke) {
      EXPECT_TRUE(open.emplace(entry.process, entry).second) << "not sequential";
      if (entry.f != Function::read) {
        EXPECT_TRUE(ids.insert(entry.request_id).second);
      }
    } else {
      const auto invoked = open.extract(entry.process);
      ASSERT_FALSE(invoked.empty());
      EXPECT_GT(entry.t_ns, invoked.mapped().t_ns);
      EXPECT_EQ(entry.in, invoked.mapped().in);
      EXPECT_EQ(entry.request_id, invoked.mapped().request_id);
    }
  }
  EXPECT_TRUE(open.empty());
  for (const ReceivedRequest& request : server.requests()) {
    if (request.method != "GET") {
      EXPECT_TRUE(ids.contains(request.header("X-Request-Id")));
    }
  }
}

// Each second read says that it is of the past, and lies about the present.
TEST(LoadRun, ReadsOfThePastAreInTheHistoryWithoutTheirNumbers) {
  ScriptedServer server([](const ReceivedRequest& request) -> ScriptedReply {
    const bool aged = request.on_connection % 2 == 1;
    const char* const body = aged ? R"({"event":{"id":7,"available_tickets":99,"version":50}})"
                                  : R"({"event":{"id":7,"available_tickets":1,"version":0}})";
    return {http_reply(200, body, aged ? "Age: 1\r\n" : "")};
  });
  LoadPlan plan = small_plan(server.target(), 2);
  plan.mix = {.reserve = 0, .purchase = 0, .cancel = 0, .read = 1};
  const Recorded run = run_recorded(plan);
  EXPECT_EQ(run.result.run_outcomes[Outcome::success], 200u) << "as far as the load goes";
  int past = 0;
  for (const Entry& entry : run.completions()) {
    if (entry.type == EntryType::ok) {
      EXPECT_EQ(entry.out.available, 1);
      continue;
    }
    ++past;
    EXPECT_EQ(entry.type, EntryType::fail);
    EXPECT_EQ(entry.error.code, "aged_reply");
    EXPECT_FALSE(entry.out.available || entry.out.version);
  }
  EXPECT_NEAR(past, 100, 2);
}

TEST(LoadRun, SendsWhatTheApiWants) {
  ScriptedServer server(seller(1000));
  LoadPlan plan = small_plan(server.target(), 1);
  plan.mix = {.reserve = 1, .purchase = 1, .cancel = 1, .read = 1};
  run_recorded(plan);
  std::set<std::string> kinds;
  for (const ReceivedRequest& request : server.requests()) {
    const std::string token = request.header("Authorization");
    if (request.method == "GET") {
      EXPECT_EQ(request.path, "/api/events/7");
      EXPECT_EQ(token, "");
      kinds.insert("read");
    } else if (request.method == "DELETE") {
      EXPECT_TRUE(request.path.starts_with("/api/reservations/"));
      EXPECT_TRUE(token.starts_with("Bearer "));
      kinds.insert("cancel");
    } else if (request.path.ends_with("/purchase")) {
      EXPECT_EQ(request.body, "");
      kinds.insert("purchase");
    } else {
      EXPECT_EQ(request.path, "/api/events/7/reserve");
      EXPECT_EQ(request.body, R"({"quantity":1})");
      EXPECT_EQ(request.header("Content-Type"), "application/json");
      kinds.insert("reserve");
    }
  }
  EXPECT_THAT(kinds, testing::UnorderedElementsAre("read", "cancel", "purchase", "reserve"));
}

TEST(LoadRun, RefusalsAreKeptApartAndAreNoLatencyOfSuccesses) {
  const std::vector<std::string> codes = {"overloaded", "lock_timeout", "retries_exhausted",
                                          "database_unavailable"};
  ScriptedServer server([&codes](const ReceivedRequest& request) -> ScriptedReply {
    const std::size_t turn = static_cast<std::size_t>(request.overall) % 5;
    if (turn == 4) return {http_reply(201, reservation_body(request.overall + 1, 9, 1))};
    return {http_reply(503, problem_body(503, codes[turn], true))};
  });
  const Recorded run = run_recorded(small_plan(server.target(), 2));
  const OutcomeCounts& outcomes = run.result.outcomes;
  EXPECT_EQ(outcomes[Outcome::overload], 40u);
  EXPECT_EQ(outcomes[Outcome::lock_timeout], 40u);
  EXPECT_EQ(outcomes[Outcome::conflict], 40u);
  EXPECT_EQ(outcomes[Outcome::error], 40u);
  EXPECT_EQ(outcomes[Outcome::success], 40u);
  EXPECT_EQ(run.result.success_latency().response.count(), 40u);
  EXPECT_NEAR(run.result.goodput_per_s * run.result.measured_s, 40, 1e-6);
}

TEST(LoadRun, WarmUpIsRecordedButNotMeasured) {
  ScriptedServer server(seller(1'000'000));
  LoadPlan plan = small_plan(server.target(), 2);
  plan.max_operations.reset();
  plan.warmup = std::chrono::milliseconds(100);
  plan.duration = std::chrono::milliseconds(200);
  const Recorded run = run_recorded(plan);
  const LoadResult& result = run.result;
  EXPECT_NEAR(result.measured_s, 0.2, 1e-9);
  EXPECT_GT(result.run_outcomes.total(), result.started);
  EXPECT_EQ(result.started, result.outcomes.total() + result.late_outcomes.total());
  EXPECT_EQ(run.completions().size(), result.run_outcomes.total());
  EXPECT_EQ(result.run_outcomes.total(), server.requests().size());
}

TEST(LoadRun, OpenLoopSendsOnItsSchedule) {
  ScriptedServer server(seller(1'000'000));
  LoadPlan plan = small_plan(server.target(), 4);
  plan.rate_per_s = 1000;
  plan.max_operations.reset();
  plan.duration = std::chrono::milliseconds(300);
  const Recorded run = run_recorded(plan);
  EXPECT_TRUE(run.result.open_loop);
  // What a busy machine left lying for less than the bound is neither.
  EXPECT_LE(run.result.started + run.result.unsent, 300u);
  std::set<std::int64_t> scheduled;
  for (const Entry& entry : run.entries) {
    EXPECT_LE(entry.t_sched_ns, entry.t_ns);
    if (entry.type == EntryType::invoke) scheduled.insert(entry.t_sched_ns);
  }
  ASSERT_GT(scheduled.size(), 1u);
  EXPECT_EQ(scheduled.size(), run.result.started) << "each has a moment of its own";
  for (const std::int64_t moment : scheduled)
    EXPECT_EQ((moment - *scheduled.begin()) % 1'000'000, 0) << "a thousand a second";
  EXPECT_LT(*scheduled.rbegin() - *scheduled.begin(), 300'000'000);
  const Latency& latency = run.result.success_latency();
  EXPECT_GE(latency.response.max_ns(), latency.service.max_ns());
}

TEST(LoadRun, ManyConnectionsOverSeveralShards) {
  ScriptedServer server(seller(1'000'000));
  LoadPlan plan = small_plan(server.target(), 200);
  plan.threads = 2;
  plan.max_operations = 4000;
  const Recorded run = run_recorded(plan);
  EXPECT_EQ(run.result.run_outcomes[Outcome::success], 4000u);
  std::set<int> connections;
  for (const ReceivedRequest& request : server.requests()) connections.insert(request.connection);
  EXPECT_LE(connections.size(), 200u);  // kept alive and used again
  EXPECT_GT(connections.size(), 100u);
}

TEST(LoadRun, ChunkedRepliesAreRead) {
  ScriptedServer server([](const ReceivedRequest& request) -> ScriptedReply {
    const std::string body = reservation_body(request.overall + 1, 5, 1);
    return {
        fmt::format("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "{:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                    10, body.substr(0, 10), body.size() - 10, body.substr(10))};
  });
  const Recorded run = run_recorded(small_plan(server.target(), 2));
  EXPECT_EQ(run.result.run_outcomes[Outcome::success], 200u);
}

LoadPlan plan_of_a_moment(const std::string& target) {
  LoadPlan plan = small_plan(target, 2);
  plan.max_operations.reset();
  plan.duration = std::chrono::milliseconds(100);
  return plan;
}

TEST(LoadRun, OutlastsItsTimeUntilItIsEnough) {
  using namespace std::chrono_literals;
  ScriptedServer server(seller(1'000'000));
  LoadPlan plan = plan_of_a_moment(server.target());
  plan.duration_max = 600s;
  int asked = 0;
  plan.enough = [&asked](const Progress& seen) {
    EXPECT_EQ(seen.left_s, 0);
    return ++asked >= 2;
  };
  const Recorded run = run_recorded(plan);
  EXPECT_GE(asked, 2);  // again, where the end takes a while
  EXPECT_GT(run.result.measured_s, 0.1);
  EXPECT_LT(run.result.measured_s, 60);
  EXPECT_FALSE(run.result.interrupted);
  EXPECT_GT(run.result.outcomes[Outcome::success], 0u);
}

TEST(LoadRun, EndsAtTheLatestMomentWhereItIsNeverEnough) {
  using namespace std::chrono_literals;
  ScriptedServer server(seller(1'000'000));
  LoadPlan plan = plan_of_a_moment(server.target());
  plan.duration_max = 700ms;
  plan.enough = [](const Progress&) { return false; };
  EXPECT_DOUBLE_EQ(run_recorded(plan).result.measured_s, 0.7);
}

TEST(LoadRun, WithoutACauseItEndsWithItsTime) {
  using namespace std::chrono_literals;
  ScriptedServer server(seller(1'000'000));
  LoadPlan plan = plan_of_a_moment(server.target());
  plan.duration_max = 600s;
  EXPECT_DOUBLE_EQ(run_recorded(plan).result.measured_s, 0.1);
}

TEST(LoadRun, EachStageHasItsOwnFigures) {
  using namespace std::chrono_literals;
  ScriptedServer server(seller(1'000'000));
  LoadPlan plan = small_plan(server.target(), 8);
  plan.max_operations.reset();
  plan.stages = {{100, 100, 300ms}, {400, 400, 200ms}};
  plan.duration = duration_of(plan.stages);
  std::size_t begins = 0;
  plan.before_measuring = [&begins] { ++begins; };
  const Recorded run = run_recorded(plan);
  EXPECT_EQ(begins, 1u);
  EXPECT_TRUE(run.result.open_loop);
  ASSERT_EQ(run.result.stages.size(), 2u);
  // What a slow machine could not send is of the stage in which it was due, too.
  const auto due = [](const StageFigures& stage) { return stage.outcomes.total() + stage.unsent; };
  EXPECT_EQ(due(run.result.stages[0]), 30u);
  EXPECT_EQ(due(run.result.stages[1]), 80u);
  EXPECT_EQ(run.result.stages[1].latency.response.count(), 80u);
  EXPECT_DOUBLE_EQ(run.result.stages[0].measured_s, 0.3);
  EXPECT_DOUBLE_EQ(run.result.stages[1].measured_s, 0.2);
}

TEST(LoadRun, PlainGetTakesAnyBody) {
  ScriptedServer server(
      [](const ReceivedRequest&) { return ScriptedReply{http_reply(200, "ok")}; });
  LoadPlan plan = small_plan(server.target(), 2);
  plan.get_path = "/livez";
  const Recorded run = run_recorded(plan);
  EXPECT_EQ(run.result.run_outcomes[Outcome::success], 200u);
  EXPECT_EQ(server.requests().front().path, "/livez");
  EXPECT_EQ(run.entries.size(), 400u);
}

TEST(LoadRun, AFullDiskStopsTheRunAndIsReportedOnce) {
  ScriptedServer server(seller(1'000'000));
  LoadPlan plan = small_plan(server.target(), 2);
  plan.max_operations.reset();
  plan.history_path = "/dev/full";
  const LoadResult result = run_load(plan);
  EXPECT_FALSE(result.recorder.ok);
  EXPECT_EQ(result.recorder.error, "No space left on device");
  EXPECT_FALSE(result.figure_valid);
  EXPECT_LT(result.run_s, 30);
}

}  // namespace
}  // namespace boxoffice::load
