// How often one may ask, over sockets: users, addresses, logins, and behind a proxy.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::HasSubstr;

class RateLimit : public ServerTest {
 protected:
  static void expect_refused(const Reply& reply) {
    EXPECT_EQ(429, reply.status()) << reply.raw.body;
    EXPECT_EQ("rate_limited", reply.text("/code"));
    EXPECT_EQ("none", reply.text("/effect"));
    EXPECT_EQ("0", reply.header("x-ratelimit-remaining"));
    const int seconds = std::stoi(reply.header("retry-after"));
    EXPECT_GE(seconds, 1);
    EXPECT_LE(seconds, 60);
  }
};

TEST_F(RateLimit, CountsAUserOverAllConnections) {
  RunningServer server = serve({"--rate-limit-user", "3"});
  for (int left = 2; left >= 0; --left) {
    const Reply reply = server.client(tokens_[1]).ask("GET", "/api/reservations");
    EXPECT_EQ(200, reply.status());
    EXPECT_EQ("3", reply.header("x-ratelimit-limit"));
    EXPECT_EQ(std::to_string(left), reply.header("x-ratelimit-remaining"));
  }
  expect_refused(server.client(tokens_[1]).reserve(1));
  EXPECT_EQ(0, sql_.number("SELECT count(*) FROM reservations"));
  EXPECT_EQ(201, server.client(tokens_[2]).reserve(1).status()) << "another user's count";
  EXPECT_EQ(200, server.client().ask("GET", "/api/events").status()) << "no user's at all";
}

TEST_F(RateLimit, CountsAnAddressWithoutATokenAndTheGuessesOfOne) {
  RunningServer server = serve({"--rate-limit-address", "3"});
  EXPECT_EQ(200, server.client().ask("GET", "/api/events").status());
  EXPECT_EQ(401, server.client("1|guess").ask("GET", "/api/user").status());
  EXPECT_EQ(401, server.client("2|guess").ask("GET", "/api/user").status());
  expect_refused(server.client("3|guess").ask("GET", "/api/user"));
  expect_refused(server.client().ask("GET", "/api/events"));
  EXPECT_EQ(201, server.client(tokens_[1]).reserve(1).status()) << "who is known is no guess";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(200, server.client().ask("GET", "/livez").status());
}

// Who is logged in and looks at an event again and again was refused as a stranger after 20 times.
TEST_F(RateLimit, WhoIsKnownIsCountedAsAUserWhereNobodyHasToBe) {
  RunningServer server = serve({"--rate-limit-address", "1", "--rate-limit-user", "5"});
  Client known = server.client(tokens_[1]);
  EXPECT_EQ(200, known.ask("GET", "/api/user").status());
  for (int left = 3; left > 0; --left) {
    const Reply reply = known.ask("GET", "/api/events/1");
    EXPECT_EQ(200, reply.status());
    EXPECT_EQ("5", reply.header("x-ratelimit-limit"));
    EXPECT_EQ(std::to_string(left), reply.header("x-ratelimit-remaining"));
  }
  EXPECT_EQ(200, server.client("1|guess").ask("GET", "/api/events/1").status());
  expect_refused(server.client("1|guess").ask("GET", "/api/events/1"));
  EXPECT_EQ(429, known.ask("POST", "/api/login", "{}").status()) << "an account is nobody's yet";
}

TEST_F(RateLimit, BehindAProxyTheClientIsCounted) {
  RunningServer server = serve({"--rate-limit-address", "1", "--trusted-proxies", "127.0.0.0/8"});
  const auto from = [&](const std::string& forwarded) {
    return server.client().ask("GET", "/api/events", "", "X-Forwarded-For: " + forwarded + "\r\n");
  };
  EXPECT_EQ(200, from("203.0.113.1").status());
  EXPECT_EQ(200, from("203.0.113.2").status());
  expect_refused(from("203.0.113.1"));
  expect_refused(from("198.51.100.7, 203.0.113.2"));
}

