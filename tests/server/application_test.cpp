// The whole server over sockets, with a strategy in memory and two tokens: 1|secret is user 10's,
// 2|secret an administrator's.
#include "server/application.hpp"

#include <gmock/gmock.h>
#include <sodium.h>

#include <atomic>
#include <boost/json.hpp>
#include <semaphore>

#include "eventually.hpp"
#include "memory_strategy.hpp"
#include "metrics_text.hpp"
#include "raw_client.hpp"
#include "server/server.hpp"

namespace boxoffice::server {
namespace {

namespace s = strategies;
namespace json = boost::json;
using namespace std::chrono_literals;
using test::eventually;
using test::RawClient;
using test::RawReply;

std::vector<s::Token> two_tokens(std::span<const s::TokenId> ids) {
  unsigned char digest[32];
  crypto_hash_sha256(digest, reinterpret_cast<const unsigned char*>("secret"), 6);
  char hex[65];
  sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
  std::vector<s::Token> tokens;
  for (const auto id : ids) {
    if (id.value <= 2)
      tokens.push_back(
          {id, {id.value * 10}, hex, id.value == 2 ? "admin" : "user", R"(["*"])", false});
  }
  return tokens;
}

class ApplicationTest : public testing::Test {
 protected:
  ApplicationTest() {
    memory.events[1] = {{1}, 3, {0}};
    ApplicationOptions options;
    options.strategy = std::make_unique<test::MemoryStrategy>(memory);
    options.database = {[] { return std::make_unique<s::Connection>(nullptr, s::SessionLimits{}); },
                        [](s::Connection&) {},
                        two_tokens,
                        [this] {
                          if (question_waits) question_is_held = true;
                          question_waits.wait(true);
                          return database_answers.load();
                        },
                        {"memory", "0", 0, 0, 0}};
    options.executor = {2, 3, 1};
    options.sweep_interval = 0s;
    application.emplace(std::move(options));
    application->start();
    ServerOptions server_options;
    server_options.port = 0;
    server.emplace(server_options, *application);
    server->start();
  }
  ~ApplicationTest() override {
    let_go();
    application->stop();
    server->stop();
  }