TEST_F(RateLimit, FailedLoginsOfAnAccountAreFew) {
  RunningServer server = serve({"--rate-limit-logins", "2"});
  const auto attempt = [&](const std::string& email) {
    return server.client().ask(
        "POST", "/api/login",
        fmt::format(R"({{"email":"{}","password":"guess","device_name":"x"}})", email));
  };
  EXPECT_EQ(401, attempt("user2@example.test").status());
  EXPECT_EQ(401, attempt("USER2@example.test").status());
  EXPECT_EQ(429, attempt("user2@example.test").status());
  EXPECT_EQ(401, attempt("user3@example.test").status());
}

// Each is compared for tens of milliseconds, and was counted after that: all of them were let in.
TEST_F(RateLimit, FailedLoginsAtTheSameTimeAreAsFew) {
  RunningServer server = serve({"--rate-limit-logins", "3", "--password-threads", "4"});
  const auto body = [](const std::string& email, const std::string& password) {
    return fmt::format(R"({{"email":"{}","password":"{}","device_name":"x"}})", email, password);
  };
  std::atomic<int> compared = 0, refused = 0;
  {
    std::vector<std::jthread> guesses;
    for (int i = 0; i < 12; ++i) {
      guesses.emplace_back([&] {
        const int status =
            server.client().ask("POST", "/api/login", body("user2@example.test", "guess")).status();
        ++(status == 401 ? compared : refused);
        EXPECT_TRUE(status == 401 || status == 429) << status;
      });
    }
  }
  EXPECT_EQ(3, compared);
  EXPECT_EQ(9, refused);
  Client ada = server.client();
  ASSERT_EQ(201, ada.ask("POST", "/api/register",
                         R"({"name":"Ada","email":"ada@example.test","password":"correct horse"})")
                     .status());
  for (int i = 0; i < 5; ++i) {
    const auto in = ada.ask("POST", "/api/login", body("ada@example.test", "correct horse"));
    EXPECT_EQ(200, in.status()) << "who succeeds is not counted";
  }
}

TEST_F(RateLimit, WhatOneMayNotDoCountsToo) {
  RunningServer server = serve({"--rate-limit-user", "2"});
  Client buyer = server.client(tokens_[1]);
  EXPECT_EQ(403, buyer.ask("GET", "/api/admin/invariants").status());
  EXPECT_EQ("0", buyer.ask("GET", "/api/admin/invariants").header("x-ratelimit-remaining"));
  expect_refused(buyer.ask("GET", "/api/admin/invariants"));
}

TEST_F(RateLimit, IsSixtyAMinuteOfAUserAndTwentyOfAnAddressUnlessToldOtherwise) {
  const Ran shown =
      run_program(workspace_, "boxoffice-server", {"--print-config", "--database", url_});
  for (const char* limit :
       {"rate_limit_user = 60", "rate_limit_address = 20", "rate_limit_logins = 5"})
    EXPECT_NE(std::string::npos, shown.out.find(limit)) << shown.out;
}

TEST_F(RateLimit, ChangesWithASighup) {
  const auto file = workspace_.path() / "server.toml";
  std::ofstream(file) << "rate_limit_logins = 0\nrate_limit_user = 0\nrate_limit_address = 0\n";
  RunningServer server = serve({"--config", file.string(), "--log-level", "info"});
  EXPECT_EQ(200, server.client(tokens_[1]).ask("GET", "/api/user").status());
  std::ofstream(file) << "rate_limit_logins = 1\nrate_limit_user = 7\nrate_limit_address = 1000\n";
  server.program().process().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] {
    return server.program().err().find("Setting changed") != std::string::npos;
  })) << server.program().err();
  const std::string body = R"({"email":"user2@example.test","password":"guess","device_name":"x"})";
  EXPECT_TRUE(
      eventually([&] { return server.client().ask("POST", "/api/login", body).status() == 429; }));
  const auto limit = [](Client client) {
    return client.ask("GET", "/api/events").header("x-ratelimit-limit");
  };
  EXPECT_EQ("7", limit(server.client(tokens_[1])));
  EXPECT_EQ("1000", limit(server.client()));
}

}  // namespace
}  // namespace boxoffice::tests