  RawReply ask(const std::string& method_and_path, const std::string& token = "1|secret",
               const std::string& body = {}, const std::string& more = {}) {
    RawClient client(server->port());
    return client.ask(request(method_and_path, token, body, more));
  }
  /// Sends it and waits until it is in the strategy, where it stays until let_go().
  void hold_reserve_of(RawClient& client) {
    memory.before_reserve = [this] {
      begun.release();
      go.wait(false);
    };
    client.send(request("POST /api/events/1/reserve", "1|secret"));
    ASSERT_TRUE(begun.try_acquire_for(10s));
  }
  void let_go() {
    go = true;
    go.notify_all();
    question_waits = false;
    question_waits.notify_all();
  }
  void expect_unfinished(std::int64_t requests) {
    EXPECT_TRUE(eventually([&] { return application->unfinished() >= requests; }));
  }
  void expect_ready(bool ready) {
    EXPECT_TRUE(eventually([&] { return (ask("GET /readyz").status == 200) == ready; }));
  }
  static std::string request(const std::string& method_and_path, const std::string& token,
                             const std::string& body = {}, const std::string& more = {}) {
    const auto authorization = token.empty() ? "" : "Authorization: Bearer " + token + "\r\n";
    return method_and_path + " HTTP/1.1\r\nHost: x\r\n" + authorization + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  static std::string code_of(const RawReply& reply) {
    return std::string(json::parse(reply.body).at("code").as_string());
  }

  test::Memory memory;
  std::counting_semaphore<> begun{0};
  std::atomic<bool> go = false;
  std::atomic<bool> database_answers = true;
  std::atomic<bool> question_waits = false, question_is_held = false;
  std::optional<Application> application;
  std::optional<Server> server;
};

TEST_F(ApplicationTest, ReservePurchaseCancel) {
  const auto made = ask("POST /api/events/1/reserve", "1|secret", R"({"quantity":2})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.headers.at("location"), "/api/reservations/1");
  EXPECT_EQ(made.headers.at("x-transaction-attempts"), "1");
  const auto body = json::parse(made.body);
  EXPECT_EQ(body.at("reservation").at("user_id"), 10);
  EXPECT_EQ(body.at("reservation").at("quantity"), 2);
  EXPECT_EQ(body.at("event"), json::value({{"id", 1}, {"available_tickets", 1}, {"version", 1}}));

  const auto again = ask("POST /api/events/1/reserve");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.headers.count("location"), 0U);

  EXPECT_EQ(ask("POST /api/reservations/1/purchase").status, 200);
  EXPECT_EQ(code_of(ask("POST /api/reservations/1/purchase")), "already_purchased");
  EXPECT_EQ(code_of(ask("DELETE /api/reservations/1")), "not_cancellable");
  EXPECT_EQ(ask("POST /api/events/1/reserve").status, 201);
  EXPECT_EQ(ask("DELETE /api/reservations/2").status, 200);
  EXPECT_EQ(code_of(ask("DELETE /api/reservations/2", "2|secret")), "reservation_not_found");
}

TEST_F(ApplicationTest, ARequestIdReachesTheReservation) {
  const std::string id = "206ad8ef-5564-4788-8b6f-cca85f9b25e8";
  ask("POST /api/events/1/reserve", "1|secret", {}, "X-Request-Id: " + id + "\r\n");
  EXPECT_EQ(memory.reservations.at(1).request_id, id);
}

TEST_F(ApplicationTest, SoldOutCarriesTheEventAndSweepsItFirst) {
  ask("POST /api/events/1/reserve", "1|secret", R"({"quantity":3})");
  const auto refused = ask("POST /api/events/1/reserve", "2|secret");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(code_of(refused), "sold_out");
  EXPECT_EQ(json::parse(refused.body).at("effect"), "none");
  EXPECT_EQ(json::parse(refused.body).at("event").at("version"), 1);
  EXPECT_EQ(memory.releases, 1);
  ask("POST /api/events/1/reserve", "2|secret");
  EXPECT_EQ(memory.releases, 1) << "not more often than the gate allows";
}

TEST_F(ApplicationTest, AReleasedHoldIsReservedAtOnce) {
  memory.events[1].available_tickets = 0;
  memory.expired_holds = 1;
  const auto made = ask("POST /api/events/1/reserve");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.headers.at("x-transaction-attempts"), "2") << "the refused try, and this one";
  const auto timed = [&] {
    return tests::MetricsText(ask("GET /metrics", "").body)
        .value("boxoffice_reserve_time_seconds_count", {{"part", "commit"}});
  };
  EXPECT_EQ(timed(), 0) << "part of its time is the sweep's";
  memory.events[1].available_tickets = 1;
  EXPECT_EQ(ask("POST /api/events/1/reserve", "2|secret").status, 201);
  EXPECT_EQ(timed(), 1);
}

TEST_F(ApplicationTest, WhoIsNotKnownOrNotAllowed) {
  for (const auto* token : {"", "1|guess", "3|secret", "secret", "|", "9223372036854775808|x"}) {
    const auto reply = ask("POST /api/events/1/reserve", token);
    EXPECT_EQ(reply.status, 401) << token;
    EXPECT_EQ(reply.headers.at("www-authenticate"), "Bearer");
  }
  EXPECT_EQ(ask("POST /api/events/1/reserve", "x", R"({"quantity":0})").status, 401)
      << "before any other mistake";
  EXPECT_EQ(code_of(ask("POST /api/admin/sweep")), "forbidden");
  EXPECT_TRUE(memory.reservations.empty());
}

TEST_F(ApplicationTest, BadInputHasItsOwnAnswer) {
  EXPECT_EQ(code_of(ask("POST /api/events/9223372036854775808/reserve")), "event_not_found");
  EXPECT_EQ(code_of(ask("POST /api/events/abc/reserve")), "event_not_found");
  EXPECT_EQ(code_of(ask("POST /api/events/2/reserve")), "event_not_found");
  EXPECT_EQ(code_of(ask("POST /api/reservations/x/purchase")), "reservation_not_found");
  EXPECT_EQ(code_of(ask("POST /api/events/1/reserve", "1|secret", "{")), "malformed_request");
  EXPECT_EQ(code_of(ask("POST /api/events/1/reserve", "1|secret", R"({"quantity":0})")),
            "validation_failed");
  EXPECT_EQ(
      ask("POST /api/events/1/reserve", "1|secret", "q=1", "Content-Type: text/plain\r\n").status,
      415);
  EXPECT_EQ(code_of(ask("GET /api")), "not_found");
  const auto wrong_method = ask("PATCH /api/events/1/reserve");
  EXPECT_EQ(wrong_method.status, 405);
  EXPECT_EQ(wrong_method.headers.at("allow"), "POST");
  EXPECT_TRUE(memory.reservations.empty());
}

TEST_F(ApplicationTest, FailuresAreMapped) {
  const std::pair<s::FailureCode, const char*> failures[] = {
      {s::FailureCode::lock_timeout, "lock_timeout"},
      {s::FailureCode::commit_unknown, "commit_unknown"},
      {s::FailureCode::retries_exhausted, "retries_exhausted"},
      {s::FailureCode::internal, "internal_error"}};
  for (const auto& [failure, code] : failures) {
    memory.before_reserve = [failure = failure] {
      throw s::Failure(failure, "secret words of the database");
    };
    const auto reply = ask("POST /api/events/1/reserve");
    EXPECT_EQ(code_of(reply), code);
    EXPECT_EQ(reply.headers.at("x-transaction-attempts"), "1");
    EXPECT_EQ(reply.body.find("secret words"), std::string::npos);
  }
  memory.before_reserve = [] { throw std::logic_error("a mistake of ours"); };
  EXPECT_EQ(ask("POST /api/events/1/reserve").status, 500);
}

TEST_F(ApplicationTest, AnAbsentDatabaseIsNotReadyUntilItAnswers) {
  database_answers = false;
  memory.before_reserve = [] { throw s::Failure(s::FailureCode::database_unavailable, "gone"); };
  EXPECT_EQ(code_of(ask("POST /api/events/1/reserve")), "database_unavailable");
  EXPECT_EQ(code_of(ask("GET /readyz")), "not_ready");
  EXPECT_EQ(ask("GET /livez").status, 200);
  database_answers = true;
  expect_ready(true);
}

// It answers, and reads are served as before: a balancer need not look away.
TEST_F(ApplicationTest, ADatabaseWithoutSpaceIsStillReady) {
  memory.before_reserve = [] { throw s::Failure(s::FailureCode::no_space, "could not extend"); };
  question_waits = true;  // so that a doubt would stay
  ASSERT_TRUE(eventually([&] { return question_is_held.load(); }));
  const auto held = std::chrono::steady_clock::now();
  const auto refused = ask("POST /api/events/1/reserve"), ready = ask("GET /readyz");
  if (std::chrono::steady_clock::now() - held > 1s)
    GTEST_SKIP() << "this machine stood still for so long that the question counts as unanswered";
  EXPECT_EQ(code_of(refused), "database_unavailable");
  EXPECT_EQ(ready.status, 200);
}

TEST_F(ApplicationTest, OnlyAReserveIsToldThatItsRequestIdFindsIt) {
  memory.before_reserve = [] { throw s::Failure(s::FailureCode::commit_unknown, "lost"); };
  EXPECT_THAT(ask("POST /api/events/1/reserve").body, ::testing::HasSubstr("X-Request-Id again"));
  memory.before_reserve = {};
  ask("POST /api/events/1/reserve");
  memory.before_cancel = [] { throw s::Failure(s::FailureCode::commit_unknown, "lost"); };
  const auto unknown = ask("DELETE /api/reservations/1");
  EXPECT_EQ(code_of(unknown), "commit_unknown");
  EXPECT_THAT(unknown.body, ::testing::Not(::testing::HasSubstr("X-Request-Id again")));
  EXPECT_THAT(unknown.body, ::testing::HasSubstr("may or may not have happened"));
}

TEST_F(ApplicationTest, WhileTheDatabaseIsAwayNothingWaitsForIt) {
  RawClient running(server->port()), waiting(server->port());
  hold_reserve_of(running);
  waiting.send(request("POST /api/events/1/reserve", "1|secret"));
  expect_unfinished(2);
  database_answers = false;
  expect_ready(false);
  application->expire(Clock::now());
  EXPECT_EQ(code_of(waiting.read_reply().value()), "database_unavailable");
  for (const auto* path : {"POST /api/events/1/reserve", "GET /api/reservations/1",
                           "POST /api/admin/sweep", "GET /api/events"}) {
    EXPECT_EQ(code_of(ask(path, "2|secret")), "database_unavailable") << path;
  }
  let_go();
  EXPECT_EQ(running.read_reply().value().status, 201) << "what runs may still end well";
  database_answers = true;
  expect_ready(true);
  EXPECT_EQ(ask("POST /api/events/1/reserve").status, 200);
}

TEST_F(ApplicationTest, WaitingEndsInRefusalWhenQueueOrTimeRunOut) {
  RawClient running(server->port()), second(server->port()), third(server->port()),
      fourth(server->port());
  const auto reserve = request("POST /api/events/1/reserve", "1|secret");
  hold_reserve_of(running);
  for (auto* client : {&second, &third, &fourth}) client->send(reserve);
  expect_unfinished(4);
  const auto refused = ask("POST /api/events/1/reserve");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(code_of(refused), "overloaded");
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  application->expire(Clock::now() + 1h);
  for (auto* client : {&second, &third, &fourth})
    EXPECT_EQ(code_of(client->read_reply().value()), "overloaded");
  let_go();
  EXPECT_EQ(running.read_reply().value().status, 201);
}

TEST_F(ApplicationTest, ProbesAndVersion) {
  EXPECT_EQ(ask("GET /livez", "").status, 200);
  EXPECT_EQ(ask("GET /readyz", "").status, 200);
  const auto version = json::parse(ask("GET /version", "").body);
  EXPECT_EQ(version.at("strategy"), "memory");
  EXPECT_EQ(version.at("event_concurrency"), 1);
  application->drain();
  EXPECT_EQ(code_of(ask("GET /readyz", "")), "not_ready");
  EXPECT_EQ(ask("GET /livez", "").status, 200);
}

TEST_F(ApplicationTest, StoppingAnswersWhatWaits) {
  RawClient running(server->port()), waiting(server->port());
  hold_reserve_of(running);
  waiting.send(request("POST /api/events/1/reserve", "2|secret"));
  expect_unfinished(2);
  application->refuse_waiting();
  EXPECT_EQ(code_of(waiting.read_reply().value()), "shutting_down");
  let_go();
  EXPECT_EQ(running.read_reply().value().status, 201);
}

}  // namespace
}  // namespace boxoffice::server
